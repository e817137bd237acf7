/* SPDX-License-Identifier: MIT */
/*
 * judgement.h: what a rule may look at, and what it says of that.
 *
 * The functions of the rules are in user_rules.c, credential_rules.c and account_rules.c; the table
 * in rule.c names them. None allocates, and none makes a text: a reason is a pattern, which is
 * filled in only if the finding is written (rules/finding.h).
 */
#ifndef RULES_JUDGEMENT_H
#define RULES_JUDGEMENT_H

#include "census/model.h"
#include "rules/truth.h"

/* All borrowed. Of the last three, one is set if the rule is about such credentials. */
struct judging {
    int64_t started_s;    /* days count to it */
    int64_t limit;        /* of a rule with a number */
    struct view tag_keys; /* of user-tag: "a,b" */
    const struct account *account;
    const struct user *user; /* NULL: the rule is about the account */
    fact_set unknown;        /* facts that are unknown for the account or the user */
    const struct access_key *key;
    const struct service_credential *credential;
    const struct certificate *certificate;
};

struct judgement {
    struct truth fails;
    bool not_applicable;
    /*
     * A sentence about a failure: "{value}" and "{limit}" are numbers, "{days}" is the value with
     * its unit, "{keys}" the limit of user-tag.
     */
    const char *reason;
    const char *if_unknown; /* the same about something unknown; NULL: the columns are listed */
    bool has_value;
    int64_t value;   /* what is compared with the limit */
    int64_t since_s; /* the moment when it began to fail; TIMESTAMP_NONE: dates do not show it */
};

/*
 * d(t) of the contract: whole days from 't' to the start of the run, the same as in the CSV. 't' is
 * not TIMESTAMP_NONE.
 */
int64_t judging_days(const struct judging *j, int64_t t);
/* The moment at which d(t) becomes 'days'. */
int64_t judging_day_after(int64_t t, int64_t days);
/* True if d(t) >= N; unknown, with 'column', if 't' is TIMESTAMP_NONE. */
struct truth judging_reaches(const struct judging *j, int64_t t, int64_t days, enum column column);
/*
 * The same for a date that can't be before the user's creation: if it is unknown, but the user
 * itself is not that old, it is false.
 */
struct truth judging_reaches_of_user(const struct judging *j, int64_t t, int64_t days,
                                     enum column column);
/* Says what the limit is compared with, d(t), and since when that fails if it fails from 'days'. */
void judgement_date(const struct judging *j, struct judgement *out, int64_t t, int64_t days);
/* True if 'fact' is known. */
bool judging_knows(const struct judging *j, enum fact fact);
/* Known to be 'is_true', or missing if the fact is. */
struct truth judging_fact(const struct judging *j, enum fact fact, bool is_true,
                          enum column column);

/* The functions of the rules: each is in the table of rule.c. */
typedef void rule_judge(const struct judging *j, struct judgement *out);

rule_judge judge_user_admin, judge_user_admin_console_mfa, judge_user_boundary,
    judge_user_console_mfa, judge_user_direct_policy, judge_user_dormant, judge_user_no_credential,
    judge_user_password_age, judge_user_password_unused, judge_user_tag, judge_user_two_active_keys;
rule_judge judge_user_api_key_no_expiry, judge_user_certificate_age, judge_user_inactive_key,
    judge_user_key_age, judge_user_key_at_setup, judge_user_key_unused,
    judge_user_service_credential_age;
rule_judge judge_password_policy_length, judge_password_policy_reuse, judge_root_access_key,
    judge_root_certificate, judge_root_credentials, judge_root_hardware_mfa, judge_root_mfa,
    judge_root_use;

#endif
