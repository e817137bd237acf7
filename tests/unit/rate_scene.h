/* SPDX-License-Identifier: MIT */
/*
 * rate_scene.h: callers behind one rate, before a service that refuses, on a clock that stands
 * still but for one millisecond a turn of the loop: the same seed gives the same run.
 *
 * The service counts tokens: each second 'per_second' come in, a neighbour takes what it wants
 * first, at most 'burst' lie there, a call takes one, and a call that finds none is refused. It may
 * also refuse at random. A caller makes one call after the other; a refused one it repeats after
 * the program's own back-off, six attempts in all.
 */
#ifndef UNIT_RATE_SCENE_H
#define UNIT_RATE_SCENE_H

#include "aws/rate.h"
#include "aws/retry.h"
#include "base/random.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define CALLERS_MAX    256
#define LATENCY_MS     40 /* of an answer, give or take a half */
#define SCENE_START_MS 5000

struct service {
    double per_second; /* 0: it has no limit */
    double burst;
    double refused;                   /* share that it refuses at random */
    double (*neighbour)(double at_s); /* calls a second that others take; NULL: none */
};

struct scene;

struct scene_caller {
    struct scene *scene;
    struct rate_waiter waiter;
    struct loop_timer timer;
    int64_t gone_at_ms;
    unsigned attempt;
};

/* What was seen in a span of time. */
struct scene_counts {
    uint64_t served, refused;
    uint64_t lost; /* calls refused six times */
};

struct scene {
    struct clock clock;
    int64_t now_ms;
    struct loop *loop;
    struct loop_watch ticker;
    struct rate rate;
    bool unpaced; /* the rate is told nothing: what back-off alone would do */
    struct random random;
    struct service service;
    double tokens;
    int64_t filled_at_ms;
    int64_t latency_ms;
    struct scene_counts counts;
    uint64_t calls_left; /* to begin */
    uint64_t open;       /* begun and neither served nor lost */
    bool finished;
    struct scene_caller callers[CALLERS_MAX];
    size_t caller_count;
    char log[64];
};

static inline int64_t scene_ms(void *arg)
{
    return ((struct scene *)arg)->now_ms++;
}

static inline void scene_on_tick(void *arg, unsigned events)
{
    (void)arg, (void)events;
}

/* Seconds since the scene's start. */
static inline double scene_at_s(const struct scene *s)
{
    return (double)(loop_now_ms(s->loop) - SCENE_START_MS) / 1000;
}

/* -1 if a loop can't be had. */
static inline int scene_begin(struct scene *s, uint64_t seed)
{
    struct error e;
    *s = (struct scene){.now_ms = SCENE_START_MS, .latency_ms = LATENCY_MS};
    s->clock = (struct clock){scene_ms, scene_ms, s};
    s->loop = loop_new(&s->clock, &e);
    if (!s->loop)
        return -1;
    s->ticker = (struct loop_watch){scene_on_tick, NULL, eventfd(1, EFD_CLOEXEC)};
    rate_init(&s->rate, s->loop);
    random_init(&s->random, seed);
    return loop_watch_start(s->loop, &s->ticker, EPOLLIN, &e);
}

static inline void scene_end(struct scene *s)
{
    for (size_t i = 0; i < s->caller_count; i++) {
        rate_leave(&s->rate, &s->callers[i].waiter);
        loop_timer_stop(s->loop, &s->callers[i].timer);
    }
    rate_release(&s->rate);
    close(s->ticker.fd);
    loop_free(s->loop);
}

static inline void scene_on_over(void *arg)
{
    *(bool *)arg = true;
}

/* Runs the loop until *over. The bench uses these scenes too, and has no cmocka. */
static inline void scene_run(struct scene *s, const bool *over)
{
    struct error e;
    if (loop_run(s->loop, over, &e) != 0)
        abort();
}

/* Lets time pass. */
static inline void scene_pass(struct scene *s, double span_s)
{
    struct loop_timer timer = {0};
    bool over = false;
    loop_timer_start(s->loop, &timer, (int64_t)(span_s * 1000), scene_on_over, &over);
    scene_run(s, &over);
}

