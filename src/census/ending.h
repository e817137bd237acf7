/* SPDX-License-Identifier: MIT */
/*
 * ending.h: how an account's job ends: complete, partial or failed. Private to the job.
 */
#ifndef CENSUS_ENDING_H
#define CENSUS_ENDING_H

#include "base/log.h"
#include "census/job_state.h"

/*
 * Ends the job and calls 'done' of its context if nothing is left to read; otherwise calls
 * 'changed', as the job may have become hungry.
 */
void ending_check(struct job *job);
/* Ends the job as failed at 'stage' (a static string), and calls 'done'. */
void ending_fail(struct job *job, const char *stage, const struct error *e);
/* The same, but logged at 'level', and 'done' is not called. */
void ending_fail_quietly(struct job *job, const char *stage, const struct error *e,
                         enum log_level level);
/* Cancels what is under way and frees all but the account. */
void ending_release(struct job *job);

#endif
