/* SPDX-License-Identifier: MIT */
/*
 * result.h: how a census went, account by account.
 *
 * A result is filled while accounts are handed over, each just before it is freed, and it is what
 * the result document (app/document.h), the summary and the metrics are written from. Its texts are
 * copies, in an arena of its own.
 */
#ifndef APP_RESULT_H
#define APP_RESULT_H

#include "app/run_name.h"
#include "aws/call.h"
#include "base/arena.h"
#include "census/accounts.h"
#include "census/model.h"

#include <sys/queue.h>

/* What to look at if a role is refused: STS does not say which of these it is. */
#define RESULT_ROLE_ADVICE                                                                         \
    "does the role exist there, trust the caller, and ask for this external id?"

/* One way in which calls for an account failed for good. */
struct failed_call {
    STAILQ_ENTRY(failed_call) next;
    struct view operation, code, message; /* "ListGroupsForUser", ...; of the first such failure */
    int64_t count;
};

/* How one account went. What does not belong to its list is zero. */
struct account_outcome {
    STAILQ_ENTRY(account_outcome) next;
    char id[ACCOUNT_ID_LEN + 1];
    struct view stage, code, message; /* failed: where, and why */
    struct view *unknown;             /* partial: names of the columns with unknown values */
    size_t unknown_count;
    STAILQ_HEAD(failed_calls, failed_call) calls; /* partial: those that left something unknown */
    struct view state; /* skipped: as Organizations has it, "SUSPENDED" */
};

struct account_outcomes {
    STAILQ_HEAD(outcome_list, account_outcome) list; /* in the order in which they were added */
    size_t count;
};

struct result {
    char run_id[RUN_ID_SIZE];
    int64_t started_s;
    int64_t duration_ms;
    char *output; /* "s3://bucket/key" or a path, owned; NULL: none was written */
    uint64_t rows;
    uint64_t merged_rows;        /* of the documents that were merged into this result */
    uint64_t second_keys;        /* users with a second active key */
    uint64_t users_gone;         /* deleted while the census ran */
    uint64_t ages_from_creation; /* users whose password's age counts from when it was first made */
    struct account_outcomes successful, partial, failed, skipped; /* skipped: not ACTIVE */
    int64_t oldest_report_s; /* TIMESTAMP_NONE: no report was used */
    struct aws_counters counters;
    struct view first_failure; /* of the first account that failed: id, stage and why */
    struct arena arena;        /* holds the accounts */
};

/* An empty result. Released by result_release, which a zeroed one may be given to, too. */
void result_init(struct result *r, int64_t started_s, const char *run_id);
void result_release(struct result *r);
/* Notes how 'account' went. Nothing of it is kept by reference. */
void result_add(struct result *r, const struct account *account);
/* Notes accounts of the organization that are left out because of their state. */
void result_add_skipped(struct result *r, const struct skipped_account *accounts, size_t count);
/*
 * For whoever fills a result from elsewhere: appends an account to one of the result's lists. 'id'
 * has ACCOUNT_ID_LEN bytes. The rest of it is zero, and is to be filled with what lives as long as
 * the result.
 */
struct account_outcome *result_append(struct result *r, struct account_outcomes *list,
                                      struct view id);
/* Notes that a report made at 'at_s' was used; TIMESTAMP_NONE: none was. */
void result_add_report(struct result *r, int64_t at_s);
/*
 * Notes why the first account that failed did so; 'why' is copied. Reasons of later accounts are
 * ignored.
 */
void result_add_reason(struct result *r, const struct account_outcome *o, struct view why);
/* True if the account failed because its role may not be assumed. */
bool result_role_refused(const struct account_outcome *o);
/* True if any account could be read, if only in part. */
bool result_has_read(const struct result *r);
/* Sets 'e' to why no account could be read: the first that failed, and how. */
void result_explain_nothing(const struct result *r, struct error *e);
/* Logs that the output was written, and how old the facts of credential reports are. */
void result_log(const struct result *r);
/* Appends "Processing completed successfully. Successfully processed accounts: 2. ...". */
void result_message(const struct result *r, struct buffer *out);

#endif
