/* SPDX-License-Identifier: MIT */
/*
 * fix.h: what mends a trouble: its kind, its accounts, and a text to paste.
 */
#ifndef DOCTOR_FIX_H
#define DOCTOR_FIX_H

#include <stddef.h>

enum fix_kind {
    FIX_REGION,
    FIX_CLOCK,
    FIX_CREDENTIALS,
    FIX_ORGANIZATIONS,
    FIX_OUTPUT,             /* the output can't be written, for another reason than a policy */
    FIX_BUCKET_POLICY,      /* of the output */
    FIX_KEY_POLICY,         /* of the KMS key of the output */
    FIX_CALLER_PERMISSIONS, /* of whoever runs the census */
    FIX_TRUST_POLICY,
    FIX_STACK_INSTANCES, /* the role is missing in some accounts */
    FIX_STACK,           /* the same in the management account, which StackSets leave out */
    FIX_PERMISSIONS,     /* of the role */
    FIX_EXCEPTION,       /* from a policy that denies explicitly */
    FIX_ALLOWANCE,       /* by a policy that allows only what it lists */
    FIX_SESSION_POLICY,
    FIX_VPC_ENDPOINT,
    FIX_RESOURCE_POLICY, /* of another resource than bucket, key and role */
    FIX_UNKNOWN_POLICY,  /* AWS does not say what denies */
    FIX_FAILURE,         /* calls that failed, but were not denied */
    FIX_KIND_COUNT
};

/* "region", "trust_policy", ...: what JSON shows. */
extern const char *const fix_kind_names[FIX_KIND_COUNT];

struct fix {
    enum fix_kind kind;
    const char *const *account_ids; /* ascending; none if the fix is not about accounts */
    size_t account_count;
    const char *text;  /* ready to paste; several lines, the last without a line end */
    const char *brief; /* the same for a terminal, where a long list of ids is cut; never NULL */
};

struct fixes {
    struct fix *items; /* in the order of the kinds; of one kind, in that of the troubles */
    size_t count;
};

#endif
