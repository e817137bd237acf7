/* SPDX-License-Identifier: MIT */
#include "census/job.h"

#include "auth/provider_assume_role.h"
#include "base/alloc.h"
#include "base/log.h"
#include "census/calls.h"
#include "census/ending.h"
#include "census/reading.h"

#include <stdio.h>
#include <stdlib.h>

/* A throttled account may have this many calls under way or waiting, plus those of one second. */
#define CALLS_THROTTLED 32

struct account *job_account(struct job *job)
{
    return &job->account;
}

size_t job_number(const struct job *job)
{
    return job->number;
}

bool job_over(const struct job *job)
{
    return job->state == JOB_OVER;
}

size_t job_users_settled(const struct job *job)
{
    return job->users_settled;
}

static struct loop *loop_of(const struct job *job)
{
    return aws_client_loop(job->context->client);
}

struct job *job_new(const struct job_context *context, size_t number,
                    const struct census_account *from)
{
    struct job *job = xcalloc(1, sizeof(*job));
    struct account *account = &job->account;
    job->context = context;
    job->number = number;
    roster_init(&job->roster, account);
    gathered_init(&job->gathered, context->wanted);
    census_account_begin(account, from);
    account->partition = arena_copy(&account->arena, view_of(context->partition));
    account->report_at_s = TIMESTAMP_NONE;
    job->choice = (struct choice){.strategy = context->strategy};
    if (asprintf(&job->role_arn, "arn:%s:iam::%s:role/%.*s", context->partition, account->id,
                 VIEW_ARG(context->role)) < 0)
        out_of_memory();
    for (size_t i = 0; i < SOURCE_COUNT; i++)
        rate_init(&job->rates[i], loop_of(job));
    const struct assume_role_options options = {
        .sts = context->sts,
        .source = context->caller->credentials,
        .role_arn = view_of(job->role_arn),
        .session_name = VIEW_LITERAL("iam-census"),
        .external_id = context->external_id,
        .policy = context->session_policy,
    };
    credentials_cache_init(&job->session, loop_of(job), provider_assume_role_new(&options));
    job->session.skew_s = aws_client_skew_s(context->client, context->sts->endpoint);
    job->credentials = &job->session;
    return job;
}

void job_free(struct job *job)
{
    if (!job)
        return;
    ending_release(job);
    arena_release(&job->account.arena);
    free(job);
}

size_t job_held_bytes(const struct job *job)
{
    return sizeof(*job) + arena_size(&job->account.arena) + arena_size(&job->report.arena);
}

/*
 * At INFO: every remaining account fails for the same reason; an ERROR each would bury the one that
 * explains it.
 */
void job_stop(struct job *job, const char *stage, const struct error *e)
{
    ending_fail_quietly(job, stage, e, LOG_INFO);
}

bool job_ready(const struct job *job)
{
    return job->state == JOB_READY;
}

/*
 * If an account is throttled, a second's worth of calls is enough to keep up its slowest pace; more
 * would only wait, and use memory in every throttled account. A pace that is low only for a trial
 * (aws/pace.h) does no harm: the calls that it holds back start as soon as it rises again.
 */
static unsigned calls_allowed(const struct job *job)
{
    double most = job->context->calls_at_once;
    for (size_t i = 0; i < SOURCE_COUNT; i++)
        if (job->rates[i].pace.limited && CALLS_THROTTLED + job->rates[i].pace.per_second < most)
            most = CALLS_THROTTLED + job->rates[i].pace.per_second;
    return (unsigned)most;
}

bool job_grows(const struct job *job)
{
    return job->state == JOB_READING ||
           (job->state == JOB_ASSUMING && !job_uses_report(job->context));
}

bool job_hungry(const struct job *job)
{
    if (job->state == JOB_READING && job->parked_count > 0)
        return true;
    return job->state == JOB_READING && job->gate == GATE_OPEN && job->roster.next &&
           job->running_count < calls_allowed(job);
}

void job_feed(struct job *job)
{
    if (job->state == JOB_READY) {
        reading_start(job);
        return;
    }
    if (job->parked_count > 0) {
        calls_go_on(job);
        return;
    }
    unsigned before = job->running_count;
    while (job_hungry(job) && job->running_count == before)
        reading_next_user(job);
}

static void session_ready(struct job *job)
{
    job->state = JOB_ASKING;
    reading_ask(job);
}

static void job_on_caller(void *arg, const char *account)
{
    struct job *job = arg;
    if (strcmp(account, job->account.id) != 0) {
        struct error e = *job->assume_error;
        ending_fail(job, "AssumeRole", &e);
        return;
    }
    log_event(LOG_INFO, "caller's own account, read with the caller's own credentials",
              FIELD("account_id", job->account.id), FIELD("reason", job->assume_error->text));
    job->credentials = job->context->caller->credentials;
    session_ready(job);
}

static void job_on_session(void *arg, const struct error *e)
{
    struct job *job = arg;
    if (e) {
        job->assume_error = xmalloc(sizeof(*e));
        *job->assume_error = *e;
        caller_account(job->context->caller, &job->caller_waiter, job_on_caller, job);
        return;
    }
    log_event(LOG_INFO, "role assumed", FIELD("account_id", job->account.id),
              FIELD("role_arn", job->role_arn));
    session_ready(job);
}

void job_start(struct job *job)
{
    job->started_at_ms = loop_now_ms(loop_of(job));
    credentials_cache_wait(&job->session, &job->credentials_waiter, job_on_session, job);
}
