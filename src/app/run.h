/* SPDX-License-Identifier: MIT */
/*
 * run.h: one census from its config to its output: the main job, on the loop.
 *
 * run.c shows the order of its steps. Only open connections outlive a run.
 */
#ifndef APP_RUN_H
#define APP_RUN_H

#include "app/config.h"
#include "app/platform.h"
#include "app/result.h"
#include "census/census.h"

enum run_status {
    RUN_OK,     /* the output was written; the result has every account */
    RUN_CONFIG, /* the configuration is wrong, or there are no credentials */
    RUN_FAILED, /* no account could be read, or the output could not be written */
};

enum run_goal {
    RUN_CENSUS, /* read the accounts, write the output */
    RUN_PLAN,   /* end once accounts, organization id and start are known */
    RUN_DRY,    /* end once the accounts are known */
};

/* Options that do not come from settings. All zero: an ordinary run. */
struct run_options {
    enum run_goal goal;
    int64_t started_s;  /* the moment that ages count to; 0: now, by AWS's clock */
    const char *run_id; /* borrowed until started; NULL: a new one */
    const struct census_account *accounts; /* borrowed; NULL: to be found */
    size_t account_count;
    const char *key; /* the object's key in S3, borrowed; NULL: prefix and default name */
    /* Left out, but with rows in the accounts file; borrowed; NULL: those that the search found. */
    const struct skipped_account *skipped;
    size_t skipped_count;
    bool part; /* of a larger output: no header line, and written even if no account was read */
};

struct run;

/*
 * Starts a run. 'platform' and 'config' are borrowed until the run is freed, 'options' is copied.
 * done(arg) is called once, from the loop. Never returns NULL.
 */
struct run *run_start(struct platform *platform, const struct config *config,
                      const struct run_options *options, void (*done)(void *arg), void *arg);
/*
 * Ends the run early: accounts that are not complete fail at 'stage' (a static string), with
 * 'reason'; the others are written. 'done' is called as usual.
 */
void run_stop(struct run *run, const char *stage, const char *reason);
/*
 * Abandons the run, whatever it is doing: nothing more is read or written, and a half-written
 * output is removed, which may take a call to S3. Then 'done' is called (RUN_FAILED).
 */
void run_abandon(struct run *run);
/*
 * For a caller that can't wait for 'done' any longer: true if the output, or a piece of it, may be
 * left behind; 'e' says which.
 */
bool run_unsettled(const struct run *run, struct error *e);
/*
 * Stops the run at stage "Deadline", early enough to write the output within 'delay_ms' from now.
 */
void run_set_deadline(struct run *run, int64_t delay_ms);
/* True once 'done' has been called. */
bool run_finished(const struct run *run);
/*
 * After 'done': how the run went. If 'e' is not NULL, *e becomes the error (borrowed), or NULL for
 * RUN_OK.
 */
enum run_status run_status(const struct run *run, const struct error **e);
const struct result *run_result(const struct run *run);
/* The accounts, once they are known; borrowed until the run is freed. */
const struct census_account *run_accounts(const struct run *run, size_t *count);
/* Those that were left out, likewise. */
const struct skipped_account *run_skipped(const struct run *run, size_t *count);
const char *run_organization_id(const struct run *run);
/* How many accounts have been found so far; 0 before they are looked for. */
size_t run_accounts_found(const struct run *run);
/* How far the run is. Returns false before it reads accounts. */
bool run_progress(const struct run *run, struct census_progress *progress);
/* Cancels what is under way, leaving no half-written output, and frees 'run', which may be NULL. */
void run_free(struct run *run);

#endif
