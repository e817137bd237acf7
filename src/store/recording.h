/* SPDX-License-Identifier: MIT */
/*
 * recording.h: writes one run into a database, account after account, in one transaction.
 *
 *     recording_begin -> accounts, skipped accounts, findings -> recording_finish
 *
 * Values come from the tables of fields (output/fields.h, output/account_fields.h), so that the
 * database and the CSV can't differ. Until recording_finish has succeeded the file is as it was,
 * also if the process is killed. Memory does not grow with the number of accounts.
 */
#ifndef STORE_RECORDING_H
#define STORE_RECORDING_H

#include "census/model.h"
#include "rules/finding.h"
#include "store/database.h"

/* What is known of a run when it begins. Borrowed for the call. */
struct recording_run {
    const char *run_id;
    int64_t started_s;
    const char *organization_id; /* NULL: not known */
    const char *strategy, *columns, *version;
    const char *rules; /* the rules that are judged, a JSON list of ids; NULL: none is */
};

/* What is known at its end. */
struct recording_end {
    int64_t finished_s;
    int64_t oldest_report_s; /* TIMESTAMP_NONE: no report was used */
    struct view result;      /* the result document */
    int64_t keep_runs;       /* how many runs stay, this one included; 0: all */
};

struct recording;

/*
 * Begins to record a run in 'd', which is borrowed until the recording is freed. From here on
 * nobody else may write to it. NULL with 'e' if that fails, or if the run has been recorded before.
 */
struct recording *recording_begin(struct database *d, const struct recording_run *run,
                                  struct error *e);
/* Adds an account, read or failed, and its users. After a failure the recording can only be freed.
 */
int recording_account(struct recording *r, const struct account *account,
                      struct error *e) MUST_CHECK;
/* Adds an account that was left out: only id, name, ou, state and what is unknown are set. */
int recording_skipped(struct recording *r, const struct account *account,
                      struct error *e) MUST_CHECK;
/* Adds a finding about an account that was added. */
int recording_finding(struct recording *r, const struct finding *finding,
                      struct error *e) MUST_CHECK;
/* Writes the end of the run and commits. */
int recording_finish(struct recording *r, const struct recording_end *end,
                     struct error *e) MUST_CHECK;
/* Frees the recording; a run that is not finished is rolled back. NULL does nothing. */
void recording_free(struct recording *r);

#endif
