/* SPDX-License-Identifier: MIT */
/* timer.h: timers, in a heap ordered by time, and the clock that they go by. */
#ifndef WIRE_TIMER_H
#define WIRE_TIMER_H

#include <stddef.h>
#include <stdint.h>

/* Embedded in whatever waits. 'due_us' is a time of timer_now_us. */
struct timer {
    int64_t due_us;
    void (*fire)(struct timer *timer);
    size_t place; /* its index in the heap plus one; 0: not waiting */
};

struct timers {
    struct timer **heap;
    size_t count;
    size_t capacity;
};

/* A clock that only goes forward, in microseconds. */
int64_t timer_now_us(void);

/* Starts the timer. It must not be waiting already, and must live until it fires or is stopped. */
void timer_start(struct timers *timers, struct timer *timer, int64_t due_us);

/* Stops a timer; does nothing if it is not waiting. */
void timer_stop(struct timers *timers, struct timer *timer);

/* Fires the timers that are due at now_us. */
void timer_run(struct timers *timers, int64_t now_us);

/* The microseconds from now_us until the next timer is due; INT64_MAX if there is none. */
int64_t timer_left_us(const struct timers *timers, int64_t now_us);

/* Fires everything, due or not, and frees the heap. */
void timer_flush(struct timers *timers);

#endif
