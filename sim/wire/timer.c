/* SPDX-License-Identifier: MIT */
#include "wire/timer.h"

#include "base/alloc.h"
#include "wire/text.h"

#include <stdlib.h>
#include <time.h>

int64_t timer_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void timer_place(struct timers *timers, size_t index, struct timer *timer)
{
    timers->heap[index] = timer;
    timer->place = index + 1;
}

static void timer_rise(struct timers *timers, size_t index, struct timer *timer)
{
    while (index > 0 && timers->heap[(index - 1) / 2]->due_us > timer->due_us) {
        timer_place(timers, index, timers->heap[(index - 1) / 2]);
        index = (index - 1) / 2;
    }
    timer_place(timers, index, timer);
}

static void timer_sink(struct timers *timers, size_t index, struct timer *timer)
{
    for (;;) {
        size_t child = 2 * index + 1;
        if (child >= timers->count)
            break;
        if (child + 1 < timers->count &&
            timers->heap[child + 1]->due_us < timers->heap[child]->due_us)
            child++;
        if (timers->heap[child]->due_us >= timer->due_us)
            break;
        timer_place(timers, index, timers->heap[child]);
        index = child;
    }
    timer_place(timers, index, timer);
}

void timer_start(struct timers *timers, struct timer *timer, int64_t due_us)
{
    if (timers->count == timers->capacity) {
        timers->capacity = timers->capacity ? 2 * timers->capacity : 64;
        timers->heap = xrealloc(timers->heap, timers->capacity * sizeof(struct timer *));
    }
    timer->due_us = due_us;
    timer_rise(timers, timers->count++, timer);
}

void timer_stop(struct timers *timers, struct timer *timer)
{
    if (timer->place == 0)
        return;
    size_t index = timer->place - 1;
    timer->place = 0;
    struct timer *last = timers->heap[--timers->count];
    if (last == timer)
        return;
    if (index > 0 && timers->heap[(index - 1) / 2]->due_us > last->due_us)
        timer_rise(timers, index, last);
    else
        timer_sink(timers, index, last);
}

void timer_run(struct timers *timers, int64_t now_us)
{
    while (timers->count > 0 && timers->heap[0]->due_us <= now_us) {
        struct timer *timer = timers->heap[0];
        timer_stop(timers, timer);
        timer->fire(timer);
    }
}

int64_t timer_left_us(const struct timers *timers, int64_t now_us)
{
    if (timers->count == 0)
        return INT64_MAX;
    return timers->heap[0]->due_us > now_us ? timers->heap[0]->due_us - now_us : 0;
}

void timer_flush(struct timers *timers)
{
    while (timers->count > 0) {
        struct timer *timer = timers->heap[0];
        timer_stop(timers, timer);
        timer->fire(timer);
    }
    free(timers->heap);
    *timers = (struct timers){0};
}
