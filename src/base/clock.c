/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include "base/compiler.h"

#include <time.h>

static int64_t read_ms(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t system_wall_ms(void *arg UNUSED)
{
    return read_ms(CLOCK_REALTIME);
}

static int64_t system_steady_ms(void *arg UNUSED)
{
    return read_ms(CLOCK_MONOTONIC);
}

const struct clock *clock_system(void)
{
    static const struct clock system_clock = {system_wall_ms, system_steady_ms, 0};
    return &system_clock;
}
