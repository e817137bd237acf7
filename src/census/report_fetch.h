/* SPDX-License-Identifier: MIT */
/*
 * report_fetch.h: getting one account's credential report: ask for it, wait, fetch.
 *
 * Source: IAM API Reference, GenerateCredentialReport and GetCredentialReport. 'STARTED',
 * 'INPROGRESS' and ReportInProgress mean wait; ReportNotPresent and ReportExpired mean ask again;
 * LimitExceeded ("No more capacity") means ask again later.
 */
#ifndef CENSUS_REPORT_FETCH_H
#define CENSUS_REPORT_FETCH_H

#include "aws/query.h"
#include "census/report.h"

/*
 * ASKING:   GenerateCredentialReport is under way for the first time
 * ASKED:    IAM makes the report; nobody waits for it yet
 * WAITING:  it is waited for, and a timer runs until the next call
 * CALLING:  it is waited for, and a call is under way
 * READY:    it is there, and read
 * FAILED:   it can't be had; 'error' says why
 */
enum report_fetch_state {
    FETCH_IDLE,
    FETCH_ASKING,
    FETCH_ASKED,
    FETCH_WAITING,
    FETCH_CALLING,
    FETCH_READY,
    FETCH_FAILED
};

struct report_fetch {
    enum report_fetch_state state;
    struct aws_target target;
    struct query *query;
    struct loop_timer timer;
    int64_t asked_at_ms, limit_ms;
    int64_t delay_ms;   /* before the next look */
    bool ask_again;     /* the next call is to generate */
    bool complete;      /* IAM called it complete: the next call needs no delay */
    struct arena arena; /* what the report points to */
    struct report report;
    const char *operation; /* that failed */
    struct error *error;   /* owned; why it failed */
    void (*asked)(void *arg);
    void (*done)(void *arg);
    void *arg;
};

/*
 * Asks for the report of the account that 'target' (copied) calls. asked(arg) is called once that
 * is so, or it has failed for good (state FETCH_FAILED); never from within this call. 'limit_ms'
 * is how long the report may take from now on.
 */
void report_fetch_ask(struct report_fetch *f, const struct aws_target *target, int64_t limit_ms,
                      void (*asked)(void *arg), void (*done)(void *arg), void *arg);
/* Waits for it: done(arg) is called once the state is FETCH_READY or FETCH_FAILED, never from
 * within. */
void report_fetch_get(struct report_fetch *f);
/* Ends what is under way and frees the report. Does nothing if nothing was asked. */
void report_fetch_release(struct report_fetch *f);

#endif
