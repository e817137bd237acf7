/* SPDX-License-Identifier: MIT */
/*
 * job.h: one account's census: assume the role, list the users, read every fact, settle the
 * outcome.
 *
 * A job is started, fed while there is room (each feed starts the calls of one more user), and ends
 * with one callback; its account then says how it went. A job never blocks and writes no output.
 */
#ifndef CENSUS_JOB_H
#define CENSUS_JOB_H

#include "census/census_account.h"
#include "census/job_context.h"

/* Makes a job for 'account' (copied). Never returns NULL. */
struct job *job_new(const struct job_context *context, size_t number,
                    const struct census_account *account);
/* Cancels what is under way and frees it, with its account. 'job' may be NULL. */
void job_free(struct job *job);
/* Starts the job; 'done' of its context is called later, once. */
void job_start(struct job *job);
/*
 * True if the job has requested its report and waits for its turn to read: job_feed starts that,
 * and from then on the account uses memory.
 */
bool job_ready(const struct job *job);
/*
 * True if the job is hungry: there is a user whose calls can be started now, or a list whose next
 * page waits for memory.
 */
bool job_hungry(const struct job *job);
/*
 * Starts the reading of a ready job; in a hungry one, asks for the next page, or starts the calls
 * of the next user.
 */
void job_feed(struct job *job);
/* Ends a job that is under way as failed at 'stage' ("Deadline"); 'done' is not called. */
void job_stop(struct job *job, const char *stage, const struct error *e);
bool job_over(const struct job *job);
/* Its place in the order of accounts. */
size_t job_number(const struct job *job);
/* How many users have been read so far, for progress. */
size_t job_users_settled(const struct job *job);
/* How many bytes of memory it holds. */
size_t job_held_bytes(const struct job *job);
/* True if the job will hold more without being fed: its account is being read, or will be at once.
 */
bool job_grows(const struct job *job);
struct account *job_account(struct job *job);

#endif
