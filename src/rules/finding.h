/* SPDX-License-Identifier: MIT */
/*
 * finding.h: what a rule says about one resource.
 */
#ifndef RULES_FINDING_H
#define RULES_FINDING_H

#include "aws/sha256.h"
#include "base/buffer.h"
#include "rules/rule.h"
#include "rules/truth.h"

enum finding_status {
    STATUS_FAIL,
    STATUS_PASS,
    STATUS_UNKNOWN,
    STATUS_NOT_APPLICABLE,
    STATUS_SUPPRESSED, /* a failure that a suppression covers */
    STATUS_COUNT
};

#define FINDING_ID_SIZE 33 /* 32 hexadecimal digits and NUL */

struct suppression; /* rules/suppressions.h */

/* Borrowed as a whole while it is handed over. */
struct finding {
    const struct rule *rule;
    enum finding_status status;
    const struct account *account;
    const struct user *user; /* NULL: about the account */
    enum resource_type resource_type;
    struct view resource_id; /* a user's ARN, a key's id, an account's id, ... */
    const char *id;          /* of rule, account and resource: the same in every run */
    struct view reason;      /* a sentence */
    bool has_limit, has_value;
    int64_t limit, value;   /* of a rule with a number */
    struct view limit_text; /* of user-tag: the tag keys; otherwise VIEW_NONE */
    int64_t since_s;        /* the day it began to fail, from dates alone, or TIMESTAMP_NONE */
    column_set because;     /* the unknown columns */
    const struct suppression *suppression; /* NULL: none */
    int64_t data_as_of_s;                  /* TIMESTAMP_NONE: nothing was read */
};

/* "fail", "pass", "unknown", "not_applicable", "suppressed"; static. */
const char *finding_status_name(enum finding_status status);
/*
 * Writes the id of a finding: 32 digits of the SHA-256 of rule, account and resource, which are
 * joined by line ends. 'hasher' may be used for many.
 */
void finding_make_id(const struct finding *finding, struct sha256 *hasher,
                     char out[FINDING_ID_SIZE]);
/*
 * Appends the reason. 'pattern' is what the rule says of a failure, or of something unknown
 * (rules/judgement.h); it may be NULL for other statuses, which have sentences of their own.
 */
void finding_make_reason(const struct finding *finding, const char *pattern, struct buffer *out);

#endif
