/* SPDX-License-Identifier: MIT */
/*
 * rate_scenarios.h: services that a rate must get along with, and what is wanted of it; run by
 * test_rate_model (each must hold for several seeds) and by bench/pace.c (tables and plots).
 */
#ifndef UNIT_RATE_SCENARIOS_H
#define UNIT_RATE_SCENARIOS_H

#include "rate_scene.h"

#include <math.h>

#define SCENARIO_CALLERS 64

#define PHASES_MAX 3
#define WANTED_MAX 4

struct phase {
    double from_s;
    struct service service;
};

/* Between two moments (seconds): of what the service has for us; beside what it refuses anyway. */
struct wanted {
    double from_s, to_s;
    double served_least, refused_most;
};

struct scenario {
    const char *name, *title;
    struct phase phases[PHASES_MAX];
    struct wanted wanted[WANTED_MAX];
};

/* Between none and 34 calls a second, once around in a minute. */
static inline double neighbour_wave(double at_s)
{
    return 17 + 17 * sin(at_s / 10);
}

/* 35 calls a second, every other 40 seconds. */
static inline double neighbour_half(double at_s)
{
    return fmod(at_s, 80) < 40 ? 0 : 35;
}

/* All there is, for two seconds of each 40, from the 20th on. */
static inline double neighbour_storm(double at_s)
{
    return at_s > 20 && fmod(at_s, 40) < 2 ? 1e6 : 0;
}

#define LIMIT(per_second, burst)                                                                   \
    {                                                                                              \
        per_second, burst, 0, NULL                                                                 \
    }
#define NOISE(share)                                                                               \
    {                                                                                              \
        0, 0, share, NULL                                                                          \
    }
#define LIMIT_NOISE(per_second, share)                                                             \
    {                                                                                              \
        per_second, per_second, share, NULL                                                        \
    }
#define LIMIT_SHARED(per_second, other)                                                            \
    {                                                                                              \
        per_second, per_second, 0, other                                                           \
    }

/* clang-format off */
static const struct scenario scenarios[] = {
    {"limit-2", "2 calls/s",
     {{0, LIMIT(2, 2)}},
     {{180, 480, 0.93, 0.04}}},
    {"limit-20", "20 calls/s, burst 40",
     {{0, LIMIT(20, 40)}},
     {{60, 180, 0.93, 0.02}}},
    {"limit-20-small", "20 calls/s, burst 5",
     {{0, LIMIT(20, 5)}},
     {{60, 180, 0.93, 0.02}}},
    {"limit-100", "100 calls/s",
     {{0, LIMIT(100, 100)}},
     {{60, 180, 0.93, 0.02}}},
    {"limit-500", "500 calls/s",
     {{0, LIMIT(500, 500)}},
     {{60, 180, 0.93, 0.02}}},
    {"gone", "20 calls/s, from 60 s on no limit",
     {{0, LIMIT(20, 40)}, {60, LIMIT(0, 0)}},
     {{30, 60, 0.93, 0.03}, {100, 120, 100, 0.001}, {120, 150, 1000, 0.001}}},
    {"up", "20, from 60 s on 100 calls/s",
     {{0, LIMIT(20, 40)}, {60, LIMIT(100, 100)}},
     {{30, 60, 0.93, 0.03}, {60, 120, 0.5, 0.05}, {120, 180, 0.93, 0.02}}},
    {"down", "100, from 60 s on 10 calls/s",
     {{0, LIMIT(100, 100)}, {60, LIMIT(10, 10)}},
     {{30, 60, 0.93, 0.02}, {60, 80, 0.9, 0.3}, {80, 180, 0.93, 0.03}}},
    {"up-down", "50, from 60 s on 200, from 120 s on 20 calls/s",
     {{0, LIMIT(50, 50)}, {60, LIMIT(200, 200)}, {120, LIMIT(20, 20)}},
     {{30, 60, 0.93, 0.03}, {60, 120, 0.6, 0.05}, {140, 240, 0.93, 0.03}}},
    {"noise-5", "no limit, 5 % refused at random",
     {{0, NOISE(0.05)}},
     {{10, 60, 600, 0.01}}},
    {"noise-10", "no limit, 10 % refused at random",
     {{0, NOISE(0.1)}},
     {{10, 60, 400, 0.01}}},
    {"noise-ends", "no limit, 10 % refused at random; from 30 s on 30 calls/s and no noise",
     {{0, NOISE(0.1)}, {30, LIMIT(30, 30)}},
     {{5, 30, 400, 0.02}, {60, 180, 0.93, 0.03}}},
    {"limit-noise-5", "50 calls/s, 5 % refused at random",
     {{0, LIMIT_NOISE(50, 0.05)}},
     {{60, 240, 0.8, 0.05}}},
    {"limit-noise-10", "50 calls/s, 10 % refused at random",
     {{0, LIMIT_NOISE(50, 0.1)}},
     {{60, 240, 0.7, 0.06}}},
    {"wave", "50 calls/s, of which a neighbour takes 0 to 34",
     {{0, LIMIT_SHARED(50, neighbour_wave)}},
     {{60, 240, 0.6, 0.06}}},
    {"half", "50 calls/s, of which a neighbour takes 35 every other 40 s",
     {{0, LIMIT_SHARED(50, neighbour_half)}},
     {{40, 280, 0.55, 0.05}}},
    {"storm", "20 calls/s, all of which a neighbour takes for 2 s of 40",
     {{0, LIMIT_SHARED(20, neighbour_storm)}},
     {{20, 220, 0.6, 0.06}}},
};
/* clang-format on */

