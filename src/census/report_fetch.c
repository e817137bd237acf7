/* SPDX-License-Identifier: MIT */
/*
 * report_fetch.c: from GenerateCredentialReport to a parsed report.
 *
 *   ASKING --GenerateCredentialReport--> ASKED --report_fetch_get--> WAITING --timer--> CALLING
 *                                                                       ^                  |
 *                      not complete yet, expired, or no capacity        |                  |
 *                                                                       +------------------+
 *                                                                                          |
 *                                                    READY or FAILED <--GetCredentialReport+
 *
 * The wait between two calls doubles up to a bound. A report that expired, or that IAM does not
 * know, is requested again. If the limit passes, the fetch fails with ERROR_TIMEOUT.
 */
#include "census/report_fetch.h"

#include "api/iam.h"
#include "base/alloc.h"

#include <stdlib.h>

/* IAM takes seconds to make a report, minutes in a large account. */
#define DELAY_FIRST_MS 250
#define DELAY_MOST_MS  5000
/* 'No more capacity' concerns all of IAM: waiting longer helps. */
#define CAPACITY_DELAY_FIRST_MS 2000

static void ask_iam(struct report_fetch *f);

static struct loop *loop_of(const struct report_fetch *f)
{
    return aws_client_loop(f->target.client);
}

static void end_fetch(struct report_fetch *f, const char *operation, const struct error *e)
{
    bool was_asking = f->state == FETCH_ASKING;
    f->state = e ? FETCH_FAILED : FETCH_READY;
    if (e) {
        f->operation = operation;
        f->error = xmalloc(sizeof(*f->error));
        *f->error = *e;
    }
    if (was_asking)
        f->asked(f->arg);
    else
        f->done(f->arg);
}

static void report_fetch_on_timer(void *arg)
{
    struct report_fetch *f = arg;
    if (f->state == FETCH_READY || f->state == FETCH_FAILED)
        f->done(f->arg);
    else
        ask_iam(f);
}

static void wait_and_call(struct report_fetch *f, const char *operation)
{
    struct error e;
    int64_t spent_ms = loop_now_ms(loop_of(f)) - f->asked_at_ms;
    int64_t wait_ms = f->complete ? 0 : f->delay_ms;
    if (spent_ms + wait_ms > f->limit_ms) {
        error_set(&e, ERROR_TIMEOUT, "the credential report was not complete after %lld s",
                  (long long)(spent_ms / 1000));
        end_fetch(f, operation, &e);
        return;
    }
    f->state = FETCH_WAITING;
    f->complete = false;
    loop_timer_start(loop_of(f), &f->timer, wait_ms, report_fetch_on_timer, f);
    /* Even if IAM called the report complete: GetCredentialReport may disagree again and again. */
    f->delay_ms = f->delay_ms * 2 > DELAY_MOST_MS ? DELAY_MOST_MS : f->delay_ms * 2;
}

static int report_fetch_on_state(void *arg, const void *answer, struct error *e)
{
    struct report_fetch *f = arg;
    const struct iam_report_state *state = answer;
    if (state->state.len == 0)
        return error_set(e, ERROR_PROTOCOL, "the answer does not say what state the report is in");
    f->ask_again = false;
    f->complete = view_is(state->state, "COMPLETE");
    return 0;
}

static void report_fetch_on_generated(void *arg, const struct error *e)
{
    struct report_fetch *f = arg;
    bool first = f->state == FETCH_ASKING;
    f->query = NULL;
    if (e && !error_is_code(e, "LimitExceeded")) {
        end_fetch(f, "GenerateCredentialReport", e);
        return;
    }
    if (e) {
        f->ask_again = true;
        if (f->delay_ms < CAPACITY_DELAY_FIRST_MS)
            f->delay_ms = CAPACITY_DELAY_FIRST_MS;
    }
    if (first) {
        f->state = FETCH_ASKED;
        f->asked(f->arg);
    } else {
        wait_and_call(f, "GenerateCredentialReport");
    }
}

static int report_fetch_on_report(void *arg, const void *answer, struct error *e)
{
    struct report_fetch *f = arg;
    const struct iam_credential_report *report = answer;
    if (report->content.len == 0 || report->generated_s == TIMESTAMP_NONE)
        return error_set(e, ERROR_PROTOCOL, "the answer does not hold the report");
    return report_read(report->content, report->generated_s, &f->arena, &f->report, e);
}

static void report_fetch_on_fetched(void *arg, const struct error *e)
{
    struct report_fetch *f = arg;
    f->query = NULL;
    if (!e) {
        end_fetch(f, NULL, NULL);
    } else if (error_is_code(e, "ReportInProgress")) {
        wait_and_call(f, "GetCredentialReport");
    } else if (error_is_code(e, "ReportNotPresent") || error_is_code(e, "ReportExpired")) {
        f->ask_again = true;
        wait_and_call(f, "GetCredentialReport");
    } else {
        end_fetch(f, "GetCredentialReport", e);
    }
}

static void ask_iam(struct report_fetch *f)
{
    static const struct query_handler generate = {report_fetch_on_state, report_fetch_on_generated,
                                                  NULL};
    static const struct query_handler get = {report_fetch_on_report, report_fetch_on_fetched, NULL};
    bool asking = f->state == FETCH_ASKING;
    if (!asking)
        f->state = FETCH_CALLING;
    f->query = iam_start_account(&f->target,
                                 asking || f->ask_again ? &iam_generate_credential_report
                                                        : &iam_get_credential_report,
                                 asking || f->ask_again ? &generate : &get, f);
}

void report_fetch_ask(struct report_fetch *f, const struct aws_target *target, int64_t limit_ms,
                      void (*asked)(void *arg), void (*done)(void *arg), void *arg)
{
    *f = (struct report_fetch){.state = FETCH_ASKING,
                               .target = *target,
                               .limit_ms = limit_ms,
                               .delay_ms = DELAY_FIRST_MS,
                               .asked = asked,
                               .done = done,
                               .arg = arg};
    f->asked_at_ms = loop_now_ms(loop_of(f));
    arena_init(&f->arena);
    ask_iam(f);
}

/* The time since the report was requested counts towards the delay. */
void report_fetch_get(struct report_fetch *f)
{
    int64_t since_ms = loop_now_ms(loop_of(f)) - f->asked_at_ms;
    int64_t left_ms = f->complete || f->delay_ms < since_ms ? 0 : f->delay_ms - since_ms;
    if (f->state == FETCH_ASKED)
        f->state = FETCH_WAITING;
    f->complete = false;
    loop_timer_start(loop_of(f), &f->timer, left_ms, report_fetch_on_timer, f);
}

void report_fetch_release(struct report_fetch *f)
{
    if (f->state == FETCH_IDLE)
        return;
    query_cancel(f->query);
    loop_timer_stop(loop_of(f), &f->timer);
    arena_release(&f->arena);
    free(f->error);
    *f = (struct report_fetch){.state = FETCH_IDLE};
}
