/* SPDX-License-Identifier: MIT */
#include "net/loop.h"

#include "base/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EVENTS_A_TURN 128

struct descriptor {
    struct loop_watch *watch; /* NULL: none runs */
    unsigned registered;      /* the events that epoll knows of it; 0: it does not know it */
    bool kept;                /* loop_forget will be called before it is closed */
};

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
    struct descriptor *descriptors;
    size_t descriptor_capacity, watch_count;
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
    free(loop->descriptors);
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

static struct descriptor *descriptor_at(struct loop *loop, size_t fd)
{
    if (fd >= loop->descriptor_capacity) {
        size_t capacity = loop->descriptor_capacity ? loop->descriptor_capacity : 64;
        while (capacity <= fd)
            capacity *= 2;
        loop->descriptors = xrealloc(loop->descriptors, capacity * sizeof(struct descriptor));
        memset(loop->descriptors + loop->descriptor_capacity, 0,
               (capacity - loop->descriptor_capacity) * sizeof(struct descriptor));
        loop->descriptor_capacity = capacity;
    }
    return &loop->descriptors[fd];
}

static int descriptor_register(struct loop *loop, int fd, unsigned events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};
    struct descriptor *d = &loop->descriptors[fd];
    int result =
        epoll_ctl(loop->epoll_fd, d->registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
    if (result == 0)
        d->registered = events;
    return result;
}

int loop_watch_start(struct loop *loop, struct loop_watch *watch, unsigned events, struct error *e)
{
    struct descriptor *d = descriptor_at(loop, (size_t)watch->fd);
    if (d->registered != events && descriptor_register(loop, watch->fd, events) != 0)
        return error_set_errno(e, "can't wait for descriptor %d", watch->fd);
    loop->watch_count += !d->watch;
    d->watch = watch;
    return 0;
}

void loop_keep(struct loop *loop, int fd)
{
    struct descriptor *d = descriptor_at(loop, (size_t)fd);
    unsigned events = d->registered;
    d->registered = 0;
    d->kept = true;
    /* If this fails, a time-out ends what waits for it. */
    if (d->watch && events)
        (void)descriptor_register(loop, fd, events);
}

void loop_forget(struct loop *loop, int fd)
{
    if (fd < 0 || (size_t)fd >= loop->descriptor_capacity)
        return;
    if (loop->descriptors[fd].registered)
        epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
    loop->descriptors[fd].registered = 0;
    loop->descriptors[fd].kept = false;
}

void loop_watch_stop(struct loop *loop, struct loop_watch *watch)
{
    size_t fd = (size_t)watch->fd;
    if (watch->fd < 0 || fd >= loop->descriptor_capacity || loop->descriptors[fd].watch != watch)
        return;
    struct descriptor *d = &loop->descriptors[fd];
    d->watch = NULL;
    loop->watch_count--;
    if (!d->kept || d->registered != EPOLLIN)
        loop_forget(loop, watch->fd);
}

/* An event of a descriptor that is only kept is of no use now, and would come again and again. */
static void descriptor_on_events(struct loop *loop, int fd, unsigned events)
{
    struct descriptor *d = &loop->descriptors[fd];
    if (d->watch) {
        d->watch->ready(d->watch->arg, events);
        return;
    }
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
    d->registered = 0;
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
        for (int i = 0; i < count && !*done; i++)
            descriptor_on_events(loop, events[i].data.fd, events[i].events);
    }
    return 0;
}
