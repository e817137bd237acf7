#include "census/job.h"

#include "api/iam.h"
#include "auth/assume_role.h"
#include "base/alloc.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>

#define ROLE_ARN_MAX_BYTES 640 /* a path of 512 and a name of 64 characters */

/*
 * ASSUMING: waits for the role's credentials
 * READING:  calls are under way, or users wait for their turn
 * OVER:     the account's outcome stands
 */
enum state { ASSUMING, READING, OVER };

/* A call under way. */
struct fetch {
    struct fetch *next, **place; /* in the job's list; when over, the next free one */
    struct subject subject;
    enum source_id source;
    struct query *query;
};

/* A user with what only the job needs to know of it. */
struct job_user {
    struct user user;
    unsigned fetches; /* under way */
};

struct job {
    const struct job_context *context;
    size_t number;
    enum state state;
    struct account account;
    char role_arn[ROLE_ARN_MAX_BYTES];
    struct credentials_cache session;
    struct credentials_cache *credentials; /* the session's, or the caller's own */
    struct credentials_waiter credentials_waiter;
    struct caller_waiter caller_waiter;
    struct error assume_error;
    struct rate rates[SOURCE_COUNT];
    struct fetch *running, *spare;
    unsigned running_count;
    bool listed; /* all users are known */
    struct user *users, **users_end, *next_user;
    size_t users_listed, users_settled;
    int64_t started_at_ms;
};

static void job_check(struct job *job);

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
    return job->state == OVER;
}

size_t job_users_settled(const struct job *job)
{
    return job->users_settled;
}

static struct loop *loop_of(const struct job *job)
{
    return aws_client_loop(job->context->client);
}

static fact_set without_source(const struct job *job)
{
    return ~facts_with_source(job->context->strategy) & (FACT_BIT(FACT_COUNT) - 1);
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
    snprintf(job->role_arn, sizeof(job->role_arn), "arn:%s:iam::%s:role/%.*s", context->partition,
             id, VIEW_ARG(context->role));
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
    credentials_cache_init(&job->session, loop_of(job), assume_role_provider_new(&options));
    job->credentials = &job->session;
    return job;
}

static void release_calls(struct job *job)
{
    for (struct fetch *f = job->running; f; f = f->next)
        query_cancel(f->query);
    job->running = NULL;
    job->running_count = 0;
    credentials_cache_leave(&job->credentials_waiter);
    caller_leave(job->context->caller, &job->caller_waiter);
    credentials_cache_release(&job->session);
    for (size_t i = 0; i < SOURCE_COUNT; i++)
        rate_release(&job->rates[i]);
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
    user->data_as_of_s = TIMESTAMP_NONE;
    user->unknown = without_source(job) & ~FACT_BIT(FACT_ACCOUNT_NAME);
    *job->users_end = user;
    job->users_end = &user->next;
    if (!job->next_user)
        job->next_user = user;
    job->users_listed++;
    return user;
}

static void note_failure(struct job *job, const char *operation, const struct error *e)
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
    job->state = OVER;
    account->duration_ms = loop_now_ms(loop_of(job)) - job->started_at_ms;
    release_calls(job);
}

static void job_fail(struct job *job, const char *stage, const struct error *e)
{
    struct account *account = &job->account;
    account->outcome = OUTCOME_FAILED;
    account->failed_stage = stage;
    account->failed = *e;
    account->users = NULL;
    account->user_count = 0;
    job_end(job);
    log_event(LOG_ERROR, "account failed", FIELD("account_id", account->id), FIELD("stage", stage),
              FIELD("code", error_code(e)), FIELD("reason", e->text));
    job->context->done(job->context->arg, job);
}

void job_stop(struct job *job, const char *stage, const struct error *e)
{
    job->account.outcome = OUTCOME_FAILED;
    job->account.failed_stage = stage;
    job->account.failed = *e;
    job->account.users = NULL;
    job->account.user_count = 0;
    job_end(job);
}

