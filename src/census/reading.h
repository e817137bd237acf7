/* SPDX-License-Identifier: MIT */
/*
 * reading.h: what is read of one account, and in which order. Private to the job.
 */
#ifndef CENSUS_READING_H
#define CENSUS_READING_H

#include "census/job_state.h"

/* Asks for the credential report, and makes the job ready; without a report, begins to read. */
void reading_ask(struct job *job);
/* Starts the calls about the account. */
void reading_start(struct job *job);
/* Starts the calls about the next user. */
void reading_next_user(struct job *job);

#endif
