/* SPDX-License-Identifier: MIT */
/*
 * clock.h: where the time comes from.
 *
 * A clock is passed in, so that tests are exact. The wall clock names moments (signatures, ages);
 * the steady clock measures spans (time-outs, back-off) and never jumps.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

struct clock {
    int64_t (*wall_ms)(void *arg);   /* milliseconds since 1970, UTC */
    int64_t (*steady_ms)(void *arg); /* milliseconds since some fixed moment */
    void *arg;
};

/* The system's clocks; lives as long as the process. */
const struct clock *clock_system(void);

static inline int64_t clock_wall_ms(const struct clock *c)
{
    return c->wall_ms(c->arg);
}

static inline int64_t clock_steady_ms(const struct clock *c)
{
    return c->steady_ms(c->arg);
}

#endif
