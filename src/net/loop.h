/* SPDX-License-Identifier: MIT */
/*
 * loop.h: the one event loop: timers and file descriptors on epoll.
 *
 * Everything in the process that waits, waits here; there are no other blocking calls. One thread.
 * Callbacks run from loop_run only, never from the function that asked for them.
 */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include "base/clock.h"
#include "base/error.h"

#include <stddef.h>

struct loop;

/*
 * A timer, embedded in its owner (zeroed before its first use). It runs once; its owner must stop
 * it before the memory is freed.
 */
struct loop_timer {
    void (*fire)(void *arg);
    void *arg;
    int64_t due_ms;
    uint64_t order;    /* equal times fire in the order in which they were started */
    size_t heap_place; /* 1-based; 0: not running */
};

/* A watched descriptor, embedded in its owner; 'ready' gets the EPOLL... bits that hold. */
struct loop_watch {
    void (*ready)(void *arg, unsigned events);
    void *arg;
    int fd;
};

/* A loop that tells time by 'clock' (borrowed). NULL and 'e' if epoll is not available. */
struct loop *loop_new(const struct clock *clock, struct error *e);
/* Frees it. Timers and watches that still run are forgotten, not called. 'loop' may be NULL. */
void loop_free(struct loop *loop);
/* The clock that it was made with. */
const struct clock *loop_clock(const struct loop *loop);
/* Steady milliseconds, as of the start of this turn of the loop: cheap. */
int64_t loop_now_ms(const struct loop *loop);

/* Starts or restarts: fire(arg) is called once, 'delay_ms' (at least 0) from now. */
void loop_timer_start(struct loop *loop, struct loop_timer *timer, int64_t delay_ms,
                      void (*fire)(void *arg), void *arg);
/*
 * As loop_timer_start without a delay: fire(arg) is called at the loop's next turn. It is how a
 * function that knows its outcome at once reports it without calling back before it has returned.
 */
void loop_soon(struct loop *loop, struct loop_timer *timer, void (*fire)(void *arg), void *arg);
/* True from the start of a timer until it fires or is stopped. */
bool loop_timer_running(const struct loop_timer *timer);
/* Stops the timer. Does nothing if it does not run. */
void loop_timer_stop(struct loop *loop, struct loop_timer *timer);

/*
 * Watches watch->fd for 'events' (EPOLLIN, EPOLLOUT), level-triggered, until stopped; called on
 * a watched descriptor it changes the events. watch->fd, ready and arg are set by the caller.
 */
int loop_watch_start(struct loop *loop, struct loop_watch *watch, unsigned events,
                     struct error *e) MUST_CHECK;
/*
 * Stops the watch. To be called before the descriptor is closed. Does nothing if it does not run.
 * The kernel goes on watching a descriptor that is kept until its next event, if it was watched for
 * EPOLLIN alone: so the next watch for that needs no system call.
 */
void loop_watch_stop(struct loop *loop, struct loop_watch *watch);
/*
 * Says that 'fd' is a new descriptor, for which loop_forget will be called before it is closed if
 * it has ever been watched for EPOLLIN alone. What the loop knows of that number is of a descriptor
 * that is closed; a watch that runs is one of the new descriptor from here on.
 */
void loop_keep(struct loop *loop, int fd);
/* Ends that. To be called before 'fd' is closed; does nothing if it is not kept. */
void loop_forget(struct loop *loop, int fd);

/*
 * Runs until *done is true. Returns 0; -1 with 'e' if waiting fails, or if nothing is left
 * that could ever set it.
 */
int loop_run(struct loop *loop, const bool *done, struct error *e) MUST_CHECK;

#endif
