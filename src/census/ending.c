/* SPDX-License-Identifier: MIT */
#include "census/ending.h"

#include "census/calls.h"
#include "census/causes.h"
#include "census/root_facts.h"

#include <stdio.h>
#include <stdlib.h>

static struct loop *loop_of(const struct job *job)
{
    return aws_client_loop(job->context->client);
}

void ending_release(struct job *job)
{
    calls_cancel(job);
    report_fetch_release(&job->report);
    credentials_cache_leave(&job->credentials_waiter);
    caller_leave(job->context->caller, &job->caller_waiter);
    credentials_cache_release(&job->session);
    for (size_t i = 0; i < SOURCE_COUNT; i++)
        rate_release(&job->rates[i]);
    free(job->role_arn);
    free(job->assume_error);
    job->role_arn = NULL;
    job->assume_error = NULL;
}

static void finish(struct job *job)
{
    struct account *account = &job->account;
    job->state = JOB_OVER;
    account->duration_ms = loop_now_ms(loop_of(job)) - job->started_at_ms;
    ending_release(job);
}

void ending_fail_quietly(struct job *job, const char *stage, const struct error *e,
                         enum log_level level)
{
    struct account *account = &job->account;
    account->outcome = OUTCOME_FAILED;
    account->failed_stage = stage;
    account->failed = *e;
    account->users = NULL;
    account->user_count = 0;
    finish(job);
    log_event(level, "account failed", FIELD("account_id", account->id), FIELD("stage", stage),
              FIELD("code", error_code(e)), FIELD("reason", e->text));
}

/* If the caller's own credentials were used, adds that the role could not be assumed, and why. */
static void name_refused_role(const struct job *job, struct error *e)
{
    char text[sizeof(e->text)];
    if (job->credentials != job->context->caller->credentials)
        return;
    snprintf(
        text, sizeof(text),
        "%.450s; the caller's own credentials were used because the role could not be assumed: "
        "%s: %.400s",
        e->text, error_code(job->assume_error), job->assume_error->text);
    memcpy(e->text, text, sizeof(text));
}

void ending_fail(struct job *job, const char *stage, const struct error *e)
{
    struct error mine = *e;
    name_refused_role(job, &mine);
    ending_fail_quietly(job, stage, &mine, LOG_ERROR);
    job->context->done(job->context->arg, job);
}

static int compare_users(const void *a, const void *b)
{
    const struct user *const *left = a;
    const struct user *const *right = b;
    return view_compare((*left)->name, (*right)->name);
}

/* Facts that were not asked for are unknown, even if an answer happened to hold them. */
static fact_set not_wanted(const struct job *job, enum fact_about about)
{
    return facts_about(about) & ~job->context->wanted & ~FACT_BIT(FACT_USERS);
}

static void settle_account(struct job *job)
{
    struct account *account = &job->account;
    const struct report *report = &job->report.report;
    bool has_line = job->choice.report == REPORT_USED && report->root.listed;
    root_facts_settle(account, &job->gathered, has_line ? &report->root : NULL,
                      job->context->partition);
    /* What the list of accounts tells costs nothing, and is never asked for. */
    account->unknown |= not_wanted(job, ABOUT_ACCOUNT) & facts_with_source(STRATEGY_AUTO);
}

static void settle_users(struct job *job)
{
    struct account *account = &job->account;
    fact_set unknown = not_wanted(job, ABOUT_USER) | not_wanted(job, ABOUT_KEY);
    account->users = arena_alloc(&account->arena, (job->roster.count + 1) * sizeof(struct user *));
    size_t count = 0;
    for (struct user *user = job->roster.first; user; user = user->next) {
        user->unknown |= unknown;
        if (!user->gone && !user->superseded)
            account->users[count++] = user;
        /* A superseded user does not count: it was deleted before the list was complete. */
        account->users_gone += user->gone && !user->superseded;
    }
    qsort(account->users, count, sizeof(struct user *), compare_users);
    account->user_count = count;
}

static void log_settled(const struct account *account)
{
    char reasons[256] = "";
    size_t used = 0;
    for (const struct call_failure *f = account->failures; f && used < sizeof(reasons); f = f->next)
        used += (size_t)snprintf(reasons + used, sizeof(reasons) - used, "%s%s %.*s",
                                 used > 0 ? ", " : "", f->operation, VIEW_ARG(f->code));
    if (account->outcome == OUTCOME_PARTIAL)
        log_event(LOG_WARN, "account partial", FIELD("account_id", account->id),
                  FIELD_NUMBER("users", (int64_t)account->user_count), FIELD("cause", reasons));
    log_event(LOG_INFO, "account read", FIELD("account_id", account->id),
              FIELD_NUMBER("users", (int64_t)account->user_count),
              FIELD_NUMBER("calls", (int64_t)account->calls),
              FIELD_NUMBER("ms", account->duration_ms));
}

/* Those of the account's own facts that are unknown because a call failed. */
static fact_set lost_facts(const struct job *job)
{
    fact_set lost = 0;
    for (enum fact fact = 0; fact < FACT_COUNT; fact++)
        if ((job->account.unknown & FACT_BIT(fact)) && choice_lost_source(&job->choice, fact))
            lost |= FACT_BIT(fact);
    /* Whether there is a device comes from other calls than what kind it is. */
    if (lost & FACT_BIT(FACT_ROOT_MFA))
        lost |= job->account.unknown & FACT_BIT(FACT_ROOT_MFA_KIND);
    return lost;
}

static void settle(struct job *job)
{
    struct account *account = &job->account;
    settle_account(job);
    settle_users(job);
    fact_set unknown = lost_facts(job);
    for (size_t i = 0; i < account->user_count; i++)
        unknown |= account->users[i]->unknown & ~listed_user_of(account->users[i])->sourceless;
    account->partial = unknown & facts_with_source(job->context->strategy) & job->context->wanted;
    account->outcome = account->partial ? OUTCOME_PARTIAL : OUTCOME_SUCCEEDED;
    causes_keep(account, &job->choice);
    finish(job);
    log_settled(account);
    job->context->done(job->context->arg, job);
}

void ending_check(struct job *job)
{
    if (job->state != JOB_READING)
        return;
    if (job->gate == GATE_OPEN && job->roster.closed && !job->roster.next &&
        job->running_count == 0)
        settle(job);
    else
        job->context->changed(job->context->arg, job);
}
