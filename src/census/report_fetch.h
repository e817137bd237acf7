/* SPDX-License-Identifier: MIT */
/*
 * report_fetch.h: gets one account's credential report: requests it, waits, and fetches it.
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
 * ASKED:    IAM is making the report; report_fetch_get has not been called yet
 * WAITING:  the report is wanted now, and a timer runs until the next call
 * CALLING:  the report is wanted now, and a call is under way
 * READY:    the report has been fetched and parsed
 * FAILED:   there is no report; 'error' says why
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
    int64_t delay_ms;   /* before the next call */
    bool ask_again;     /* the next call is GenerateCredentialReport */
    bool complete;      /* IAM called it complete: the next call needs no delay */
    struct arena arena; /* holds what the report points to */
    struct report report;
    const char *operation; /* the one that failed */
    struct error *error;   /* owned; why it failed */
    void (*asked)(void *arg);
    void (*done)(void *arg);
    void *arg;
};

/*
 * Requests the report of the account that 'target' (copied) calls. asked(arg) is called once the
 * request has been made, or has failed for good (state FETCH_FAILED); never from within this call.
 * 'limit_ms' is how long the report may take from now on. 'done' is for report_fetch_get.
 */
void report_fetch_ask(struct report_fetch *f, const struct aws_target *target, int64_t limit_ms,
                      void (*asked)(void *arg), void (*done)(void *arg), void *arg);
/*
 * Waits for the report: done(arg) is called once the state is FETCH_READY or FETCH_FAILED, never
 * from within this call.
 */
void report_fetch_get(struct report_fetch *f);
/* Cancels what is under way and frees the report. Does nothing if no report was requested. */
void report_fetch_release(struct report_fetch *f);

#endif