/* By name, and where two calls saw the same name, one. */
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
        if (!user->gone)
            account->users[count++] = user;
    qsort(account->users, count, sizeof(struct user *), compare_users);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || !view_equal(account->users[kept - 1]->name, account->users[i]->name))
            account->users[kept++] = account->users[i];
    account->user_count = kept;
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
                  FIELD_NUMBER("users", (int64_t)account->user_count), FIELD("reason", reasons));
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
        unknown |= account->users[i]->unknown;
    account->partial = unknown & ~without_source(job) & job->context->wanted;
    account->outcome = account->partial ? OUTCOME_PARTIAL : OUTCOME_SUCCEEDED;
    job_end(job);
    log_settled(account);
    job->context->done(job->context->arg, job);
}

static void job_check(struct job *job)
{
    if (job->state != READING)
        return;
    if (job->listed && !job->next_user && job->running_count == 0)
        job_settle(job);
    else
        job->context->changed(job->context->arg, job);
}

/* The source that a fact is read from in this account; SOURCE_NONE where there is none. */
static enum source_id source_for(const struct job *job, enum fact fact)
{
    for (const enum source_id *s = census_facts[fact].sources; *s != SOURCE_NONE; s++)
        if (source_used_by(&census_sources[*s], job->context->strategy))
            return *s;
    return SOURCE_NONE;
}

/* The sources of one scope that the wanted facts need: a bit each. */
static unsigned sources_in_scope(const struct job *job, enum source_scope scope)
{
    unsigned sources = 0;
    for (unsigned fact = 0; fact < FACT_COUNT; fact++) {
        enum source_id id = source_for(job, (enum fact)fact);
        if (id != SOURCE_NONE && (job->context->wanted & FACT_BIT(fact)) &&
            census_sources[id].scope == scope)
            sources |= 1u << id;
    }
    return sources;
}

static int on_page(void *arg, const void *answer, struct error *e)
{
    struct fetch *f = arg;
    if (census_sources[f->source].page(&f->subject, answer, e) != 0)
        return -1;
    if (f->source == SOURCE_LIST_USERS)
        f->subject.job->context->changed(f->subject.job->context->arg, f->subject.job);
    return 0;
}

static void on_done(void *arg, const struct error *e);

static void start_fetch(struct job *job, enum source_id id, struct user *user,
                        struct access_key *key)
{
    static const struct query_handler handler = {on_page, on_done};
    const struct source *source = &census_sources[id];
    const struct aws_target target = {
        .client = job->context->client,
        .endpoint = job->context->iam,
        .credentials = job->credentials,
        .rate = &job->rates[id],
        .requests = &job->account.calls,
    };
    struct fetch *f = job->spare;
    if (f)
        job->spare = f->next;
    else
        f = arena_alloc(job_arena(job), sizeof(*f));
    *f = (struct fetch){.next = job->running, .subject = {job, user, key}, .source = id};
    f->place = &job->running;
    if (job->running)
        job->running->place = &f->next;
    job->running = f;
    job->running_count++;
    if (user)
        ((struct job_user *)(void *)user)->fetches++;
    if (source->scope == SCOPE_ACCOUNT)
        f->query = iam_start_account(&target, source->operation, &handler, f);
    else if (source->scope == SCOPE_USER)
        f->query = iam_start_user(&target, source->operation, user->name, &handler, f);
    else
        f->query = iam_start_key(&target, source->operation, key->id, &handler, f);
}

static void end_fetch(struct fetch *f)
{
    struct job *job = f->subject.job;
    *f->place = f->next;
    if (f->next)
        f->next->place = f->place;
    f->next = job->spare;
    job->spare = f;
    job->running_count--;
}

static void start_keys(struct job *job, struct user *user)
{
    enum source_id id = source_for(job, FACT_KEYS_USED);
    if (id == SOURCE_NONE || user->gone)
        return;
    for (struct access_key *key = user->keys; key; key = key->next)
        start_fetch(job, id, user, key);
}

