/* SPDX-License-Identifier: MIT */
/*
 * finding.h: what a rule says about one resource.
 */
#ifndef RULES_FINDING_H
#define RULES_FINDING_H

#include "rules/rule.h"

enum finding_status {
    STATUS_FAIL,
    STATUS_PASS,
    STATUS_UNKNOWN,
    STATUS_NOT_APPLICABLE,
    STATUS_SUPPRESSED, /* a failure that a suppression covers */
    STATUS_COUNT
};

#define FINDING_ID_SIZE     33 /* 32 hexadecimal digits and NUL */
#define FINDING_BECAUSE_MAX 8

struct suppression; /* rules/suppressions.h */

/* Borrowed as a whole while it is handed over. */
struct finding {
    const struct rule *rule;
    enum finding_status status;
    const struct account *account;
    const struct user *user; /* NULL: about the account */
    enum resource_type resource_type;
    struct view resource_id;  /* a user's ARN, a key's id, an account's id, ... */
    char id[FINDING_ID_SIZE]; /* of rule, account and resource: the same in every run */
    struct view reason;       /* a sentence */
    bool has_limit, has_value;
    int64_t limit, value;   /* of a rule with a number */
    struct view limit_text; /* of user-tag: the tag keys; otherwise VIEW_NONE */
    int64_t since_s;        /* the day it began to fail, from dates alone, or TIMESTAMP_NONE */
    const char *because[FINDING_BECAUSE_MAX]; /* names of unknown columns, as in JSON Lines */
    size_t because_count;
    const struct suppression *suppression; /* NULL: none */
    int64_t data_as_of_s;
};

/* "fail", "pass", "unknown", "not_applicable", "suppressed"; static. */
const char *finding_status_name(enum finding_status status);

#endif
