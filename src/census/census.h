/* SPDX-License-Identifier: MIT */
/*
 * census.h: reads all accounts of a run concurrently and hands them over in order.
 *
 * Accounts are opened in ascending order while there is room for calls and memory for responses,
 * read in any order, and handed over in ascending order, each exactly once.
 */
#ifndef CENSUS_CENSUS_H
#define CENSUS_CENSUS_H

#include "census/census_account.h"
#include "census/job.h"

struct census_options {
    struct job_context job;                /* 'done', 'changed' and 'arg' are set by the census */
    const struct census_account *accounts; /* ascending by id, each once; borrowed */
    size_t account_count;
    size_t memory_budget_bytes; /* for accounts that are open or waiting to be handed over */
    /*
     * Called with each account, in order. Returns false if it can't take the account yet, and is
     * then called again after census_resume. The account is freed once it returns true.
     */
    bool (*account)(void *arg, struct account *account);
    /* Called once, when every account has been taken over. */
    void (*done)(void *arg);
    void *arg;
};

struct census_progress {
    size_t accounts_total, accounts_done;
    size_t users_done;
};

struct census;

/*
 * Starts a census. The options are copied, what they point to is borrowed. Calls back only from the
 * loop.
 */
struct census *census_new(const struct census_options *options);
/* To be called when the output has room again. */
void census_resume(struct census *census);
/*
 * Ends the run early: accounts that are not complete fail at 'stage' (a static string, "Deadline"
 * or "Interrupted") with 'why' and are handed over like the others; then 'done' is called.
 */
void census_stop(struct census *census, const char *stage, const struct error *why);
void census_progress(const struct census *census, struct census_progress *progress);
/* Cancels what is under way and frees 'census', which may be NULL. */
void census_free(struct census *census);

#endif
