#include "census/job_state.h"

#include "auth/provider_assume_role.h"
#include "base/alloc.h"
#include "base/log.h"
#include "census/causes.h"

#include <stdio.h>
#include <stdlib.h>

/* Calls of one account that may be under way or wait, beside a second's worth of its pace. */
#define CALLS_THROTTLED 32

struct account *job_account(struct job *job)
{
    return &job->account;
}

struct arena *job_arena(struct job *job)
{
    return &job->account.arena;
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

int64_t job_now_s(const struct job *job)
{
    return clock_wall_ms(loop_clock(loop_of(job))) / 1000 +
           aws_client_ahead_s(job->context->client);
}

bool job_uses_report(const struct job_context *context)
{
    return context->strategy != STRATEGY_PER_USER && context->max_report_age_s > 0;
}

struct job *job_new(const struct job_context *context, size_t number, const char *id,
                    struct view name)
{
    struct job *job = xcalloc(1, sizeof(*job));
    struct account *account = &job->account;
    job->context = context;
    job->number = number;
    job->users_end = &job->users;
    snprintf(account->id, sizeof(account->id), "%s", id);
    arena_init(&account->arena);
    account->name = arena_copy(&account->arena, name);
    account->unknown = name.ptr ? 0 : FACT_BIT(FACT_ACCOUNT_NAME);
    account->report_at_s = TIMESTAMP_NONE;
    job->choice = (struct choice){.strategy = context->strategy};
    if (asprintf(&job->role_arn, "arn:%s:iam::%s:role/%.*s", context->partition, id,
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

static void release_calls(struct job *job)
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

void job_free(struct job *job)
{
    if (!job)
        return;
    release_calls(job);
    arena_release(&job->account.arena);
    free(job);
}

struct user *job_add_user(struct job *job, struct view name)
{
    struct job_user *added = arena_alloc(job_arena(job), sizeof(*added));
    struct user *user = &added->user;
    user->name = arena_copy(job_arena(job), name);
    user->created_s = TIMESTAMP_NONE;
    user->password_set_s = user->password_changed_s = user->password_used_s = TIMESTAMP_NONE;
    user->data_as_of_s = job->account.read_at_s;
    *job->users_end = user;
    job->users_end = &user->next;
    if (!job->next_user)
        job->next_user = user;
    job->users_listed++;
    return user;
}

bool job_users_known(const struct job *job)
{
    return job->users_known;
}

struct user *job_find_user(const struct job *job, struct view name)
{
    return index_find(&job->index, name);
}

struct user *job_user_again(struct job *job, struct view name, int64_t created_s)
{
    struct user *user = job_find_user(job, name);
    if (!user || user->created_s != created_s)
        return NULL;
    job_user_of(user)->listed_again = true;
    return user;
}

size_t job_held_bytes(const struct job *job)
{
    return sizeof(*job) + arena_size(&job->account.arena) + arena_size(&job->report.arena);
}

void job_note_failure(struct job *job, const char *operation, const struct error *e)
{
    const char *code = error_code(e);
    struct call_failure **place = &job->account.failures;
    for (; *place; place = &(*place)->next)
        if (strcmp((*place)->operation, operation) == 0 && view_is((*place)->code, code)) {
            (*place)->count++;
            return;
        }
    struct call_failure *failure = arena_alloc(job_arena(job), sizeof(*failure));
    failure->operation = operation;
    failure->code = arena_copy(job_arena(job), view_of(code));
    failure->message = arena_copy(job_arena(job), view_of(e->text));
    failure->count = 1;
    *place = failure;
}

static void job_end(struct job *job)
{
    struct account *account = &job->account;
    job->state = JOB_OVER;
    account->duration_ms = loop_now_ms(loop_of(job)) - job->started_at_ms;
    release_calls(job);
}

static void end_failed(struct job *job, const char *stage, const struct error *e,
                       enum log_level level)
{
    struct account *account = &job->account;
    account->outcome = OUTCOME_FAILED;
    account->failed_stage = stage;
    account->failed = *e;
    account->users = NULL;
    account->user_count = 0;
    job_end(job);
    log_event(level, "account failed", FIELD("account_id", account->id), FIELD("stage", stage),
              FIELD("code", error_code(e)), FIELD("reason", e->text));
}

/* The account is the caller's own: the role's refusal alone would hide what else went wrong. */
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

void job_fail(struct job *job, const char *stage, const struct error *e)
{
    struct error mine = *e;
    name_refused_role(job, &mine);
    end_failed(job, stage, &mine, LOG_ERROR);
    job->context->done(job->context->arg, job);
}

/* One cause for all that are left: no error of each, which would bury the one that was told. */
void job_stop(struct job *job, const char *stage, const struct error *e)
{
    end_failed(job, stage, e, LOG_INFO);
}

static int compare_users(const void *a, const void *b)
{
    const struct user *const *left = a;
    const struct user *const *right = b;
    return view_compare((*left)->name, (*right)->name);
}

static void settle_users(struct job *job)
{
    struct account *account = &job->account;
    account->users = arena_alloc(&account->arena, (job->users_listed + 1) * sizeof(struct user *));
    size_t count = 0;
    for (struct user *user = job->users; user; user = user->next)
        if (!user->gone && !user->superseded)
            account->users[count++] = user;
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

static void job_settle(struct job *job)
{
    struct account *account = &job->account;
    settle_users(job);
    fact_set unknown = account->unknown;
    for (size_t i = 0; i < account->user_count; i++)
        unknown |= account->users[i]->unknown & ~job_user_of(account->users[i])->sourceless;
    account->partial = unknown & facts_with_source(job->context->strategy) & job->context->wanted;
    account->outcome = account->partial ? OUTCOME_PARTIAL : OUTCOME_SUCCEEDED;
    causes_keep(account, &job->choice);
    job_end(job);
    log_settled(account);
    job->context->done(job->context->arg, job);
}

void job_check(struct job *job)
{
    if (job->state != JOB_READING)
        return;
    if (job->gate == GATE_OPEN && job->users_known && !job->next_user && job->running_count == 0)
        job_settle(job);
    else
        job->context->changed(job->context->arg, job);
}

bool job_ready(const struct job *job)
{
    return job->state == JOB_READY;
}

/*
 * If an account is throttled, a second's worth of calls keeps its slowest pace; more of them would
 * only wait, and take memory in every account that is. That the pace is low in a trial does no
 * harm: the calls that it holds back are started as soon as it rises again.
 */
static unsigned calls_allowed(const struct job *job)
{
    double most = job->context->calls_at_once;
    for (size_t i = 0; i < SOURCE_COUNT; i++)
        if (job->rates[i].pace.limited && CALLS_THROTTLED + job->rates[i].pace.per_second < most)
            most = CALLS_THROTTLED + job->rates[i].pace.per_second;
    return (unsigned)most;
}

bool job_hungry(const struct job *job)
{
    return job->state == JOB_READING && job->gate == GATE_OPEN && job->next_user &&
           job->running_count < calls_allowed(job);
}

void job_feed(struct job *job)
{
    if (job->state == JOB_READY) {
        reading_start(job);
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

static void on_caller(void *arg, const char *account)
{
    struct job *job = arg;
    if (strcmp(account, job->account.id) != 0) {
        struct error e = *job->assume_error;
        job_fail(job, "AssumeRole", &e);
        return;
    }
    log_event(LOG_INFO, "caller's own account, read with the caller's own credentials",
              FIELD("account_id", job->account.id), FIELD("reason", job->assume_error->text));
    job->credentials = job->context->caller->credentials;
    session_ready(job);
}

static void on_session(void *arg, const struct error *e)
{
    struct job *job = arg;
    if (e) {
        job->assume_error = xmalloc(sizeof(*e));
        *job->assume_error = *e;
        caller_account(job->context->caller, &job->caller_waiter, on_caller, job);
        return;
    }
    log_event(LOG_INFO, "role assumed", FIELD("account_id", job->account.id),
              FIELD("role_arn", job->role_arn));
    session_ready(job);
}

void job_start(struct job *job)
{
    job->started_at_ms = loop_now_ms(loop_of(job));
    credentials_cache_wait(&job->session, &job->credentials_waiter, on_session, job);
}
