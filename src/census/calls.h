/* SPDX-License-Identifier: MIT */
/*
 * calls.h: the calls of one account's job that are under way. Private to the job.
 *
 * A call takes its pages over into the model, is made once more if it must be, and tells the reader
 * (job->handler) when it has ended.
 */
#ifndef CENSUS_CALLS_H
#define CENSUS_CALLS_H

#include "census/job_state.h"

/* What the reader of an account is told. */
struct call_handler {
    /* A call about the account has ended; 'e' is NULL unless it failed for good. */
    void (*account_done)(struct job *job, enum source_id id, const struct error *e);
    /* The list of the user's keys is complete. */
    void (*keys_listed)(struct job *job, struct user *user);
    /* A call about a user or a key has ended, and what came of it is in the model. */
    void (*user_done)(struct job *job, struct user *user);
};

/* Calls a source about the account (user and key NULL), a user (key NULL) or a key. */
void calls_start(struct job *job, enum source_id id, struct user *user, struct access_key *key);
/* Cancels all calls under way; the reader is not told. */
void calls_cancel(struct job *job);
/* The target of a call to the source. */
struct aws_target calls_target(struct job *job, enum source_id id);

#endif
