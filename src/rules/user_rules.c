/* SPDX-License-Identifier: MIT */
/* The rules about a user as a whole. */
#include "rules/judgement.h"

#include "census/kind.h"

static struct truth has_console(const struct judging *j)
{
    return judging_fact(j, FACT_PASSWORD, j->user->has_password, COLUMN_CONSOLE_ACCESS);
}

static struct truth has_mfa(const struct judging *j)
{
    return judging_fact(j, FACT_MFA, j->user->has_mfa, COLUMN_MFA);
}

static struct truth is_admin(const struct judging *j)
{
    return judging_fact(j, FACT_ADMIN, j->user->is_admin, COLUMN_ADMIN);
}

/* Fails if console access and no MFA. */
void judge_user_console_mfa(const struct judging *j, struct judgement *out)
{
    out->fails = both(has_console(j), no(has_mfa(j)));
    out->reason = "the user has console access and no MFA";
}

/* Fails if administrator, console access, no MFA. */
void judge_user_admin_console_mfa(const struct judging *j, struct judgement *out)
{
    out->fails = both(is_admin(j), both(has_console(j), no(has_mfa(j))));
    out->reason = "the user is an administrator with console access and no MFA";
}

/* The date that the password was last changed; TIMESTAMP_NONE if that is not known. */
static int64_t changed_s(const struct judging *j)
{
    return judging_knows(j, FACT_PASSWORD_CHANGED) ? j->user->password_changed_s : TIMESTAMP_NONE;
}

/* d(password last changed) >= days. If the date is unknown: false if d(user created) < days. */
static struct truth password_reaches(const struct judging *j, int64_t days)
{
    return judging_reaches_of_user(j, changed_s(j), days, COLUMN_PASSWORD_CHANGED);
}

/*
 * Last sign-in known: d >= N. Never: d(password last changed) >= N. If it is unknown which, it is
 * false for a user who is not that old.
 */
static struct truth is_password_unused(const struct judging *j)
{
    const struct user *u = j->user;
    if (!judging_knows(j, FACT_PASSWORD_USED)) {
        column_set also = changed_s(j) == TIMESTAMP_NONE ? COLUMN_BIT(COLUMN_PASSWORD_CHANGED) : 0;
        struct truth unknown = {TRUTH_UNKNOWN, COLUMN_BIT(COLUMN_SIGN_IN) | also};
        return both(judging_reaches(j, u->created_s, j->limit, COLUMN_CREATED), unknown);
    }
    if (u->password_used_s != TIMESTAMP_NONE)
        return known(judging_days(j, u->password_used_s) >= j->limit);
    return password_reaches(j, j->limit);
}

/* Fails if console access, and the password unused for N days. */
void judge_user_password_unused(const struct judging *j, struct judgement *out)
{
    bool knows = judging_knows(j, FACT_PASSWORD_USED);
    bool is_used = knows && j->user->password_used_s != TIMESTAMP_NONE;
    out->fails = both(has_console(j), is_password_unused(j));
    out->reason = is_used ? "the last console sign-in was {days} ago; the limit is {limit}"
                          : "the password was set {days} ago and never used; the limit is {limit}";
    if (knows)
        judgement_date(j, out, is_used ? j->user->password_used_s : changed_s(j), j->limit);
}

/* Fails if console access, no MFA, d(password last changed) > N. */
void judge_user_password_age(const struct judging *j, struct judgement *out)
{
    out->fails = both(both(has_console(j), no(has_mfa(j))), password_reaches(j, j->limit + 1));
    out->reason = "the password is {days} old, and there is no MFA; the limit is {limit}";
    judgement_date(j, out, changed_s(j), j->limit + 1);
}

/* When the user got the second of its active keys; TIMESTAMP_NONE if a date is missing. */
static int64_t second_key_s(const struct user *u)
{
    const struct access_key *first = user_active_key(u, 0), *second = user_active_key(u, 1);
    bool known_dates = first && second && first->created_s != TIMESTAMP_NONE;
    return known_dates ? second->created_s : TIMESTAMP_NONE;
}

/* Fails if two or more active keys. */
void judge_user_two_active_keys(const struct judging *j, struct judgement *out)
{
    int64_t count = 0;
    for (const struct access_key *k = j->user->keys; k; k = k->next)
        count += access_key_is_active(k);
    out->fails = judging_fact(j, FACT_KEYS, count >= 2, COLUMN_KEYS);
    out->reason = "the user has {value} active access keys";
    out->has_value = true;
    out->value = count;
    out->since_s = second_key_s(j->user);
}

/* Fails if a policy is attached to the user, or an inline one. */
void judge_user_direct_policy(const struct judging *j, struct judgement *out)
{
    const struct truth attached =
        judging_fact(j, FACT_POLICIES, j->user->policies != NULL, COLUMN_POLICIES);
    const struct truth is_inline = judging_fact(
        j, FACT_INLINE_POLICIES, j->user->inline_policies != NULL, COLUMN_INLINE_POLICIES);
    out->fails = either(attached, is_inline);
    out->reason = attached.is == TRUTH_YES ? "a policy is attached to the user itself"
                                           : "the user has an inline policy";
}

/* Fails if administrator. */
void judge_user_admin(const struct judging *j, struct judgement *out)
{
    out->fails = is_admin(j);
    out->reason = "the user is an administrator";
}

