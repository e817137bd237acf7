/* SPDX-License-Identifier: MIT */
/* The rules about one credential of a user: an access key, a service credential, a certificate. */
#include "rules/judgement.h"

#define SETUP_S 60 /* a key made within this of the user was made by the form that makes users */

static bool is_active(struct view status)
{
    return view_is(status, "Active");
}

/* Key was never used; missing if that is not known. */
static struct truth is_never_used(const struct access_key *key)
{
    return key->use_unknown ? missing(COLUMN_KEY_USED) : known(key->last_used_s == TIMESTAMP_NONE);
}

/* d(created) of the key >= days. */
static struct truth key_reaches(const struct judging *j, int64_t days)
{
    return judging_reaches_of_user(j, j->key->created_s, days, COLUMN_KEY_CREATED);
}

/* Used: d(last used) >= N. Never used: d(created) >= N. Use unknown: false if d(created) < N. */
static struct truth is_unused(const struct judging *j)
{
    const struct access_key *key = j->key;
    if (key->use_unknown)
        return both(key_reaches(j, j->limit), missing(COLUMN_KEY_USED));
    if (key->last_used_s != TIMESTAMP_NONE)
        return known(judging_days(j, key->last_used_s) >= j->limit);
    return key_reaches(j, j->limit);
}

/* Fails if the key is active and unused for N days. */
void judge_user_key_unused(const struct judging *j, struct judgement *out)
{
    const struct access_key *key = j->key;
    bool is_used = !key->use_unknown && key->last_used_s != TIMESTAMP_NONE;
    out->fails = both(known(access_key_is_active(key)), is_unused(j));
    out->reason = is_used ? "the active key was last used {days} ago; the limit is {limit}"
                          : "the active key is {days} old and was never used; the limit is {limit}";
    if (!key->use_unknown)
        judgement_date(j, out, is_used ? key->last_used_s : key->created_s, j->limit);
}

/* Fails if the key is active and d(created) > N. */
void judge_user_key_age(const struct judging *j, struct judgement *out)
{
    out->fails = both(known(access_key_is_active(j->key)), key_reaches(j, j->limit + 1));
    out->reason = "the key is {days} old; the limit is {limit}";
    judgement_date(j, out, j->key->created_s, j->limit + 1);
}

static struct truth is_made_with_user(const struct judging *j)
{
    int64_t key_s = j->key->created_s, user_s = j->user->created_s;
    if (key_s == TIMESTAMP_NONE)
        return missing(COLUMN_KEY_CREATED);
    if (user_s == TIMESTAMP_NONE)
        return missing(COLUMN_CREATED);
    return known(key_s - user_s <= SETUP_S && user_s - key_s <= SETUP_S);
}

/* Fails if console access, the key active and never used, created within 60 s of the user. */
void judge_user_key_at_setup(const struct judging *j, struct judgement *out)
{
    const struct truth has_console =
        judging_fact(j, FACT_PASSWORD, j->user->has_password, COLUMN_CONSOLE_ACCESS);
    out->fails = both(both(has_console, known(access_key_is_active(j->key))),
                      both(is_never_used(j->key), is_made_with_user(j)));
    out->reason = "the key was made together with the user, who has console access, and was never "
                  "used";
    out->since_s = j->key->created_s;
}

/* The later of created and last used. */
static int64_t key_latest_s(const struct access_key *key)
{
    return key->last_used_s > key->created_s ? key->last_used_s : key->created_s;
}

/*
 * d(later of created and last used) >= N: both dates are as old as that. If one is unknown, the
 * other can still show that it is not.
 */
static struct truth is_long_inactive(const struct judging *j)
{
    const struct access_key *key = j->key;
    struct truth used = key->use_unknown ? missing(COLUMN_KEY_USED) : known(true);
    if (!key->use_unknown && key->last_used_s != TIMESTAMP_NONE)
        used = known(judging_days(j, key->last_used_s) >= j->limit);
    return both(key_reaches(j, j->limit), used);
}

/* Fails if the key is inactive and d(later of created and last used) >= N. */
void judge_user_inactive_key(const struct judging *j, struct judgement *out)
{
    out->fails = both(known(!access_key_is_active(j->key)), is_long_inactive(j));
    out->reason = "the key is inactive, and was made or last used {days} ago; the limit is {limit}";
    if (!j->key->use_unknown && j->key->created_s != TIMESTAMP_NONE)
        judgement_date(j, out, key_latest_s(j->key), j->limit);
}

/* The services whose credentials can be made to end: API keys of Bedrock and CloudWatch Logs. */
static bool can_end(struct view service)
{
    return view_starts_with(service, "bedrock.") || view_starts_with(service, "logs.");
}

/* Fails if active, never ends, and of a service whose credentials can end. */
void judge_user_api_key_no_expiry(const struct judging *j, struct judgement *out)
{
    const struct service_credential *c = j->credential;
    out->fails =
        known(is_active(c->status) && c->expires_s == TIMESTAMP_NONE && can_end(c->service));
    out->reason = "the API key never ends";
    out->since_s = c->created_s;
}

/* Fails if active and d(created) > N. */
void judge_user_service_credential_age(const struct judging *j, struct judgement *out)
{
    const struct service_credential *c = j->credential;
    out->fails = both(
        known(is_active(c->status)),
        judging_reaches_of_user(j, c->created_s, j->limit + 1, COLUMN_SERVICE_CREDENTIAL_CREATED));
    out->reason = "the service credential is {days} old; the limit is {limit}";
    judgement_date(j, out, c->created_s, j->limit + 1);
}

/* Fails if active and d(uploaded) > N. */
void judge_user_certificate_age(const struct judging *j, struct judgement *out)
{
    const struct certificate *c = j->certificate;
    out->fails =
        both(known(is_active(c->status)),
             judging_reaches_of_user(j, c->uploaded_s, j->limit + 1, COLUMN_CERTIFICATE_UPLOADED));
    out->reason = "the certificate was uploaded {days} ago; the limit is {limit}";
    judgement_date(j, out, c->uploaded_s, j->limit + 1);
}
