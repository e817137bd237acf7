/* SPDX-License-Identifier: MIT */
/*
 * rate.h: a line of calls that go at the pace of one account's action, or of one shared service.
 *
 * aws/pace learns that pace from what is refused; until then it is unlimited. Calls that must wait
 * do so in order.
 */
#ifndef AWS_RATE_H
#define AWS_RATE_H

#include "aws/pace.h"
#include "net/loop.h"

#include <sys/queue.h>

/* Embedded in whoever waits (zeroed before its first use). */
struct rate_waiter {
    void (*fn)(void *arg);
    void *arg;
    bool waits; /* it is in the line */
    TAILQ_ENTRY(rate_waiter) link;
};
TAILQ_HEAD(rate_line, rate_waiter);

struct rate {
    struct loop *loop; /* borrowed */
    struct pace pace;
    double tokens;          /* calls that may go now; at most about one */
    int64_t refilled_at_ms; /* when the tokens were last brought up to date */
    struct rate_line line;
    struct loop_timer timer;
};

/* Unlimited, on 'loop' (borrowed). */
void rate_init(struct rate *r, struct loop *loop);
/*
 * The pace never falls below 'per_second' calls a second from here on: for services whose quota is
 * known to be higher. Otherwise refusals that are not about the pace would wear it down.
 */
void rate_set_least(struct rate *r, double per_second);
/* Stops its timer; those who wait are dropped without being called. */
void rate_release(struct rate *r);
/* True if a call may go now; it is then counted as gone. */
bool rate_take(struct rate *r);
/* Waits in line: fn(arg) is called when the call may go (it is then counted as gone). */
void rate_wait(struct rate *r, struct rate_waiter *w, void (*fn)(void *arg), void *arg);
/* Leaves the line. Does nothing if 'w' does not wait. */
void rate_leave(struct rate *r, struct rate_waiter *w);
/*
 * An answer that did not ask to slow down came to a call that this rate let go at 'gone_at_ms' (the
 * loop's time).
 */
void rate_served(struct rate *r, int64_t gone_at_ms);
/* The service asked to slow down, in answer to a call that this rate let go at 'gone_at_ms'. */
void rate_throttled(struct rate *r, int64_t gone_at_ms);

#endif
