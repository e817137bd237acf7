/*
 * job_state.h: what a job is made of. Private to job.c (its life) and reading.c (its calls).
 */
#ifndef CENSUS_JOB_STATE_H
#define CENSUS_JOB_STATE_H

#include "census/index.h"
#include "census/job.h"
#include "census/report_fetch.h"

/*
 * ASSUMING: waits for the role's credentials
 * ASKING:   asks for the credential report (strategies that use it)
 * READY:    waits for its turn
 * READING:  calls are under way, or users wait for their turn
 * OVER:     the account's outcome stands
 */
enum job_state { JOB_ASSUMING, JOB_ASKING, JOB_READY, JOB_READING, JOB_OVER };

/* A call under way. */
struct fetch {
    struct fetch *next, **place; /* in the job's list; when over, the next free one */
    struct subject subject;
    enum source_id source;
    struct query *query;
};

/* A user with what only the job needs to know of it. */
struct job_user {
    struct user user;
    unsigned fetches;               /* under way */
    const struct report_line *line; /* the report's, NULL where it holds none */
    fact_set sourceless; /* unknown, and nothing failed: this user has no source for them */
};

struct job {
    const struct job_context *context;
    size_t number;
    enum job_state state;
    struct account account;
    char *role_arn;
    struct credentials_cache session;
    struct credentials_cache *credentials; /* the session's, or the caller's own */
    struct credentials_waiter credentials_waiter;
    struct caller_waiter caller_waiter;
    struct error *assume_error; /* owned */
    struct rate rates[SOURCE_COUNT];
    struct report_fetch report;
    struct fetch *running, *spare;
    unsigned running_count;   /* calls */
    unsigned account_running; /* those of them that are about the whole account */
    unsigned failed_sources;  /* a bit each: denied, or failed for good, for the whole account */
    unsigned used_sources;    /* a bit each: account-wide ones that have been called */
    bool gate_open;           /* users may be read: what their reading depends on is known */
    bool users_known;
    struct user *users, **users_end, *next_user;
    struct index index;
    size_t users_listed, users_settled;
    int64_t started_at_ms;
};

/* reading.c: */

/* Asks for the report; reading_ready is called when that is done. */
void reading_ask(struct job *job);
/* Starts the calls about the account. */
void reading_start(struct job *job);
/* Starts the calls about the next user. */
void reading_next_user(struct job *job);
/* Cancels all calls under way. */
void reading_cancel(struct job *job);
/* The target of a call to the source. */
struct aws_target job_target(struct job *job, enum source_id id);

/* job.c: */

/* Ends the job as failed, and says so. */
void job_fail(struct job *job, const char *stage, const struct error *e);
/* Notes that a call failed for good. */
void job_note_failure(struct job *job, const char *operation, const struct error *e);
/* Ends the job where nothing is left to do; else tells that it may have become hungry. */
void job_check(struct job *job);

#endif
