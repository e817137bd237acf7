/* SPDX-License-Identifier: MIT */
#include "census/caller.h"

#include "base/log.h"

#include <stdio.h>

void caller_init(struct caller *c, const struct sts *sts, struct credentials_cache *credentials)
{
    *c = (struct caller){.sts = sts, .credentials = credentials};
}

static struct loop *loop_of(const struct caller *c)
{
    return aws_client_loop(c->sts->client);
}

void caller_leave(struct caller *c, struct caller_waiter *w)
{
    loop_timer_stop(loop_of(c), &w->timer);
    if (w->waits)
        LIST_REMOVE(w, link);
    w->waits = false;
}

void caller_release(struct caller *c)
{
    sts_cancel(c->call);
    c->call = NULL;
    while (!LIST_EMPTY(&c->waiting))
        caller_leave(c, LIST_FIRST(&c->waiting));
}

static void caller_on_identity(void *arg, const struct sts_identity *identity,
                               const struct error *e)
{
    struct caller *c = arg;
    c->call = NULL;
    /* No warning if AWS refuses the credentials: that ends the run, which reports it. */
    if (e && e->kind != ERROR_CREDENTIALS)
        log_event(LOG_WARN, "caller's own account could not be determined",
                  FIELD("reason", e->text));
    if (!e)
        snprintf(c->account, sizeof(c->account), "%.*s", VIEW_ARG(identity->account));
    while (!LIST_EMPTY(&c->waiting)) {
        struct caller_waiter *w = LIST_FIRST(&c->waiting);
        caller_leave(c, w);
        w->fn(w->arg, c->account);
    }
}

static void caller_on_known(void *arg)
{
    struct caller_waiter *w = arg;
    struct caller *c = w->caller;
    caller_leave(c, w);
    w->fn(w->arg, c->account);
}

void caller_account(struct caller *c, struct caller_waiter *w,
                    void (*fn)(void *arg, const char *account), void *arg)
{
    *w = (struct caller_waiter){.fn = fn, .arg = arg, .caller = c, .waits = true};
    LIST_INSERT_HEAD(&c->waiting, w, link);
    if (c->asked && !c->call) {
        loop_soon(loop_of(c), &w->timer, caller_on_known, w);
    } else if (!c->asked) {
        c->asked = true;
        c->call = sts_get_caller_identity(c->sts, c->credentials, caller_on_identity, c);
    }
}
