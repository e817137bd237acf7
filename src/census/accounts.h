/* SPDX-License-Identifier: MIT */
/*
 * accounts.h: which accounts are read: a list, an organization, or some of its units.
 *
 * Result: ids ascending, each once, with the names that Organizations gave.
 */
#ifndef CENSUS_ACCOUNTS_H
#define CENSUS_ACCOUNTS_H

#include "aws/call.h"
#include "census/census.h"

/* An account of the organization that is left out because it is not ACTIVE. */
struct skipped_account {
    char id[ACCOUNT_ID_LEN + 1];
    struct view state; /* as Organizations has it: "SUSPENDED" */
};

struct accounts_options {
    struct aws_target organizations;
    const struct view
        *listed; /* account ids, 12 digits each; NULL: every active one of the organization */
    size_t listed_count;
    const struct view *units; /* ids of organizational units or roots; only accounts below them */
    size_t unit_count;
    const struct view *excluded;
    size_t excluded_count;
};

struct accounts; /* a search under way, or its result */

/*
 * Starts to find them. The options' views are copied. done(arg, e) is called once, never from
 * within this call; 'e' is NULL on success. Never NULL; freed by accounts_free.
 */
struct accounts *accounts_find(const struct accounts_options *options,
                               void (*done)(void *arg, const struct error *e), void *arg);
/* The result, good until it is freed. */
const struct census_account *accounts_list(const struct accounts *a, size_t *count);
/*
 * Those that would be in the result if they were ACTIVE: ids ascending, each once. Good until it is
 * freed.
 */
const struct skipped_account *accounts_skipped(const struct accounts *a, size_t *count);
/* Cancels what is under way and frees. 'a' may be NULL. */
void accounts_free(struct accounts *a);
/* Puts accounts into the order of a census, each once; returns how many are left. */
size_t accounts_sort(struct census_account *accounts, size_t count);
/* True for exactly 12 digits. */
bool account_id_valid(struct view id);

#endif