/* What a call that failed for good leaves unknown. */
static void mark_unknown(struct subject *s, const struct source *source)
{
    fact_set facts = source->facts;
    if (facts & FACT_BIT(FACT_KEYS))
        facts |= FACT_BIT(FACT_KEYS_USED);
    if (source->discard)
        source->discard(s);
    if (s->key)
        s->key->use_unknown = s->key->use_place_unknown = true;
    if (s->user)
        s->user->unknown |= facts;
    else
        s->job->account.unknown |= facts;
}

static void user_gone(struct subject *s)
{
    if (s->user->gone)
        return;
    s->user->gone = true;
    log_event(LOG_INFO, "user was deleted meanwhile", FIELD("account_id", s->job->account.id),
              FIELD_VIEW("user", s->user->name));
}

static void fetch_failed(struct fetch *f, const struct error *e)
{
    const struct source *source = &census_sources[f->source];
    if (error_is_code(e, "NoSuchEntity") && source->absent) {
        source->absent(&f->subject);
    } else if (error_is_code(e, "NoSuchEntity") && f->subject.user) {
        user_gone(&f->subject);
    } else {
        mark_unknown(&f->subject, source);
        note_failure(f->subject.job, source->operation->action, e);
    }
}

static void user_settled(struct job *job, struct user *user)
{
    job->users_settled++;
    if (user->gone)
        return;
    log_event(LOG_INFO, "user processed", FIELD("account_id", job->account.id),
              FIELD_VIEW("user", user->name));
}

static void on_done(void *arg, const struct error *e)
{
    struct fetch *f = arg;
    struct subject s = f->subject;
    enum source_id id = f->source;
    if (e && id == SOURCE_LIST_USERS) {
        end_fetch(f);
        job_fail(s.job, census_sources[id].operation->action, e);
        return;
    }
    if (e)
        fetch_failed(f, e);
    end_fetch(f);
    if (id == SOURCE_LIST_USERS)
        s.job->listed = true;
    if (id == SOURCE_LIST_ACCESS_KEYS && !e)
        start_keys(s.job, s.user);
    if (s.user && --((struct job_user *)(void *)s.user)->fetches == 0)
        user_settled(s.job, s.user);
    job_check(s.job);
}

bool job_hungry(const struct job *job)
{
    return job->state == READING && job->next_user &&
           job->running_count < job->context->calls_at_once;
}

void job_feed(struct job *job)
{
    struct user *user = job->next_user;
    unsigned sources = sources_in_scope(job, SCOPE_USER);
    job->next_user = user->next;
    for (unsigned id = 0; id < SOURCE_COUNT; id++)
        if (sources & 1u << id)
            start_fetch(job, (enum source_id)id, user, NULL);
}

static void start_reading(struct job *job)
{
    unsigned sources = sources_in_scope(job, SCOPE_ACCOUNT);
    job->state = READING;
    for (unsigned id = 0; id < SOURCE_COUNT; id++)
        if (sources & 1u << id)
            start_fetch(job, (enum source_id)id, NULL, NULL);
}

static void on_caller(void *arg, const char *account)
{
    struct job *job = arg;
    if (strcmp(account, job->account.id) != 0) {
        struct error e = job->assume_error;
        job_fail(job, "AssumeRole", &e);
        return;
    }
    log_event(LOG_INFO, "caller's own account, read with the caller's own credentials",
              FIELD("account_id", job->account.id), FIELD("reason", job->assume_error.text));
    job->credentials = job->context->caller->credentials;
    start_reading(job);
}

static void on_session(void *arg, const struct error *e)
{
    struct job *job = arg;
    if (e) {
        job->assume_error = *e;
        caller_account(job->context->caller, &job->caller_waiter, on_caller, job);
        return;
    }
    log_event(LOG_INFO, "role assumed", FIELD("account_id", job->account.id),
              FIELD("role_arn", job->role_arn));
    start_reading(job);
}

void job_start(struct job *job)
{
    job->started_at_ms = loop_now_ms(loop_of(job));
    credentials_cache_wait(&job->session, &job->credentials_waiter, on_session, job);
}
