/* SPDX-License-Identifier: MIT */
/*
 * job.h: one account's census: assume the role, list the users, read every fact, settle the
 * outcome.
 *
 * A job is started, fed with room (each feed starts the calls of one more user), and ends with one
 * callback; its account then says how it went. It never waits and never writes.
 */
#ifndef CENSUS_JOB_H
#define CENSUS_JOB_H

#include "census/job_context.h"

/* A job for the account 'id' (12 digits); 'name' (copied) from Organizations or VIEW_NONE. Never
 * NULL. */
struct job *job_new(const struct job_context *context, size_t number, const char *id,
                    struct view name);
/* Cancels what is under way and frees it, with its account. 'job' may be NULL. */
void job_free(struct job *job);
/* Begins; 'done' is called later, once. */
void job_start(struct job *job);
/*
 * True if the job has asked for its report and waits for its turn to read: job_feed begins that,
 * and from then on its account takes up memory.
 */
bool job_ready(const struct job *job);
/* True if there is a user whose calls can be started now: the job is hungry. */
bool job_hungry(const struct job *job);
/* Begins to read a ready job; goes on in a hungry one until the calls of one user have started. */
void job_feed(struct job *job);
/* Ends a job that is under way as failed at 'stage' ("Deadline"); 'done' is not called. */
void job_stop(struct job *job, const char *stage, const struct error *e);
bool job_over(const struct job *job);
/* Its place in the order of accounts. */
size_t job_number(const struct job *job);
/* Users settled so far: for progress. */
size_t job_users_settled(const struct job *job);
/* Bytes that it holds. */
size_t job_held_bytes(const struct job *job);
struct account *job_account(struct job *job);

#endif
