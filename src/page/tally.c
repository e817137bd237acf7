/* SPDX-License-Identifier: MIT */
#include "page/tally.h"

#include <string.h>

#define OLD_KEY_DAYS 90

static const int64_t age_limits[TALLY_AGES - 1] = {90, 180, 365, 730};
static const int64_t use_limits[TALLY_LAST_USES - 3] = {7, 30, 60, 90, 180, 365};

void tally_init(struct tally *t, int64_t started_s)
{
    *t = (struct tally){.started_s = started_s};
}

fact_set tally_unknown(const struct account *account, const struct user *user)
{
    return user->unknown | account->unknown;
}

static enum tally_answer answer_of(bool yes, fact_set unknown, enum fact fact)
{
    if (unknown & FACT_BIT(fact))
        return TALLY_UNKNOWN;
    return yes ? TALLY_YES : TALLY_NO;
}

static size_t band_of(int64_t days, const int64_t *limits, size_t count)
{
    size_t band = 0;
    while (band < count && days > limits[band])
        band++;
    return band;
}

/* By the names of mfa_device_kind. */
static enum tally_mfa device_of(struct view serial)
{
    static const char *const names[] = {[TALLY_PASSKEY] = "passkey",
                                        [TALLY_TOKEN] = "token",
                                        [TALLY_VIRTUAL] = "virtual",
                                        [TALLY_SMS] = "sms"};
    const char *kind = mfa_device_kind(serial);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], kind) == 0)
            return (enum tally_mfa)i;
    return TALLY_TOKEN;
}

enum tally_mfa tally_mfa_of(const struct user *user, fact_set unknown)
{
    enum tally_mfa best = TALLY_NO_MFA;
    if (unknown & FACT_BIT(FACT_MFA))
        return TALLY_MFA_UNKNOWN;
    if (!user->has_mfa)
        return TALLY_NO_MFA;
    if (unknown & FACT_BIT(FACT_MFA_DEVICES))
        return TALLY_MFA_UNKNOWN;
    for (const struct name *device = user->mfa_devices; device; device = device->next)
        if (device_of(device->text) < best)
            best = device_of(device->text);
    return best == TALLY_NO_MFA ? TALLY_MFA_UNKNOWN : best;
}

/* Somebody who may be a person counts as unknown, not as a machine. */
static void count_mfa(struct tally *t, const struct user *user, fact_set unknown,
                      enum user_kind kind)
{
    bool may_be_person = kind == KIND_UNKNOWN && (unknown & FACT_BIT(FACT_PASSWORD));
    if (kind == KIND_HUMAN) {
        enum tally_answer admin = answer_of(user->is_admin, unknown, FACT_ADMIN);
        t->mfa[admin][tally_mfa_of(user, unknown)]++;
    }
    if (kind != KIND_HUMAN && !may_be_person)
        return;
    if ((unknown & FACT_BIT(FACT_MFA)) || (!user->has_mfa && may_be_person))
        t->mfa_unknown++;
    else if (!user->has_mfa)
        t->no_mfa++;
}

static enum tally_use use_of(const struct tally *t, const struct access_key *key)
{
    if (key->use_unknown)
        return USE_UNKNOWN;
    if (key->last_used_s == TIMESTAMP_NONE)
        return USE_NEVER;
    int64_t days = timestamp_age_days(key->last_used_s, t->started_s);
    if (days <= 30)
        return USE_30;
    return days <= 90 ? USE_90 : USE_LONGER;
}

static void count_keys(struct tally *t, const struct user *user, fact_set unknown)
{
    if (unknown & FACT_BIT(FACT_KEYS)) {
        t->old_keys_unknown++;
        t->credentials[TALLY_KEY][TALLY_UNKNOWN]++;
        return;
    }
    for (const struct access_key *key = user->keys; key; key = key->next) {
        bool active = access_key_is_active(key);
        int64_t days = timestamp_age_days(key->created_s, t->started_s);
        t->credentials[TALLY_KEY][active ? TALLY_YES : TALLY_NO]++;
        if (!active)
            continue;
        t->keys[band_of(days, age_limits, TALLY_AGES - 1)][use_of(t, key)]++;
        t->old_keys += days > OLD_KEY_DAYS;
    }
}

