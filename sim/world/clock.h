/* SPDX-License-Identifier: MIT */
/*
 * clock.h: the simulator's clock. Clients see it in the Date of answers, signatures are checked
 * against it, and sessions end by it.
 *
 * It is ahead of the machine's clock by the scenario's clock_skew_s. (The dates of users and keys
 * depend on another moment: the 'now' of the world.)
 */
#ifndef WORLD_CLOCK_H
#define WORLD_CLOCK_H

#include <stdint.h>

struct sim_clock {
    int64_t ahead_seconds; /* negative: behind */
};

/* The time of the simulator's clock, in seconds since 1970. */
int64_t sim_now(const struct sim_clock *clock);

/* The time of the machine's clock, in seconds and in milliseconds since 1970. */
int64_t clock_now(void);
int64_t clock_now_ms(void);

#endif
