#include "aws/rate.h"

/* A bucket that has just run dry refills at the true rate: that is what 'served' measures. */
#define PACE_OF_MEASURED 0.97
#define PACE_OF_GUESSED  0.5
#define PACE_BACKWARD    0.7
#define PACE_LEAST       0.5
/* One early refusal says little: what is really allowed is found from here, quickly. */
#define PACE_FIRST_LEAST 10.0
#define PACE_UNLIMITED   2000.0
/* A measure needs this long and this many to mean anything. */
#define MEASURE_LEAST_MS     500
#define MEASURE_LEAST_SERVED 3
#define WINDOW_MS            1000
/* Beside one call, this many seconds' worth may go at once: timers are no finer. */
#define BURST_S 0.02

void rate_init(struct rate *r, struct loop *loop)
{
    *r = (struct rate){.loop = loop, .least = PACE_LEAST};
}

void rate_set_least(struct rate *r, double per_second)
{
    r->least = per_second;
}

void rate_release(struct rate *r)
{
    if (!r->loop)
        return;
    loop_timer_stop(r->loop, &r->timer);
    while (r->first)
        rate_leave(r, r->first);
}

/*
 * Growth of the pace a second: hesitant after a cut, bolder when all has gone well for some time
 * and some calls. Both count: a slow pace proves nothing in a few seconds.
 */
static double growth(const struct rate *r, int64_t now_ms)
{
    int64_t quiet_ms = now_ms - r->cut_at_ms;
    if (quiet_ms < 10000 || r->served < 200)
        return 0.005;
    return quiet_ms < 20000 || r->served < 400 ? 0.03 : 0.15;
}

static void refill(struct rate *r)
{
    int64_t now_ms = loop_now_ms(r->loop);
    double seconds = (double)(now_ms - r->refilled_at_ms) / 1000;
    r->refilled_at_ms = now_ms;
    r->per_second *= 1 + growth(r, now_ms) * (seconds < 1 ? seconds : 1);
    r->tokens += r->per_second * seconds;
    double most = 1 + r->per_second * BURST_S;
    if (r->tokens > most)
        r->tokens = most;
    if (r->per_second > PACE_UNLIMITED)
        r->limited = false;
}

static bool take_token(struct rate *r)
{
    if (!r->limited)
        return true;
    refill(r);
    if (r->tokens < 1)
        return false;
    r->tokens -= 1;
    return true;
}

bool rate_take(struct rate *r)
{
    return !r->first && take_token(r);
}

static void serve_line(void *arg);

static void wait_for_token(struct rate *r)
{
    double missing = 1 - r->tokens;
    int64_t delay_ms = missing > 0 ? (int64_t)(missing / r->per_second * 1000) + 1 : 0;
    loop_timer_start(r->loop, &r->timer, delay_ms, serve_line, r);
}

static void serve_line(void *arg)
{
    struct rate *r = arg;
    while (r->first && take_token(r)) {
        struct rate_waiter *w = r->first;
        rate_leave(r, w);
        w->fn(w->arg);
    }
    if (r->first)
        wait_for_token(r);
}

void rate_wait(struct rate *r, struct rate_waiter *w, void (*fn)(void *arg), void *arg)
{
    bool alone = !r->first;
    *w = (struct rate_waiter){.fn = fn, .arg = arg};
    w->place = alone ? &r->first : r->last;
    *w->place = w;
    r->last = &w->next;
    if (alone)
        wait_for_token(r);
}

void rate_leave(struct rate *r, struct rate_waiter *w)
{
    if (!w->place)
        return;
    *w->place = w->next;
    if (w->next)
        w->next->place = w->place;
    else
        r->last = w->place;
    w->place = NULL;
    w->next = NULL;
    if (!r->first)
        loop_timer_stop(r->loop, &r->timer);
}

void rate_served(struct rate *r)
{
    int64_t now_ms = loop_now_ms(r->loop);
    if (!r->limited && now_ms - r->counted_from_ms > WINDOW_MS) {
        r->counted_from_ms = now_ms;
        r->served = 0;
    }
    r->served++;
}

static double measured(const struct rate *r, int64_t now_ms)
{
    int64_t span_ms = now_ms - r->counted_from_ms;
    if (!r->limited) {
        double guess = PACE_OF_GUESSED * r->served * 1000 /
                       (span_ms > WINDOW_MS ? (double)span_ms : WINDOW_MS);
        return guess < PACE_FIRST_LEAST ? PACE_FIRST_LEAST : guess;
    }
    if (span_ms < MEASURE_LEAST_MS || r->served < MEASURE_LEAST_SERVED)
        return PACE_BACKWARD * r->per_second;
    return PACE_OF_MEASURED * r->served * 1000 / (double)span_ms;
}

void rate_throttled(struct rate *r, int64_t sent_at_ms)
{
    int64_t now_ms = loop_now_ms(r->loop);
    /* Sent before the last cut, it says nothing about the pace since. */
    if (r->limited && sent_at_ms <= r->cut_at_ms)
        return;
    r->per_second = measured(r, now_ms);
    if (r->per_second < r->least)
        r->per_second = r->least;
    r->limited = true;
    r->tokens = 0;
    r->refilled_at_ms = r->cut_at_ms = r->counted_from_ms = now_ms;
    r->served = 0;
    if (r->first)
        wait_for_token(r);
}
