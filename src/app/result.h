/*
 * result.h: how a run went, account by account: the result document.
 *
 * Written while accounts are handed over, each just before it is freed.
 */
#ifndef APP_RESULT_H
#define APP_RESULT_H

#include "app/run_name.h"
#include "aws/call.h"
#include "base/json_writer.h"
#include "census/accounts.h"
#include "census/model.h"

/* What to look at if a role is refused: STS does not say which it is. */
#define RESULT_ROLE_ADVICE                                                                         \
    "does the role exist there, trust the caller, and ask for this external id?"

struct result {
    char run_id[RUN_ID_SIZE];
    int64_t started_s;
    int64_t duration_ms;
    char *output; /* "s3://bucket/key" or a path, owned; NULL: none was written */
    uint64_t rows;
    uint64_t merged_rows;        /* of the documents that were merged into this one */
    uint64_t second_keys;        /* users with a second active key */
    uint64_t users_gone;         /* deleted while the census ran */
    uint64_t ages_from_creation; /* users whose password's age counts from when it was first made */
    struct buffer successful, partial, failed; /* the items of the document's arrays */
    struct buffer partial_brief, failed_brief; /* the same without details */
    struct buffer skipped;                     /* items of accounts that are not ACTIVE */
    size_t successful_count, partial_count, failed_count, skipped_count;
    int64_t oldest_report_s; /* TIMESTAMP_NONE: no report was used */
    struct aws_counters counters;
    char first_failure[1024]; /* of the first account that failed: id, stage and why */
};

/* An empty result. Released by result_release. */
void result_init(struct result *r, int64_t started_s, const char *run_id);
void result_release(struct result *r);
/*
 * Adds what another run's document (the JSON of result_write) tells of its accounts. -1 with
 * ERROR_PROTOCOL where it is none.
 */
int result_merge(struct result *r, struct view document, struct error *e) MUST_CHECK;
/* Takes note of accounts of the organization that are left out because of their state. */
void result_add_skipped(struct result *r, const struct skipped_account *accounts, size_t count);
/*
 * Adds the accounts of 'document', the JSON array of another run's skipped accounts. -1 with
 * ERROR_PROTOCOL if it is not one.
 */
int result_merge_skipped(struct result *r, struct view document, struct error *e) MUST_CHECK;
/* Takes note of how 'account' went. */
void result_add(struct result *r, const struct account *account);
/* True if any account could be read, if only in part. */
bool result_has_read(const struct result *r);
/* Sets 'e' to why no account could be read: the first that failed, and how. */
void result_explain_nothing(const struct result *r, struct error *e);
/* Logs that the output was written, and how old the facts of credential reports are. */
void result_log(const struct result *r);
/* "Processing completed successfully. Successfully processed accounts: 2. ..." appended to 'out'.
 */
void result_message(const struct result *r, struct buffer *out);
/* Writes the members that do not grow with the accounts into an object that is open. */
void result_write_counts(const struct result *r, struct json_writer *w);
/* Appends the document; 'brief' leaves out the partial and failed accounts' details, their ids
 * stay. */
void result_write(const struct result *r, bool brief, struct buffer *out);

#endif
