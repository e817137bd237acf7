/* SPDX-License-Identifier: MIT */
/*
 * denial.h: calls that a policy of some kind denies in an account.
 *
 * Source of the kinds and their words: "Troubleshoot access denied error messages", IAM User Guide.
 */
#ifndef WORLD_DENIAL_H
#define WORLD_DENIAL_H

#include <stdbool.h>
#include <stdint.h>

struct denial_kind {
    const char *name;     /* in a world file: "scp" */
    const char *implicit; /* "service control policy"; NULL: AWS gives no reason */
    const char *explicit; /* "a service control policy" */
};

struct denial {
    const struct denial_kind *kind;
    uint64_t actions;
    bool is_explicit, link; /* a statement denies; the message ends in a link */
    const char *arn;        /* of the policy; NULL: not named */
    const char *permission; /* another that the call needs, "kms:GenerateDataKey"; NULL: its own */
    const char *resource;   /* NULL: that of the call */
};

/* The kind with this name, or NULL. */
const struct denial_kind *denial_kind_find(const char *name);
/* The first of the denials that concerns one of 'actions', or NULL. */
const struct denial *denial_find(const struct denial *denials, unsigned count, uint64_t actions);

#endif
