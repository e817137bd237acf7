/* SPDX-License-Identifier: MIT */
/*
 * loading.h: one run of the database, account after account, as the model that a census fills.
 *
 * Rules that are judged on it say what they said when the run was collected. What only explains
 * how the census went (calls, their failures, durations, the facts that made an account partial) is
 * not loaded. Memory is that of one account.
 */
#ifndef STORE_LOADING_H
#define STORE_LOADING_H

#include "census/model.h"
#include "store/database.h"
#include "store/stored_run.h"

struct loading;

/* Begins to load the accounts of a run. NULL with 'e' if that fails. Freed by loading_free. */
struct loading *loading_begin(struct database *d, const struct stored_run *run, struct error *e);
/*
 * Loads the next account into *account, in ascending order, failed ones too but not those that
 * were left out; NULL at the end. It is valid until the next call. -1 with 'e' if the database
 * can't be read, or holds what it should not.
 */
int loading_next(struct loading *l, const struct account **account, struct error *e) MUST_CHECK;
/* NULL does nothing. */
void loading_free(struct loading *l);

#endif
