/* Things that are due later: a heap ordered by time. */
#ifndef WIRE_TIMER_H
#define WIRE_TIMER_H

#include <stddef.h>
#include <stdint.h>

/* Embedded in what waits. due_us is a moment of timer_now_us. */
struct timer {
    int64_t due_us;
    void (*fire)(struct timer *timer);
    size_t place; /* in the heap, plus one; 0: not waiting */
};

struct timers {
    struct timer **heap;
    size_t count;
    size_t capacity;
};

/* A clock that only goes forward, in microseconds. */
int64_t timer_now_us(void);

/* Makes the timer wait until due_us; it must not be waiting, and must live until it fires. */
void timer_start(struct timers *timers, struct timer *timer, int64_t due_us);

/* Takes a timer out; one that is not waiting is left as it is. */
void timer_stop(struct timers *timers, struct timer *timer);

/* Fires what is due at now_us. Returns the microseconds to the next one, or -1 where none is. */
int64_t timer_run(struct timers *timers, int64_t now_us);

/* Fires everything, due or not, and frees the heap. */
void timer_flush(struct timers *timers);

#endif