#define SCENARIO_COUNT (sizeof(scenarios) / sizeof(scenarios[0]))

/* The service of a scenario at a time. */
static inline const struct service *scenario_service(const struct scenario *sc, double at_s)
{
    const struct service *service = &sc->phases[0].service;
    for (size_t i = 1; i < PHASES_MAX && sc->phases[i].from_s > 0; i++)
        if (at_s >= sc->phases[i].from_s)
            service = &sc->phases[i].service;
    return service;
}

/* When nothing more is wanted of it. */
static inline double scenario_span_s(const struct scenario *sc)
{
    double span_s = 0;
    for (size_t i = 0; i < WANTED_MAX; i++)
        span_s = sc->wanted[i].to_s > span_s ? sc->wanted[i].to_s : span_s;
    return span_s;
}

/* Runs it on a scene that has begun, and calls second(arg, i, counts) after each second. */
static inline void scenario_run(struct scene *s, const struct scenario *sc,
                                void (*second)(void *arg, size_t i, struct scene_counts counts),
                                void *arg)
{
    size_t seconds = (size_t)scenario_span_s(sc);
    const struct service *service = NULL;
    for (size_t i = 0; i < seconds; i++) {
        const struct service *now = scenario_service(sc, (double)i);
        if (now != service)
            scene_serve(s, *now);
        if (!service)
            scene_call(s, SCENARIO_CALLERS, UINT64_MAX);
        service = now;
        second(arg, i, scene_watch(s, 1));
    }
}

/* How a run did in a span of time. */
struct did {
    double served;  /* of what the service had for us; calls a second if it has no limit */
    double refused; /* share, less what the service refuses at random */
    uint64_t lost;
};

static inline struct did scenario_did(const struct scenario *sc, const struct scene_counts *seconds,
                                      const struct wanted *wanted)
{
    struct scene_counts sum = {0};
    double left = 0, random = 0;
    for (size_t i = (size_t)wanted->from_s; i < (size_t)wanted->to_s; i++) {
        const struct service *service = scenario_service(sc, (double)i);
        sum.served += seconds[i].served;
        sum.refused += seconds[i].refused;
        sum.lost += seconds[i].lost;
        random = service->refused;
        for (int tenth = 0; tenth < 10; tenth++)
            left += service->per_second > 0 ? service_left(service, (double)i + tenth / 10.0) / 10
                                            : 0.1;
    }
    return (struct did){(double)sum.served / left, refused_share_of(sum) - random, sum.lost};
}

#endif