static struct truth has_active_service_credential(const struct judging *j)
{
    return judging_fact(j, FACT_SERVICE_CREDENTIALS, user_has_active_service_credential(j->user),
                        COLUMN_SERVICE_CREDENTIALS);
}

static struct truth has_active_certificate(const struct judging *j)
{
    return judging_fact(j, FACT_CERTIFICATES, user_has_active_certificate(j->user),
                        COLUMN_CERTIFICATES);
}

/* The opposite of kind 'none'. */
static struct truth has_credential(const struct judging *j)
{
    const struct truth has_key =
        judging_fact(j, FACT_KEYS, user_active_key(j->user, 0) != NULL, COLUMN_KEYS);
    return either(either(has_console(j), has_key),
                  either(has_active_service_credential(j), has_active_certificate(j)));
}

/* The use at 's' is within N days. */
static bool is_within(const struct judging *j, int64_t s)
{
    return s != TIMESTAMP_NONE && judging_days(j, s) < j->limit;
}

/* A key of the user was used within N days. */
static struct truth is_key_used(const struct judging *j)
{
    struct truth used = known(false);
    if (!judging_knows(j, FACT_KEYS))
        return missing(COLUMN_KEYS);
    for (const struct access_key *k = j->user->keys; k; k = k->next)
        used = either(used, k->use_unknown ? missing(COLUMN_KEY_USED)
                                           : known(is_within(j, k->last_used_s)));
    return used;
}

/*
 * A service credential or certificate was used within N days: AWS records no use of them, so that
 * it is unknown if there is one, or may be one.
 */
static struct truth is_unrecorded_used(const struct judging *j)
{
    const struct truth credential = has_active_service_credential(j);
    const struct truth certificate = has_active_certificate(j);
    return either(credential.is == TRUTH_NO ? credential : missing(COLUMN_SERVICE_CREDENTIALS),
                  certificate.is == TRUTH_NO ? certificate : missing(COLUMN_CERTIFICATES));
}

/* True if all uses are known that there can have been. */
static bool is_use_known(const struct judging *j)
{
    return judging_knows(j, FACT_PASSWORD_USED) && is_key_used(j).is != TRUTH_UNKNOWN &&
           !user_key_use_unknown(j->user) && is_unrecorded_used(j).is == TRUTH_NO;
}

/* The latest of creation, console sign-in and key use. */
static int64_t latest_s(const struct user *u)
{
    int64_t latest = user_last_activity_s(u);
    latest = u->password_used_s > latest ? u->password_used_s : latest;
    return u->created_s > latest ? u->created_s : latest;
}

/* Fails if an active credential, d(user created) >= N, no console or key use within N. */
void judge_user_dormant(const struct judging *j, struct judgement *out)
{
    const struct truth signed_in =
        judging_fact(j, FACT_PASSWORD_USED, is_within(j, j->user->password_used_s), COLUMN_SIGN_IN);
    const struct truth used = either(signed_in, either(is_key_used(j), is_unrecorded_used(j)));
    const struct truth is_old = judging_reaches(j, j->user->created_s, j->limit, COLUMN_CREATED);
    out->fails = both(both(has_credential(j), is_old), no(used));
    out->reason = "nobody has used the user for {days}; the limit is {limit}";
    if (user_has_active_service_credential(j->user) || user_has_active_certificate(j->user))
        out->if_unknown = "AWS records no use of service credentials and certificates, and the "
                          "user has an active one";
    if (is_use_known(j))
        judgement_date(j, out, latest_s(j->user), j->limit);
}

/* Fails if kind 'none' and d(created) >= N. */
void judge_user_no_credential(const struct judging *j, struct judgement *out)
{
    out->fails = both(no(has_credential(j)),
                      judging_reaches(j, j->user->created_s, j->limit, COLUMN_CREATED));
    out->reason = "the user is {days} old and has no active credential; the limit is {limit}";
    judgement_date(j, out, j->user->created_s, j->limit);
}

static bool has_tag(const struct user *u, struct view key)
{
    const struct tag *t = u->tags;
    while (t && !view_equal(t->key, key))
        t = t->next;
    return t != NULL;
}

/* True if one of the comma-separated keys is not among the user's tags. */
static bool lacks_tag(const struct user *u, struct view keys)
{
    while (keys.len > 0) {
        const char *comma = memchr(keys.ptr, ',', keys.len);
        size_t len = comma ? (size_t)(comma - keys.ptr) : keys.len;
        if (!has_tag(u, view_trim((struct view){keys.ptr, len})))
            return true;
        keys.ptr += len + (comma != NULL);
        keys.len -= len + (comma != NULL);
    }
    return false;
}

/* Fails if one of the tag keys is missing. */
void judge_user_tag(const struct judging *j, struct judgement *out)
{
    out->fails = judging_fact(j, FACT_TAGS, lacks_tag(j->user, j->tag_keys), COLUMN_TAGS);
    out->reason = "the user lacks one of the tags {keys}";
}

/* Fails if no permissions boundary. */
void judge_user_boundary(const struct judging *j, struct judgement *out)
{
    out->fails = judging_fact(j, FACT_BOUNDARY, !j->user->boundary.ptr, COLUMN_BOUNDARY);
    out->reason = "the user has no permissions boundary";
}
