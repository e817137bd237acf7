/* SPDX-License-Identifier: MIT */
/*
 * result.h: how a census went, account by account.
 *
 * A result is filled with each account just before the account is freed. The result document
 * (app/document.h), the summary and the metrics are written from it. Its texts are copies, in an
 * arena of its own.
 */
#ifndef APP_RESULT_H
#define APP_RESULT_H

#include "app/findings_tally.h"
#include "app/run_name.h"
#include "aws/call.h"
#include "base/arena.h"
#include "census/accounts.h"
#include "census/model.h"

#include <sys/queue.h>

/* What to check if a role is refused: STS does not say which of these is the reason. */
#define RESULT_ROLE_ADVICE                                                                         \
    "does the role exist there, does it trust the caller, and is its external id given "           \
    "(--external-id)?"

/* Calls for an account that failed for good with the same operation and code. */
struct failed_call {
    STAILQ_ENTRY(failed_call) next;
    struct view operation, code, message; /* "ListGroupsForUser", ...; of the first such failure */
    int64_t count;
};

/* How one account went. Members for lists other than its own are zero. */
struct account_outcome {
    STAILQ_ENTRY(account_outcome) next;
    char id[ACCOUNT_ID_LEN + 1];
    struct view stage, code, message; /* failed: where, and why */
    struct view *unknown;             /* partial: names of the columns with unknown values */
    size_t unknown_count;
    STAILQ_HEAD(failed_calls, failed_call) calls; /* partial: those that left something unknown */
    struct view state; /* skipped: as Organizations reports it, "SUSPENDED" */
};

struct account_outcomes {
    STAILQ_HEAD(outcome_list, account_outcome) list; /* in the order in which they were added */
    size_t count;
};

/* An output beside the output itself. */
struct further_file {
    const char *member; /* of the document: "accounts_file"; static */
    const char *what;   /* for people: "accounts file"; static */
    struct view name;   /* "s3://bucket/key" or a path */
};

#define FURTHER_FILES_MAX 4

struct result {
    char run_id[RUN_ID_SIZE];
    int64_t started_s;
    int64_t duration_ms;
    char *output; /* "s3://bucket/key" or a path, owned; NULL: none was written */
    struct further_file further[FURTHER_FILES_MAX]; /* those that were written */
    size_t further_count;
    uint64_t rows;
    uint64_t merged_rows;        /* rows of the documents that were merged into this result */
    uint64_t second_keys;        /* users with a second active key */
    uint64_t users_gone;         /* deleted while the census ran */
    uint64_t ages_from_creation; /* users whose PasswordAge counts from the password's creation */
    struct account_outcomes successful, partial, failed, skipped; /* skipped: not ACTIVE */
    int64_t oldest_report_s; /* TIMESTAMP_NONE: no report was used */
    struct findings_tally findings;
    struct aws_counters counters;
    struct view first_failure; /* id, stage and error of the first account that failed */
    struct arena arena;        /* holds the accounts */
};

/* Makes an empty result. It is released by result_release, which also accepts a zeroed one. */
void result_init(struct result *r, int64_t started_s, const char *run_id);
void result_release(struct result *r);
/* Records how 'account' went. Keeps no reference to it. */
void result_add(struct result *r, const struct account *account);
/* Records accounts of the organization that are left out because of their state. */
void result_add_skipped(struct result *r, const struct skipped_account *accounts, size_t count);
/*
 * For callers that fill a result themselves: appends an account to one of the result's lists. 'id'
 * has ACCOUNT_ID_LEN bytes. The other members are zero; whatever they are set to must live as long
 * as the result.
 */
struct account_outcome *result_append(struct result *r, struct account_outcomes *list,
                                      struct view id);
/* Records that a report made at 'at_s' was used. Does nothing if that is TIMESTAMP_NONE. */
void result_add_report(struct result *r, int64_t at_s);
/*
 * Records why the first account failed; 'why' is copied. Reasons of later accounts are ignored.
 */
void result_add_reason(struct result *r, const struct account_outcome *o, struct view why);
/* True if the account failed because the caller may not assume its role. */
bool result_role_refused(const struct account_outcome *o);
/* Records that a further output was written; 'name' is copied. */
void result_add_further(struct result *r, const char *member, const char *what, const char *name);
/* True if any account could be read, even if only in part. */
bool result_has_read(const struct result *r);
/* Sets 'e' to why no account could be read: it names the first that failed, and its error. */
void result_explain_nothing(const struct result *r, struct error *e);
/* Logs that the output was written, and how old the facts of credential reports are. */
void result_log(const struct result *r);
/* Appends "Processing completed successfully. Successfully processed accounts: 2. ...". */
void result_message(const struct result *r, struct buffer *out);

#endif