/* The latest use of a password or any key; what is unknown may be later, so it decides. */
static void count_last_use(struct tally *t, const struct user *user, fact_set unknown)
{
    int64_t last = user_last_activity_s(user);
    bool knows = !(unknown & (FACT_BIT(FACT_PASSWORD_USED) | FACT_BIT(FACT_KEYS) |
                              FACT_BIT(FACT_KEYS_USED))) &&
                 !user_key_use_unknown(user);
    if (!(unknown & FACT_BIT(FACT_PASSWORD_USED)) && user->password_used_s > last)
        last = user->password_used_s;
    if (last != TIMESTAMP_NONE &&
        (knows || timestamp_age_days(last, t->started_s) <= use_limits[0]))
        t->last_uses[band_of(timestamp_age_days(last, t->started_s), use_limits,
                             TALLY_LAST_USES - 3)]++;
    else
        t->last_uses[knows ? TALLY_LAST_USES - 2 : TALLY_LAST_USES - 1]++;
}

static void count_certificates(uint64_t counts[TALLY_ANSWERS], const struct certificate *list,
                               bool unknown)
{
    if (unknown)
        counts[TALLY_UNKNOWN]++;
    for (const struct certificate *c = unknown ? NULL : list; c; c = c->next)
        counts[view_is(c->status, "Active") ? TALLY_YES : TALLY_NO]++;
}

static void count_credentials(struct tally *t, const struct user *user, fact_set unknown)
{
    uint64_t *passwords = t->credentials[TALLY_PASSWORD];
    uint64_t *services = t->credentials[TALLY_SERVICE_CREDENTIAL];
    if (unknown & FACT_BIT(FACT_PASSWORD))
        passwords[TALLY_UNKNOWN]++;
    else if (user->has_password)
        passwords[TALLY_YES]++;
    count_certificates(t->credentials[TALLY_CERTIFICATE], user->certificates,
                       (unknown & FACT_BIT(FACT_CERTIFICATES)) != 0);
    count_certificates(t->credentials[TALLY_SSH_KEY], user->ssh_keys,
                       (unknown & FACT_BIT(FACT_SSH_KEYS)) != 0);
    if (unknown & FACT_BIT(FACT_SERVICE_CREDENTIALS)) {
        services[TALLY_UNKNOWN]++;
        return;
    }
    for (const struct service_credential *c = user->service_credentials; c; c = c->next)
        services[view_is(c->status, "Active") ? TALLY_YES : TALLY_NO]++;
}

static void count_user(struct tally *t, const struct account *account, const struct user *user)
{
    fact_set unknown = tally_unknown(account, user);
    enum user_kind kind = user_kind(user, unknown);
    t->users++;
    t->kinds[kind]++;
    t->admins[answer_of(user->is_admin, unknown, FACT_ADMIN)]++;
    count_mfa(t, user, unknown, kind);
    count_keys(t, user, unknown);
    count_last_use(t, user, unknown);
    count_credentials(t, user, unknown);
}

static void count_root(struct tally *t, const struct account *a)
{
    const struct root_user *root = &a->root;
    fact_set unknown = a->outcome == OUTCOME_FAILED ? ~(fact_set)0 : a->unknown;
    bool hardware = root->has_mfa && root->mfa_kind == ROOT_MFA_HARDWARE;
    fact_set of_hardware = unknown & FACT_BIT(FACT_ROOT_MFA) ? ~(fact_set)0 : unknown;
    if (!(unknown & FACT_BIT(FACT_ROOT_MFA)) && !root->has_mfa)
        of_hardware = 0;
    t->roots[TALLY_ROOT_PASSWORD][answer_of(root->has_password, unknown, FACT_ROOT_PASSWORD)]++;
    t->roots[TALLY_ROOT_MFA][answer_of(root->has_mfa, unknown, FACT_ROOT_MFA)]++;
    t->roots[TALLY_ROOT_HARDWARE][answer_of(hardware, of_hardware, FACT_ROOT_MFA_KIND)]++;
    t->roots[TALLY_ROOT_KEY][answer_of(root->has_keys, unknown, FACT_ROOT_KEYS)]++;
    t->roots[TALLY_ROOT_CERTIFICATE]
            [answer_of(root->has_certificates, unknown, FACT_ROOT_CERTIFICATES)]++;
}

void tally_account(struct tally *t, const struct account *account)
{
    t->accounts++;
    t->failed += account->outcome == OUTCOME_FAILED;
    t->partial += account->outcome == OUTCOME_PARTIAL;
    count_root(t, account);
    for (size_t i = 0; account->outcome != OUTCOME_FAILED && i < account->user_count; i++)
        count_user(t, account, account->users[i]);
}
