/* SPDX-License-Identifier: MIT */
/* The rules about an account: its root user and its password policy. */
#include "rules/judgement.h"

/* AWS's own policy, which applies if an account has none: at least 8 characters, any reuse. */
#define DEFAULT_LENGTH 8

static struct truth has_root_password(const struct judging *j)
{
    return judging_fact(j, FACT_ROOT_PASSWORD, j->account->root.has_password, COLUMN_ROOT_PASSWORD);
}

/* A device of a known kind is MFA, even if the account summary could not be read. */
static struct truth has_root_mfa(const struct judging *j)
{
    if (judging_knows(j, FACT_ROOT_MFA_KIND) && !judging_knows(j, FACT_ROOT_MFA))
        return known(j->account->root.mfa_kind != ROOT_MFA_NONE);
    return judging_fact(j, FACT_ROOT_MFA, j->account->root.has_mfa, COLUMN_ROOT_MFA);
}

static struct truth has_root_keys(const struct judging *j)
{
    return judging_fact(j, FACT_ROOT_KEYS, j->account->root.has_keys, COLUMN_ROOT_KEYS);
}

/* In aws-us-gov an account's root user can't sign in to the console. */
static bool is_us_gov(const struct judging *j)
{
    return view_is(j->account->partition, "aws-us-gov");
}

/* Fails if an access key of the root user is present. */
void judge_root_access_key(const struct judging *j, struct judgement *out)
{
    out->fails = has_root_keys(j);
    out->reason = "the root user has an active access key";
}

/* Fails if the root user has a password and no MFA. */
void judge_root_mfa(const struct judging *j, struct judgement *out)
{
    out->not_applicable = is_us_gov(j);
    out->fails = both(has_root_password(j), no(has_root_mfa(j)));
    out->reason = "the root user has a password and no MFA";
}

/* MFA is off or virtual. A kind that is known tells whether there is MFA too. */
static struct truth is_mfa_off_or_virtual(const struct judging *j)
{
    if (judging_knows(j, FACT_ROOT_MFA_KIND))
        return known(j->account->root.mfa_kind != ROOT_MFA_HARDWARE);
    return either(no(has_root_mfa(j)), missing(COLUMN_ROOT_MFA_KIND));
}

/* Fails if the root user has a password, and its MFA is off or virtual. */
void judge_root_hardware_mfa(const struct judging *j, struct judgement *out)
{
    const struct root_user *root = &j->account->root;
    bool is_virtual = judging_knows(j, FACT_ROOT_MFA_KIND) && root->mfa_kind == ROOT_MFA_VIRTUAL;
    out->not_applicable = is_us_gov(j);
    out->fails = both(has_root_password(j), is_mfa_off_or_virtual(j));
    out->reason = is_virtual ? "the root user's MFA is a virtual device"
                             : "the root user has a password and no MFA";
}

/* Fails if d(latest use of the root user's password or keys) < N. */
void judge_root_use(const struct judging *j, struct judgement *out)
{
    int64_t used_s = j->account->root.used_s;
    bool is_recent = used_s != TIMESTAMP_NONE && judging_days(j, used_s) < j->limit;
    out->fails = judging_fact(j, FACT_ROOT_USED, is_recent, COLUMN_ROOT_USED);
    out->reason = "the root user was used {days} ago; the limit is {limit}";
    judgement_date(j, out, used_s, 0);
}

/* Fails if the root user has a signing certificate. */
void judge_root_certificate(const struct judging *j, struct judgement *out)
{
    out->fails = judging_fact(j, FACT_ROOT_CERTIFICATES, j->account->root.has_certificates,
                              COLUMN_ROOT_CERTIFICATES);
    out->reason = "the root user has an active signing certificate";
}

/* Fails if a member account has a root password or key. */
void judge_root_credentials(const struct judging *j, struct judgement *out)
{
    struct truth present = either(has_root_password(j), has_root_keys(j));
    bool knows = judging_knows(j, FACT_MANAGEMENT);
    out->not_applicable = knows && j->account->is_management;
    /* Whether the rule applies is part of the answer, even if there is no credential. */
    out->fails =
        knows ? present
              : (struct truth){TRUTH_UNKNOWN, present.missing | COLUMN_BIT(COLUMN_MANAGEMENT)};
    out->reason = "the root user of this member account has a password or an active access key";
}

/* Fails if the minimum length of passwords < N. */
void judge_password_policy_length(const struct judging *j, struct judgement *out)
{
    const struct password_policy *policy = &j->account->password_policy;
    out->has_value = true;
    out->value = policy->is_default ? DEFAULT_LENGTH : policy->minimum_length;
    out->fails =
        judging_fact(j, FACT_PASSWORD_POLICY, out->value < j->limit, COLUMN_PASSWORD_POLICY);
    out->reason = policy->is_default
                      ? "the account has no password policy, and AWS's default accepts passwords "
                        "of {value} characters; the limit is {limit}"
                      : "passwords may have {value} characters; the limit is {limit}";
}

/* Fails if reuse prevention < N or unset. */
void judge_password_policy_reuse(const struct judging *j, struct judgement *out)
{
    const struct password_policy *policy = &j->account->password_policy;
    out->value = policy->is_default ? 0 : policy->reuse_prevention;
    out->has_value = out->value > 0;
    out->fails =
        judging_fact(j, FACT_PASSWORD_POLICY, out->value < j->limit, COLUMN_PASSWORD_POLICY);
    out->reason = out->has_value
                      ? "a password may be used again after {value} others; the limit is {limit}"
                      : "former passwords may be used again at once; the limit is {limit}";
}
