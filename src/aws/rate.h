/*
 * rate.h: how fast one account's action (or one shared service) is called.
 *
 * Unlimited until the first answer that asks to slow down. From then on a pace is kept: at each
 * such answer it is set just below what was served since the one before, and in between it creeps
 * upward, faster the longer all goes well. Calls that must wait do so in order.
 */
#ifndef AWS_RATE_H
#define AWS_RATE_H

#include "net/loop.h"

struct rate_waiter {
    void (*fn)(void *arg);
    void *arg;
    struct rate_waiter *next, **place;
};

struct rate {
    struct loop *loop; /* borrowed */
    bool limited;
    double per_second;      /* the pace, where limited */
    double least;           /* the pace never falls below it */
    double tokens;          /* calls that may go now; at most about one */
    int64_t refilled_at_ms; /* when tokens and pace were last brought up to date */
    int64_t cut_at_ms;      /* when the pace was last cut */
    int64_t counted_from_ms;
    unsigned served; /* since counted_from_ms */
    struct rate_waiter *first, **last;
    struct loop_timer timer;
};

/* Unlimited, on 'loop' (borrowed). */
void rate_init(struct rate *r, struct loop *loop);
/*
 * The pace never falls below 'per_second' calls a second from here on: for services whose quota is
 * known to be higher. Refusals that are not about the pace would else wear it down.
 */
void rate_set_least(struct rate *r, double per_second);
/* Stops its timer; those who wait are dropped without being called. */
void rate_release(struct rate *r);
/* True where a call may go now; it is then counted as gone. */
bool rate_take(struct rate *r);
/* Waits in line: fn(arg) is called when the call may go (it is then counted as gone). */
void rate_wait(struct rate *r, struct rate_waiter *w, void (*fn)(void *arg), void *arg);
/* Leaves the line; harmless where it does not wait. */
void rate_leave(struct rate *r, struct rate_waiter *w);
/* An answer came that was not about rate. */
void rate_served(struct rate *r);
/* The service asked to slow down, in answer to a request sent at 'sent_at_ms' (the loop's time). */
void rate_throttled(struct rate *r, int64_t sent_at_ms);

#endif
