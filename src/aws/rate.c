/* SPDX-License-Identifier: MIT */
#include "aws/rate.h"

#define PACE_LEAST 0.5
/*
 * Besides one call, as many may go at once as the pace allows in this many seconds: timers are no
 * finer than that.
 */
#define BURST_S 0.02

void rate_init(struct rate *r, struct loop *loop)
{
    *r = (struct rate){.loop = loop};
    TAILQ_INIT(&r->line);
    pace_init(&r->pace, PACE_LEAST);
}

void rate_set_least(struct rate *r, double per_second)
{
    r->pace.least = per_second;
}

void rate_release(struct rate *r)
{
    if (!r->loop)
        return;
    loop_timer_stop(r->loop, &r->timer);
    while (!TAILQ_EMPTY(&r->line))
        rate_leave(r, TAILQ_FIRST(&r->line));
}

static void rate_refill(struct rate *r)
{
    int64_t now_ms = loop_now_ms(r->loop);
    double most = 1 + r->pace.per_second * BURST_S;
    r->tokens += r->pace.per_second * (double)(now_ms - r->refilled_at_ms) / 1000;
    r->refilled_at_ms = now_ms;
    if (r->tokens > most)
        r->tokens = most;
}

static bool take_token(struct rate *r)
{
    if (r->pace.limited) {
        rate_refill(r);
        if (r->tokens < 1)
            return false;
        r->tokens -= 1;
    }
    pace_sent(&r->pace, loop_now_ms(r->loop));
    return true;
}

bool rate_take(struct rate *r)
{
    return TAILQ_EMPTY(&r->line) && take_token(r);
}

static void rate_serve_line(void *arg);

static void wait_for_token(struct rate *r)
{
    double missing = r->pace.limited ? 1 - r->tokens : 0;
    int64_t delay_ms = missing > 0 ? (int64_t)(missing / r->pace.per_second * 1000) + 1 : 0;
    loop_timer_start(r->loop, &r->timer, delay_ms, rate_serve_line, r);
}

static void rate_serve_line(void *arg)
{
    struct rate *r = arg;
    while (!TAILQ_EMPTY(&r->line) && take_token(r)) {
        struct rate_waiter *w = TAILQ_FIRST(&r->line);
        rate_leave(r, w);
        w->fn(w->arg);
    }
    if (!TAILQ_EMPTY(&r->line))
        wait_for_token(r);
}

void rate_wait(struct rate *r, struct rate_waiter *w, void (*fn)(void *arg), void *arg)
{
    bool alone = TAILQ_EMPTY(&r->line);
    *w = (struct rate_waiter){.fn = fn, .arg = arg, .waits = true};
    TAILQ_INSERT_TAIL(&r->line, w, link);
    if (alone)
        wait_for_token(r);
}

void rate_leave(struct rate *r, struct rate_waiter *w)
{
    if (!w->waits)
        return;
    TAILQ_REMOVE(&r->line, w, link);
    w->waits = false;
    if (TAILQ_EMPTY(&r->line))
        loop_timer_stop(r->loop, &r->timer);
}

static void rate_answered(struct rate *r, int64_t gone_at_ms, bool refused)
{
    bool was_limited = r->pace.limited;
    double pace_before = r->pace.per_second;
    if (was_limited)
        rate_refill(r); /* up to now at the pace that held until now */
    pace_answered(&r->pace, loop_now_ms(r->loop), gone_at_ms, refused);
    if (r->pace.limited == was_limited && r->pace.per_second == pace_before)
        return;
    if (!was_limited) {
        r->tokens = 0;
        r->refilled_at_ms = loop_now_ms(r->loop);
    }
    if (!TAILQ_EMPTY(&r->line))
        wait_for_token(r);
}

void rate_served(struct rate *r, int64_t gone_at_ms)
{
    rate_answered(r, gone_at_ms, false);
}

void rate_throttled(struct rate *r, int64_t gone_at_ms)
{
    rate_answered(r, gone_at_ms, true);
}
