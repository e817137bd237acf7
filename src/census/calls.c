/* SPDX-License-Identifier: MIT */
/*
 * calls.c: one call, from its start to its result.
 *
 *   calls_start --> pages, each added to the model by the source's function --> calls_on_query_done
 *
 *   about the account  calls account_done of job->handler, with the error if there was one
 *   about a user       the pages are in the model already. If the call failed, the facts that it
 *                      should have provided become unknown. Then calls user_done
 *
 * Two responses may mean that something was deleted while it was read, and lead to another call:
 *
 *   NoSuchEntity about a user: the call is repeated two seconds later. IAM is eventually
 *   consistent: a new user may be listed before every operation knows it. If the response is
 *   the same again, the user is gone and gets no row.
 *
 *   A key's last use, refused as if the key were gone: ListAccessKeys is called for its user. A
 *   key that is no longer listed is left out; otherwise its last use is unknown.
 */
#include "census/calls.h"

#include "api/iam.h"
#include "base/log.h"
#include "census/causes.h"
#include "census/sources.h"

#include <stdio.h>

/* The wait before a call is repeated for a user whom IAM does not know. */
#define GONE_DELAY_MS 2000

struct aws_target calls_target(struct job *job, enum source_id id)
{
    return (struct aws_target){.client = job->context->client,
                               .endpoint = job->context->iam,
                               .credentials = job->credentials,
                               .rate = &job->rates[id],
                               .requests = &job->account.calls};
}

/* A call under way. */
struct fetch {
    struct fetch *next, **place; /* in the job's list of calls, later in its list of spare ones */
    struct job *job;
    struct subject subject;
    enum source_id source;
    struct query *query;
    struct loop_timer timer; /* runs until the call is repeated */
    bool made_again;
    bool parked; /* its next page waits until the job may grow */
    /*
     * Why the key's last use was refused, if that was as if the key were gone (in the account's
     * arena); otherwise NULL. The call under way is then ListAccessKeys, which shows whether the
     * key exists.
     */
    const struct error *refused;
    bool key_listed;
};

static int look_for_key(struct fetch *f, const struct iam_access_keys *page)
{
    for (const struct xml_record *item = page->keys.first; item; item = item->next)
        if (view_equal(((const struct iam_access_key *)(const void *)item)->id, f->subject.key->id))
            f->key_listed = true;
    return 0;
}

static int calls_on_page(void *arg, const void *answer, struct error *e)
{
    struct fetch *f = arg;
    struct job *job = f->job;
    if (f->refused)
        return look_for_key(f, answer);
    if (census_sources[f->source].page(&f->subject, answer, e) != 0)
        return -1;
    if ((census_sources[f->source].facts & FACT_BIT(FACT_USERS)) && job->gate == GATE_OPEN)
        job->context->changed(job->context->arg, job);
    return 0;
}

/* Lists about a whole account may be long; those about a user have a bound of their own. */
static bool calls_on_hold(void *arg)
{
    struct fetch *f = arg;
    struct job *job = f->job;
    if (f->subject.user || !job->context->may_grow ||
        job->context->may_grow(job->context->arg, job))
        return false;
    f->parked = true;
    job->parked_count++;
    job->context->changed(job->context->arg, job);
    return true;
}

void calls_go_on(struct job *job)
{
    struct fetch *f = job->running;
    while (!f->parked)
        f = f->next;
    f->parked = false;
    job->parked_count--;
    query_go_on(f->query);
}

static void calls_on_query_done(void *arg, const struct error *e);

static const struct query_handler handler = {calls_on_page, calls_on_query_done, calls_on_hold};

static void start_query(struct fetch *f)
{
    const struct subject *s = &f->subject;
    enum source_id id = f->refused ? SOURCE_LIST_ACCESS_KEYS : f->source;
    const struct query_operation *operation =
        source_operation(&census_sources[id], f->job->context->wanted);
    const struct aws_target target = calls_target(f->job, id);
    if (s->key && !f->refused)
        f->query = iam_start_key(&target, operation, s->key->id, &handler, f);
    else if (s->user)
        f->query = iam_start_user(&target, operation, s->user->name, &handler, f);
    else
        f->query = iam_start_account(&target, operation, &handler, f);
}

void calls_start(struct job *job, enum source_id id, struct user *user, struct access_key *key)
{
    struct fetch *f = job->spare;
    if (f)
        job->spare = f->next;
    else
        f = arena_alloc(&job->account.arena, sizeof(*f));
    *f = (struct fetch){.next = job->running,
                        .job = job,
                        .subject = {&job->roster, user, key, &job->gathered},
                        .source = id};
    f->place = &job->running;
    if (job->running)
        job->running->place = &f->next;
    job->running = f;
    job->running_count++;
    if (user) {
        listed_user_of(user)->calls++;
    } else {
        job->account_running++;
        job->used_sources |= SOURCE_BIT(id);
    }
    start_query(f);
}

static void end_fetch(struct fetch *f)
{
    struct job *job = f->job;
    *f->place = f->next;
    if (f->next)
        f->next->place = f->place;
    f->next = job->spare;
    job->spare = f;
    job->running_count--;
    if (f->subject.user)
        listed_user_of(f->subject.user)->calls--;
    else
        job->account_running--;
}

