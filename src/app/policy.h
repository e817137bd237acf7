/* SPDX-License-Identifier: MIT */
/*
 * policy.h: writes IAM policies that allow just what a census with certain options needs.
 *
 * What a child account's role must allow comes from the table of facts and sources
 * (census/facts.h), what the caller must allow from what the program does with those options.
 */
#ifndef APP_POLICY_H
#define APP_POLICY_H

#include "app/config.h"
#include "base/buffer.h"

struct policy_function_options {
    const char *partition;      /* "aws": the second field of ARNs */
    struct view role;           /* path and name, without a leading '/' */
    const char *bucket;         /* NULL: no bucket is written to */
    const char *prefix;         /* of the objects' keys; may be NULL */
    const char *sse_kms_key_id; /* the key's ARN, or NULL */
    const char *suppress_key;   /* the object with suppressions of findings; NULL: none */
    /*
     * Roles may be assumed in this organization only. NULL: in the caller's own organization if
     * 'organizations' is set, otherwise in any account.
     */
    const char *organization_id;
    bool organizations; /* accounts and organization id come from Organizations */
    bool fan_out;       /* batches are written, read and removed under "PREFIXwork/" */
};

/*
 * Appends the policy of the role in a child account, for reading the facts in 'wanted' by
 * 'strategy': JSON, indented by two, ending with a line end.
 */
void policy_write_child(enum strategy strategy, fact_set wanted, struct buffer *out);
/* Appends the policy of the function (or whoever runs 'collect'), in the same form. */
void policy_write_function(const struct policy_function_options *options, struct buffer *out);

#endif
