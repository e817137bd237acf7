/* SPDX-License-Identifier: MIT */
/*
 * accounts.h: finds the accounts to read: a list, an organization, or some of its units.
 *
 * The result is in ascending order of ids, each once, with what Organizations told of it.
 */
#ifndef CENSUS_ACCOUNTS_H
#define CENSUS_ACCOUNTS_H

#include "aws/call.h"
#include "census/census_account.h"

/* An account of the organization that is left out because it is not ACTIVE. */
struct skipped_account {
    char id[ACCOUNT_ID_LEN + 1];
    struct view state; /* as Organizations reports it: "SUSPENDED" */
    struct view name;  /* VIEW_NONE if it is not known */
    struct view ou;    /* as in struct census_account */
    enum membership membership;
};

struct accounts_options {
    struct aws_target organizations;
    const struct view
        *listed; /* account ids, 12 digits each; NULL: every active account of the organization */
    size_t listed_count;
    const struct view *units; /* units or roots; only accounts below them are read */
    size_t unit_count;
    const struct view *excluded;
    size_t excluded_count;
    /*
     * Called for each account that is to be read as soon as it is known, in no order, and more than
     * once for one that is listed twice; borrowed for the call. NULL: nobody is told.
     */
    void (*found)(void *arg, const struct census_account *account);
};

struct accounts; /* a search under way, or its result */

/*
 * Starts the search. The lists of ids are copied. done(arg, e) is called once, never from within
 * this call; 'e' is NULL on success. Never returns NULL; free the result with accounts_free.
 */
struct accounts *accounts_find(const struct accounts_options *options,
                               void (*done)(void *arg, const struct error *e), void *arg);
/* The accounts that were found, borrowed until 'a' is freed. */
const struct census_account *accounts_list(const struct accounts *a, size_t *count);
/*
 * The accounts that would be in the result if they were ACTIVE, in ascending order of ids, each
 * once. Borrowed until 'a' is freed.
 */
const struct skipped_account *accounts_skipped(const struct accounts *a, size_t *count);
/* Cancels what is under way and frees 'a', which may be NULL. */
void accounts_free(struct accounts *a);
/* Sorts accounts by id and drops duplicates; returns how many are left. */
size_t accounts_sort(struct census_account *accounts, size_t count);
/* True for exactly 12 digits. */
bool account_id_valid(struct view id);

#endif