void calls_cancel(struct job *job)
{
    struct loop *loop = aws_client_loop(job->context->client);
    for (struct fetch *f = job->running; f; f = f->next) {
        query_cancel(f->query);
        loop_timer_stop(loop, &f->timer);
    }
    job->running = NULL;
    job->running_count = job->account_running = job->parked_count = 0;
}

/* True if the response says that the user whom the call is about does not exist. */
static bool says_user_gone(const struct fetch *f, const struct error *e)
{
    const struct source *source = &census_sources[f->source];
    if (!e || !f->subject.user || !error_is_code(e, "NoSuchEntity"))
        return false;
    if (f->refused)
        return true;
    return source->scope == SCOPE_USER && (!source->absent || iam_user_is_gone(e));
}

static void user_gone(const struct subject *s)
{
    if (s->user->gone)
        return;
    s->user->gone = true;
    log_event(LOG_INFO, "user was deleted meanwhile", FIELD("account_id", s->roster->account->id),
              FIELD_VIEW("user", s->user->name));
}

/* The facts that are unknown because the call failed. Facts read from the report are kept. */
static fact_set facts_lost(const struct fetch *f)
{
    const struct report_line *line = listed_user_of(f->subject.user)->line;
    fact_set lost = 0;
    for (enum fact fact = 0; fact < FACT_COUNT; fact++)
        if ((census_sources[f->source].facts & FACT_BIT(fact)) &&
            choice_for_user(&f->job->choice, line, fact) == f->source)
            lost |= FACT_BIT(fact);
    if (lost & FACT_BIT(FACT_KEYS))
        lost |= facts_about(ABOUT_KEY);
    return lost;
}

static void key_use_lost(const struct subject *s, const struct error *e)
{
    s->key->use_unknown = s->key->use_place_unknown = true;
    s->user->unknown |= FACT_BIT(FACT_KEYS_USED);
    causes_note(s->roster->account, iam_get_access_key_last_used.action, e);
}

static void user_call_failed(struct fetch *f, const struct error *e)
{
    struct subject *s = &f->subject;
    const struct source *source = &census_sources[f->source];
    if (says_user_gone(f, e)) {
        user_gone(s);
    } else if (error_is_code(e, "NoSuchEntity") && source->absent) {
        source->absent(s);
    } else if (s->key) {
        key_use_lost(s, f->refused ? f->refused : e);
    } else {
        if (source->discard)
            source->discard(s);
        s->user->unknown |= facts_lost(f);
        causes_note(s->roster->account, source->operation->action, e);
    }
}

static void user_call_succeeded(struct fetch *f)
{
    struct subject *s = &f->subject;
    const struct source *source = &census_sources[f->source];
    if (f->refused && !f->key_listed)
        user_remove_key(s->user, s->key);
    else if (f->refused)
        key_use_lost(s, f->refused);
    else if (source->whole)
        source->whole(s);
}

static void user_call_done(struct fetch *f, const struct error *e)
{
    struct job *job = f->job;
    struct user *user = f->subject.user;
    bool keys_listed =
        !e && !f->refused && (census_sources[f->source].facts & FACT_BIT(FACT_KEYS)) != 0;
    if (e)
        user_call_failed(f, e);
    else
        user_call_succeeded(f);
    if (keys_listed)
        job->handler->keys_listed(job, user);
    end_fetch(f);
    job->handler->user_done(job, user);
}

/* Repeats the call, unless another call has found meanwhile that the user is gone. */
static void calls_on_gone_delay(void *arg)
{
    struct fetch *f = arg;
    struct error e;
    if (!f->subject.user->gone) {
        start_query(f);
        return;
    }
    error_set(&e, ERROR_SERVICE, "the user was deleted meanwhile");
    snprintf(e.code, sizeof(e.code), "NoSuchEntity");
    user_call_done(f, &e);
}

static void make_again_later(struct fetch *f)
{
    struct subject *s = &f->subject;
    f->made_again = true;
    if (census_sources[f->source].discard && !f->refused)
        census_sources[f->source].discard(s);
    loop_timer_start(aws_client_loop(f->job->context->client), &f->timer, GONE_DELAY_MS,
                     calls_on_gone_delay, f);
}

static void ask_for_keys(struct fetch *f, const struct error *e)
{
    struct error *refused = arena_alloc(&f->job->account.arena, sizeof(*refused));
    *refused = *e;
    f->refused = refused;
    start_query(f);
}

static void calls_on_query_done(void *arg, const struct error *e)
{
    struct fetch *f = arg;
    const struct subject s = f->subject;
    struct job *job = f->job;
    f->query = NULL;
    if (!s.user) {
        enum source_id id = f->source;
        end_fetch(f);
        job->handler->account_done(job, id, e);
    } else if (says_user_gone(f, e) && !f->made_again) {
        make_again_later(f);
    } else if (e && s.key && !f->refused && iam_key_is_gone(e, s.key->id)) {
        ask_for_keys(f, e);
    } else {
        user_call_done(f, e);
    }
}
