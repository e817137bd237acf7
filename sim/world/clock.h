/*
 * clock.h: the simulator's clock, which its clients see in the Date of answers and in what is
 * signed, dated and valid.
 *
 * It is the machine's, or so far ahead of it as the scenario says. (When things were created and
 * last used counts to another moment: the 'now' of the world.)
 */
#ifndef WORLD_CLOCK_H
#define WORLD_CLOCK_H

#include <stdint.h>

struct sim_clock {
    int64_t ahead_seconds; /* negative: behind */
};

/* What the simulator's clock shows, in seconds since 1970. */
int64_t sim_now(const struct sim_clock *clock);

/* What the machine's clock shows, in seconds and in milliseconds since 1970. */
int64_t clock_now(void);
int64_t clock_now_ms(void);

#endif
