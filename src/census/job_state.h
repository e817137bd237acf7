/* SPDX-License-Identifier: MIT */
/*
 * job_state.h: what a job is made of. Private to the files of a job, each of which uses only those
 * after it: job.c (its life), reading.c (what is read, in which order), ending.c (how it ends),
 * calls.c (the calls under way).
 */
#ifndef CENSUS_JOB_STATE_H
#define CENSUS_JOB_STATE_H

#include "census/choice.h"
#include "census/gathered.h"
#include "census/job_context.h"
#include "census/report_fetch.h"
#include "census/roster.h"

/*
 * ASSUMING: waits for the role's credentials
 * ASKING:   requests the credential report (strategies that use it)
 * READY:    waits for its turn
 * READING:  calls are under way, or users wait for their turn
 * OVER:     the account's outcome is final
 */
enum job_state { JOB_ASSUMING, JOB_ASKING, JOB_READY, JOB_READING, JOB_OVER };

/*
 * LISTING:  the users are being listed, and the credential report is being fetched
 * SIGN_INS: both are complete; ListUsers is called for the sign-ins that the report does not show
 * OPEN:     users may be read; with 'per-user' from the first page of users on
 */
enum gate { GATE_LISTING, GATE_SIGN_INS, GATE_OPEN };

struct fetch; /* a call under way */
struct call_handler;

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
    const struct call_handler *handler; /* in reading.c */
    struct fetch *running, *spare;
    unsigned running_count;   /* calls */
    unsigned account_running; /* those of them that are about the whole account */
    unsigned parked_count;    /* those of them whose next page waits for memory */
    struct choice choice;
    unsigned used_sources; /* a SOURCE_BIT each: account-wide sources that have been called */
    enum gate gate;
    struct roster roster;
    struct gathered gathered;
    size_t users_settled;
    int64_t started_at_ms;
};

#endif
