/* SPDX-License-Identifier: MIT */
/*
 * stored_run.h: the runs of a database: found, listed, removed.
 */
#ifndef STORE_STORED_RUN_H
#define STORE_STORED_RUN_H

#include "base/timestamp.h"
#include "store/database.h"

#include <stdint.h>

/* A run, from the table 'run'. Texts are owned by the struct; NULL: none. */
struct stored_run {
    char *run_id, *organization_id, *strategy, *columns, *version, *result;
    int64_t started_s, finished_s, oldest_report_s; /* TIMESTAMP_NONE: none */
    int64_t accounts, succeeded, partial, failed, skipped, users;
};

/*
 * Finds a run: 'name' is its id, or counts back ("-1" is the one before the last); NULL is the
 * last. -1 with ERROR_CONFIG if there is none. Released by stored_run_release in any case.
 */
int stored_run_find(struct database *d, const char *name, struct stored_run *run,
                    struct error *e) MUST_CHECK;
/*
 * Finds the run before 'run'; *found is false if there is none. 'before' is released by
 * stored_run_release in any case.
 */
int stored_run_before(struct database *d, const struct stored_run *run, struct stored_run *before,
                      bool *found, struct error *e) MUST_CHECK;
void stored_run_release(struct stored_run *run);

/*
 * Calls take(arg, run) for each run, the oldest first; 'run' is borrowed, and without its result
 * document.
 */
int stored_runs_list(struct database *d, void (*take)(void *arg, const struct stored_run *run),
                     void *arg, struct error *e) MUST_CHECK;

/*
 * Deletes all but the newest 'keep' runs (at least 1), in the transaction that is open. *deleted,
 * unless NULL, is how many there were.
 */
int stored_runs_delete_old(struct database *d, int64_t keep, int64_t *deleted,
                           struct error *e) MUST_CHECK;
/* The same in a transaction of its own; afterwards the file has no room that is not used. */
int stored_runs_prune(struct database *d, int64_t keep, int64_t *deleted,
                      struct error *e) MUST_CHECK;

#endif
