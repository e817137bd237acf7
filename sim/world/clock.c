/* SPDX-License-Identifier: MIT */
#include "world/clock.h"

#include <time.h>

int64_t clock_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_now(void)
{
    return clock_now_ms() / 1000;
}

int64_t sim_now(const struct sim_clock *clock)
{
    return clock_now() + clock->ahead_seconds;
}
