/* SPDX-License-Identifier: MIT */
#include "faults/throttle.h"

#include "base/alloc.h"
#include "wire/text.h"

#include <stdlib.h>

void throttle_open(struct throttle *throttle, size_t accounts, double rate, double burst)
{
    *throttle =
        (struct throttle){.accounts = accounts, .rate = rate, .burst = burst < 1 ? 1 : burst};
    if (rate > 0)
        throttle->full_at_us = xcalloc(accounts * ACTION_COUNT, sizeof(int64_t));
}

bool throttle_take(struct throttle *throttle, size_t account, enum action action, int64_t now_us)
{
    if (throttle->rate <= 0 || account >= throttle->accounts)
        return true;
    int64_t *full_at_us = &throttle->full_at_us[account * ACTION_COUNT + (size_t)action];
    int64_t cost_us = (int64_t)(1e6 / throttle->rate);
    int64_t depth_us = (int64_t)(1e6 * throttle->burst / throttle->rate);
    int64_t from_us = *full_at_us > now_us ? *full_at_us : now_us;
    if (from_us + cost_us - now_us > depth_us)
        return false;
    *full_at_us = from_us + cost_us;
    return true;
}

void throttle_release(struct throttle *throttle)
{
    free(throttle->full_at_us);
    *throttle = (struct throttle){0};
}
