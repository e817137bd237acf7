/*
 * job_state.h: what a job is made of. Private to job.c (its life), reading.c (what is read, in
 * which order) and calls.c (the calls under way).
 */
#ifndef CENSUS_JOB_STATE_H
#define CENSUS_JOB_STATE_H

#include "census/choice.h"
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

/*
 * LISTING:  the users are being listed, and the credential report is being fetched
 * SIGN_INS: both are there; ListUsers is asked for the sign-ins that the report does not show
 * OPEN:     users may be read; with 'per-user' from the first page of users on
 */
enum gate { GATE_LISTING, GATE_SIGN_INS, GATE_OPEN };

/* A call under way. */
struct fetch {
    struct fetch *next, **place; /* in the job's list; when over, the next free one */
    struct subject subject;
    enum source_id source;
    struct query *query;
    struct loop_timer timer; /* until the call is made once more */
    bool made_again;
    /*
     * Set if the key's last use was refused as if the key were gone (in the account's arena): the
     * call under way is then ListAccessKeys, which tells whether it is.
     */
    const struct error *refused;
    bool key_listed;
};

/* A user with what only the job needs to know of it. */
struct job_user {
    struct user user;
    unsigned fetches;               /* under way */
    const struct report_line *line; /* the report's, NULL where it holds none */
    bool listed_again;              /* also by the list that was read for the sign-ins */
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
    struct choice choice;
    unsigned used_sources; /* a SOURCE_BIT each: account-wide ones that have been called */
    enum gate gate;
    bool users_known; /* the list of users is whole */
    struct user *users, **users_end, *next_user;
    struct index index;
    size_t users_listed, users_settled;
    int64_t started_at_ms;
};

static inline struct job_user *job_user_of(struct user *user)
{
    return (struct job_user *)(void *)user;
}

/* reading.c: */

/* Asks for the report, if the job uses one, and makes the job ready; else begins to read. */
void reading_ask(struct job *job);
/* Starts the calls about the account. */
void reading_start(struct job *job);
/* Starts the calls about the next user. */
void reading_next_user(struct job *job);
/* A call about the account has ended: with 'e' if it failed for good. */
void reading_account_call_done(struct job *job, enum source_id id, const struct error *e);
/* A call about a user or a key has ended, and what came of it is in the model. */
void reading_user_call_done(struct job *job, struct user *user);
/* The list of a user's keys is whole. */
void reading_keys_listed(struct job *job, struct user *user);

/* calls.c: */

/* Calls a source about the account (user and key NULL), a user (key NULL) or a key. */
void calls_start(struct job *job, enum source_id id, struct user *user, struct access_key *key);
/* Cancels all calls under way. */
void calls_cancel(struct job *job);
/* The target of a call to the source. */
struct aws_target calls_target(struct job *job, enum source_id id);

/* job.c: */

/* Now, in seconds, by AWS's clock. */
int64_t job_now_s(const struct job *job);

/* Ends the job as failed, and says so. */
void job_fail(struct job *job, const char *stage, const struct error *e);
/* Notes that a call failed for good. */
void job_note_failure(struct job *job, const char *operation, const struct error *e);
/* Ends the job where nothing is left to do; else tells that it may have become hungry. */
void job_check(struct job *job);

#endif
