/* SPDX-License-Identifier: MIT */
/*
 * survey.c: opens accounts in the order in which they came, while the client has free connections:
 *
 *     room, or a new account -> open the next one -> it makes its calls -> it is done, and freed at
 *      ^                                                                   the loop's next turn
 *      +------------------------------------------------------------------+
 */
#include "doctor/survey.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <sys/queue.h>

struct visit { /* an account that is open, or has just been asked */
    struct probe *probe;
    struct survey *survey;
    bool over;
    LIST_ENTRY(visit) link;
};

struct survey {
    struct probe_context context;
    struct account_diagnosis **queue, **sorted; /* as they came; ascending by id */
    size_t count, room;
    size_t next, asked; /* of the queue: opened so far; done */
    bool closed;
    LIST_HEAD(visits, visit) visits;
    struct loop_timer timer;
    void (*done)(void *arg);
    void *arg;
};

static struct loop *loop_of(const struct survey *s)
{
    return aws_client_loop(s->context.client);
}

static void end_visit(struct visit *v)
{
    LIST_REMOVE(v, link);
    probe_free(v->probe);
    free(v);
}

static void open_next(struct survey *s)
{
    struct visit *v = xcalloc(1, sizeof(*v));
    v->survey = s;
    LIST_INSERT_HEAD(&s->visits, v, link);
    v->probe = probe_start(&s->context, s->queue[s->next++]);
}

/* Every account that is open may have a call waiting, which the client does not know of yet. */
static void open_more(struct survey *s)
{
    long room = aws_client_room(s->context.client);
    while (room-- > 0 && s->next < s->count)
        open_next(s);
}

static void survey_on_turn(void *arg)
{
    struct survey *s = arg;
    struct visit *next;
    for (struct visit *v = LIST_FIRST(&s->visits); v; v = next) {
        next = LIST_NEXT(v, link);
        if (v->over)
            end_visit(v);
    }
    open_more(s);
    if (s->closed && s->asked == s->count)
        s->done(s->arg);
}

static void soon(struct survey *s)
{
    if (!loop_timer_running(&s->timer))
        loop_soon(loop_of(s), &s->timer, survey_on_turn, s);
}

static void survey_on_room(void *arg)
{
    open_more(arg);
}

/* The probe has called, so it is freed later. */
static void survey_on_account(void *arg, struct account_diagnosis *account)
{
    struct survey *s = arg;
    struct visit *v;
    LIST_FOREACH (v, &s->visits, link)
        if (probe_account(v->probe) == account)
            v->over = true;
    s->asked++;
    soon(s);
}

struct survey *survey_start(const struct probe_context *context, void (*done)(void *arg), void *arg)
{
    struct survey *s = xcalloc(1, sizeof(*s));
    s->context = *context;
    s->context.done = survey_on_account;
    s->context.arg = s;
    s->done = done;
    s->arg = arg;
    aws_client_on_room(s->context.client, survey_on_room, s);
    return s;
}

/* The place of the account with this id in 'sorted', or that where it belongs. */
static size_t place_of(const struct survey *s, const char *id)
{
    size_t low = 0, high = s->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(s->sorted[middle]->account.id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void survey_add(struct survey *s, const struct census_account *account)
{
    size_t place = place_of(s, account->id);
    if (place < s->count && strcmp(s->sorted[place]->account.id, account->id) == 0)
        return;
    if (s->count == s->room) {
        s->room = s->room > 0 ? 2 * s->room : 64;
        s->queue = xrealloc(s->queue, s->room * sizeof(struct account_diagnosis *));
        s->sorted = xrealloc(s->sorted, s->room * sizeof(struct account_diagnosis *));
    }
    struct account_diagnosis *added = arena_alloc(&s->context.diagnosis->arena, sizeof(*added));
    added->account = *account;
    memmove(&s->sorted[place + 1], &s->sorted[place],
            (s->count - place) * sizeof(struct account_diagnosis *));
    s->sorted[place] = s->queue[s->count++] = added;
    soon(s);
}

void survey_close(struct survey *s)
{
    s->closed = true;
    soon(s);
}

void survey_take(const struct survey *s)
{
    struct diagnosis *d = s->context.diagnosis;
    d->accounts = arena_alloc(&d->arena, (s->count + 1) * sizeof(*d->accounts));
    d->account_count = s->count;
    for (size_t i = 0; i < s->count; i++)
        d->accounts[i] = *s->sorted[i];
}

size_t survey_asked(const struct survey *s)
{
    return s->asked;
}

size_t survey_known(const struct survey *s)
{
    return s->count;
}

void survey_free(struct survey *s)
{
    if (!s)
        return;
    aws_client_on_room(s->context.client, NULL, NULL);
    loop_timer_stop(loop_of(s), &s->timer);
    for (struct visit *v = LIST_FIRST(&s->visits), *next; v; v = next) {
        next = LIST_NEXT(v, link);
        end_visit(v);
    }
    free(s->queue);
    free(s->sorted);
    free(s);
}
