/* SPDX-License-Identifier: MIT */
/*
 * calls.h: the calls of one account's job that are under way. Private to the job.
 *
 * A call adds its pages to the model, is repeated if necessary, and reports to job->handler (of
 * reading.c) when it has ended.
 */
#ifndef CENSUS_CALLS_H
#define CENSUS_CALLS_H

#include "census/job_state.h"

/* What reading.c is notified of. */
struct call_handler {
    /* A call about the account has ended; 'e' is NULL unless it failed for good. */
    void (*account_done)(struct job *job, enum source_id id, const struct error *e);
    /* The list of the user's keys is complete. */
    void (*keys_listed)(struct job *job, struct user *user);
    /* A call about a user or a key has ended, and its result is in the model. */
    void (*user_done)(struct job *job, struct user *user);
};

/* Starts a call about the account ('user' and 'key' NULL), a user ('key' NULL) or a key. */
void calls_start(struct job *job, enum source_id id, struct user *user, struct access_key *key);
/* Lets a call whose next page waits for memory ask for it. There must be one. */
void calls_go_on(struct job *job);
/* Cancels all calls under way; job->handler is not called. */
void calls_cancel(struct job *job);
/* The target of a call to the source. */
struct aws_target calls_target(struct job *job, enum source_id id);

#endif