/* The service changes. Tokens that lie there stay, as far as there is room for them. */
static inline void scene_serve(struct scene *s, struct service service)
{
    bool first = s->service.burst <= 0;
    s->service = service;
    if (first || s->tokens > service.burst)
        s->tokens = service.burst;
    s->filled_at_ms = loop_now_ms(s->loop);
}

/* Calls a second that the service has for us at a time; 0: no limit. */
static inline double service_left(const struct service *service, double at_s)
{
    double left = service->per_second - (service->neighbour ? service->neighbour(at_s) : 0);
    return left > 0 ? left : 0;
}

/* The service's word on one call: true if it is served. */
static inline bool scene_take(struct scene *s)
{
    int64_t now_ms = loop_now_ms(s->loop);
    if (s->service.refused > 0 &&
        (double)random_up_to(&s->random, 999999) < s->service.refused * 1e6)
        return false;
    if (s->service.per_second <= 0)
        return true;
    s->tokens +=
        service_left(&s->service, scene_at_s(s)) * (double)(now_ms - s->filled_at_ms) / 1e3;
    s->filled_at_ms = now_ms;
    if (s->tokens > s->service.burst)
        s->tokens = s->service.burst;
    if (s->tokens < 1)
        return false;
    s->tokens -= 1;
    return true;
}

static inline void caller_try(void *arg);

static inline void caller_next(struct scene_caller *c)
{
    struct scene *s = c->scene;
    if (s->calls_left == 0) {
        s->finished = s->open == 0;
        return;
    }
    s->calls_left--;
    s->open++;
    c->attempt = 0;
    caller_try(c);
}

static inline void caller_on_answer(void *arg)
{
    struct scene_caller *c = arg;
    struct scene *s = c->scene;
    bool served = scene_take(s);
    s->counts.served += served;
    s->counts.refused += !served;
    if (!s->unpaced && served)
        rate_served(&s->rate, c->gone_at_ms);
    if (!s->unpaced && !served)
        rate_throttled(&s->rate, c->gone_at_ms);
    if (!served && c->attempt < RETRY_ATTEMPTS_MAX) {
        loop_timer_start(s->loop, &c->timer,
                         retry_delay_ms(RETRY_THROTTLED, c->attempt, 0, &s->random), caller_try, c);
        return;
    }
    s->counts.lost += !served;
    s->open--;
    caller_next(c);
}

static inline void caller_on_turn(void *arg)
{
    struct scene_caller *c = arg;
    struct scene *s = c->scene;
    c->attempt++;
    c->gone_at_ms = loop_now_ms(s->loop);
    loop_timer_start(s->loop, &c->timer,
                     s->latency_ms / 2 + random_up_to(&s->random, s->latency_ms), caller_on_answer,
                     c);
}

static inline void caller_try(void *arg)
{
    struct scene_caller *c = arg;
    if (c->scene->unpaced || rate_take(&c->scene->rate))
        caller_on_turn(c);
    else
        rate_wait(&c->scene->rate, &c->waiter, caller_on_turn, c);
}

/* 'count' callers begin, who make 'calls' calls in all. */
static inline void scene_call(struct scene *s, size_t count, uint64_t calls)
{
    s->caller_count = count;
    s->calls_left = calls;
    for (size_t i = 0; i < count; i++) {
        s->callers[i] = (struct scene_caller){.scene = s};
        caller_next(&s->callers[i]);
    }
}

/* What happens in the next 'span_s' seconds. */
static inline struct scene_counts scene_watch(struct scene *s, double span_s)
{
    s->counts = (struct scene_counts){0};
    scene_pass(s, span_s);
    return s->counts;
}

/* Seconds until all calls are through; -1 if that takes longer than 'most_s'. */
static inline double scene_finish(struct scene *s, double most_s)
{
    struct loop_timer timer = {0};
    double from_s = scene_at_s(s);
    loop_timer_start(s->loop, &timer, (int64_t)(most_s * 1000), scene_on_over, &s->finished);
    scene_run(s, &s->finished);
    loop_timer_stop(s->loop, &timer);
    return s->open == 0 ? scene_at_s(s) - from_s : -1;
}

static inline double refused_share_of(struct scene_counts c)
{
    uint64_t all = c.served + c.refused;
    return all > 0 ? (double)c.refused / (double)all : 0;
}

#endif
