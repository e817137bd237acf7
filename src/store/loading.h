/* SPDX-License-Identifier: MIT */
/*
 * loading.h: one run of the database, account after account, as the model that a census fills.
 */
#ifndef STORE_LOADING_H
#define STORE_LOADING_H

#include "census/model.h"
#include "store/database.h"

/* A run, from the table 'run'. Texts are owned by the struct. */
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
void stored_run_release(struct stored_run *run);

struct loading;

/* Begins to load the accounts of a run. NULL with 'e' if that fails. Freed by loading_free. */
struct loading *loading_begin(struct database *d, const struct stored_run *run, struct error *e);
/*
 * Loads the next account into *account, in ascending order, failed ones too but not those that
 * were left out; NULL at the end. It is valid until the next call. -1 with 'e' if the database
 * can't be read, or holds what it should not.
 */
int loading_next(struct loading *l, const struct account **account, struct error *e) MUST_CHECK;
void loading_free(struct loading *l);

#endif
