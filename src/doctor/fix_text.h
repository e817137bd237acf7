/* SPDX-License-Identifier: MIT */
/*
 * fix_text.h: the texts of fixes: policy statements and commands, ready to paste.
 *
 * Each function appends whole lines without the last line end. They take texts of AWS as they are;
 * whoever shows them makes them printable.
 */
#ifndef DOCTOR_FIX_TEXT_H
#define DOCTOR_FIX_TEXT_H

#include "doctor/principal.h"
#include "doctor/trouble.h"

#define FIX_ACTIONS_MAX (SOURCE_COUNT + 4)

/* The names that the templates of deploy/ use. */
#define FIX_STACK_NAME "iam-census-role"
#define FIX_TEMPLATE   "deploy/stackset/child-role.yaml"

struct fix_actions {
    const char *names[FIX_ACTIONS_MAX]; /* "iam:ListUsers", each once */
    size_t count;
};

/* A statement that allows. Texts are borrowed. */
struct fix_statement {
    const char *sid;
    const struct principal *principal; /* NULL: none, as in a policy of a role */
    bool anybody;                      /* in place of a principal: "*" */
    const struct fix_actions *actions;
    const char *resource;
    const char *organization; /* that the resource must be in; NULL: none */
};

/* The actions of a set of SOURCE_BITs; the bit of SOURCE_NONE is sts:AssumeRole. */
void fix_actions_of(unsigned bits, struct fix_actions *actions);
/* "iam:ListUsers, iam:ListUserTags" */
void fix_write_actions(const struct fix_actions *actions, struct buffer *out);
void fix_write_statement(const struct fix_statement *s, struct buffer *out);
/* The line to add to a statement that denies: "Condition": {"ArnNotLike": ...}. */
void fix_write_condition(const char *principal_arn, struct buffer *out);
/* The whole trust policy of the role. */
void fix_write_trust_policy(const struct diagnosis *d, const struct principal *p,
                            struct buffer *out);
/* The commands that make the role in the accounts; 'most' ids are written, then "...". */
void fix_write_stack_instances(const struct diagnosis *d, const char *const *ids, size_t count,
                               size_t most, struct buffer *out);
void fix_write_stack(const struct diagnosis *d, const struct principal *p, struct buffer *out);
/* The command that finds a denied call of IAM in CloudTrail. */
void fix_write_lookup(const struct diagnosis *d, const struct fix_actions *actions,
                      struct buffer *out);
/* "arn:aws:iam::*:role/census" */
void fix_write_role_arn(const struct diagnosis *d, struct buffer *out);

#endif
