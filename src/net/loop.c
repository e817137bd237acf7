/* SPDX-License-Identifier: MIT */
#include "net/loop.h"

#include "base/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EVENTS_A_TURN 128

struct loop {
    const struct clock *clock;
    int epoll_fd;
    int64_t now_ms;
    uint64_t started;         /* timers started so far, which gives each its order */
    struct loop_timer **heap; /* by due time; places count from 1 */
    size_t heap_len, heap_capacity;
    /*
     * By descriptor. An event names a descriptor, not a watch, so that a watch stopped by an
     * earlier callback of the same turn is never touched.
     */
    struct loop_watch **watches;
    size_t watch_capacity, watch_count;
};

struct loop *loop_new(const struct clock *clock, struct error *e)
{
    int fd = epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0) {
        error_set_errno(e, "can't make an event loop");
        return NULL;
    }
    struct loop *loop = xcalloc(1, sizeof(*loop));
    loop->clock = clock;
    loop->epoll_fd = fd;
    loop->now_ms = clock_steady_ms(clock);
    return loop;
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    close(loop->epoll_fd);
    free(loop->heap);
    free(loop->watches);
    free(loop);
}

const struct clock *loop_clock(const struct loop *loop)
{
    return loop->clock;
}

int64_t loop_now_ms(const struct loop *loop)
{
    return loop->now_ms;
}

static bool before(const struct loop_timer *a, const struct loop_timer *b)
{
    return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->order < b->order;
}

static void heap_put(struct loop *loop, size_t place, struct loop_timer *timer)
{
    loop->heap[place] = timer;
    timer->heap_place = place;
}

static void heap_up(struct loop *loop, size_t place)
{
    struct loop_timer *timer = loop->heap[place];
    for (; place > 1 && before(timer, loop->heap[place / 2]); place /= 2)
        heap_put(loop, place, loop->heap[place / 2]);
    heap_put(loop, place, timer);
}

static void heap_down(struct loop *loop, size_t place)
{
    struct loop_timer *timer = loop->heap[place];
    for (;;) {
        size_t child = place * 2;
        if (child > loop->heap_len)
            break;
        if (child < loop->heap_len && before(loop->heap[child + 1], loop->heap[child]))
            child++;
        if (!before(loop->heap[child], timer))
            break;
        heap_put(loop, place, loop->heap[child]);
        place = child;
    }
    heap_put(loop, place, timer);
}

void loop_timer_stop(struct loop *loop, struct loop_timer *timer)
{
    size_t place = timer->heap_place;
    if (place == 0)
        return;
    timer->heap_place = 0;
    struct loop_timer *last = loop->heap[loop->heap_len--];
    if (last == timer)
        return;
    heap_put(loop, place, last);
    heap_down(loop, place);
    heap_up(loop, last->heap_place);
}

void loop_timer_start(struct loop *loop, struct loop_timer *timer, int64_t delay_ms,
                      void (*fire)(void *arg), void *arg)
{
    loop_timer_stop(loop, timer);
    timer->fire = fire;
    timer->arg = arg;
    timer->due_ms = loop->now_ms + (delay_ms > 0 ? delay_ms : 0);
    timer->order = loop->started++;
    if (loop->heap_len + 2 > loop->heap_capacity) {
        loop->heap_capacity = loop->heap_capacity ? loop->heap_capacity * 2 : 64;
        loop->heap = xrealloc(loop->heap, loop->heap_capacity * sizeof(struct loop_timer *));
    }
    heap_put(loop, ++loop->heap_len, timer);
    heap_up(loop, loop->heap_len);
}

void loop_soon(struct loop *loop, struct loop_timer *timer, void (*fire)(void *arg), void *arg)
{
    loop_timer_start(loop, timer, 0, fire, arg);
}

bool loop_timer_running(const struct loop_timer *timer)
{
    return timer->heap_place != 0;
}

int loop_watch_start(struct loop *loop, struct loop_watch *watch, unsigned events, struct error *e)
{
    size_t fd = (size_t)watch->fd;
    if (fd >= loop->watch_capacity) {
        size_t capacity = loop->watch_capacity ? loop->watch_capacity : 64;
        while (capacity <= fd)
            capacity *= 2;
        loop->watches = xrealloc(loop->watches, capacity * sizeof(struct loop_watch *));
        memset(loop->watches + loop->watch_capacity, 0,
               (capacity - loop->watch_capacity) * sizeof(struct loop_watch *));
        loop->watch_capacity = capacity;
    }
    bool known = loop->watches[fd] != NULL;
    struct epoll_event event = {.events = events, .data.fd = watch->fd};
    if (epoll_ctl(loop->epoll_fd, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, watch->fd, &event) != 0)
        return error_set_errno(e, "can't wait for descriptor %d", watch->fd);
    loop->watch_count += !known;
    loop->watches[fd] = watch;
    return 0;
}

void loop_watch_stop(struct loop *loop, struct loop_watch *watch)
{
    size_t fd = (size_t)watch->fd;
    if (watch->fd < 0 || fd >= loop->watch_capacity || loop->watches[fd] != watch)
        return;
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
    loop->watches[fd] = NULL;
    loop->watch_count--;
}

/*
 * Fires only timers that were due when the turn began, so that one that restarts itself can't
 * starve the rest.
 */
static void fire_due(struct loop *loop, const bool *done)
{
    int64_t now_ms = loop->now_ms;
    uint64_t begun = loop->started;
    while (!*done && loop->heap_len > 0) {
        struct loop_timer *first = loop->heap[1];
        if (first->due_ms > now_ms || first->order >= begun)
            return;
        loop_timer_stop(loop, first);
        first->fire(first->arg);
    }
}

static int wait_ms(const struct loop *loop)
{
    if (loop->heap_len == 0)
        return -1;
    int64_t left_ms = loop->heap[1]->due_ms - loop->now_ms;
    return left_ms <= 0 ? 0 : left_ms > 60000 ? 60000 : (int)left_ms;
}

int loop_run(struct loop *loop, const bool *done, struct error *e)
{
    struct epoll_event events[EVENTS_A_TURN];
    loop->now_ms = clock_steady_ms(loop->clock);
    while (!*done) {
        fire_due(loop, done);
        if (*done)
            break;
        if (loop->heap_len == 0 && loop->watch_count == 0)
            return error_set(e, ERROR_SYSTEM, "internal error: nothing left to wait for");
        int count = epoll_wait(loop->epoll_fd, events, EVENTS_A_TURN, wait_ms(loop));
        if (count < 0 && errno != EINTR)
            return error_set_errno(e, "can't wait for events");
        loop->now_ms = clock_steady_ms(loop->clock);
        for (int i = 0; i < count && !*done; i++) {
            struct loop_watch *watch = loop->watches[events[i].data.fd];
            if (watch)
                watch->ready(watch->arg, events[i].events);
        }
    }
    return 0;
}
