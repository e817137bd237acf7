/* SPDX-License-Identifier: MIT */
/*
 * reading.h: what is read of one account, and in which order. Private to the job.
 */
#ifndef CENSUS_READING_H
#define CENSUS_READING_H

#include "census/job_state.h"

/*
 * Requests the credential report; the job is ready once that is done. If no report is used, starts
 * to read at once.
 */
void reading_ask(struct job *job);
/* Starts the calls about the account. */
void reading_start(struct job *job);
/* Starts the calls about the next user. */
void reading_next_user(struct job *job);

#endif
