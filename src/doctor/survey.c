/* SPDX-License-Identifier: MIT */
/*
 * survey.c: opens accounts in their order, while the client has free connections:
 *
 *     room -> open the next account -> it makes its calls -> it is done, and freed at the loop's
 *      ^                                                     next turn
 *      +----------------------------------------------------+
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
    size_t next, asked; /* accounts that were opened, and those that are done */
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
    struct diagnosis *d = s->context.diagnosis;
    struct visit *v = xcalloc(1, sizeof(*v));
    v->survey = s;
    LIST_INSERT_HEAD(&s->visits, v, link);
    v->probe = probe_start(&s->context, &d->accounts[s->next++]);
}

/* Every account that is open may have a call waiting, which the client does not know of yet. */
static void open_more(struct survey *s)
{
    const struct diagnosis *d = s->context.diagnosis;
    long room = aws_client_room(s->context.client);
    while (room-- > 0 && s->next < d->account_count)
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
    if (s->asked == s->context.diagnosis->account_count)
        s->done(s->arg);
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
    loop_soon(loop_of(s), &s->timer, survey_on_turn, s);
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
    loop_soon(loop_of(s), &s->timer, survey_on_turn, s);
    return s;
}

size_t survey_done(const struct survey *s)
{
    return s->asked;
}

void survey_free(struct survey *s)
{
    if (!s)
        return;
    aws_client_on_room(s->context.client, NULL, NULL);
    loop_timer_stop(loop_of(s), &s->timer);
    while (!LIST_EMPTY(&s->visits))
        end_visit(LIST_FIRST(&s->visits));
    free(s);
}
