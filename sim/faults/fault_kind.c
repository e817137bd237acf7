/* SPDX-License-Identifier: MIT */
#include "faults/fault_kind.h"

#include <string.h>

static const char *const names[FAULT_COUNT] = {
    [FAULT_NONE] = "none",
    [FAULT_THROTTLE] = "throttle",
    [FAULT_INTERNAL_ERROR] = "internal_error",
    [FAULT_UNAVAILABLE] = "unavailable",
    [FAULT_ERROR] = "error",
    [FAULT_ACCESS_DENIED] = "access_denied",
    [FAULT_EXPIRED_TOKEN] = "expired_token",
    [FAULT_CLOCK_SKEW] = "clock_skew",
    [FAULT_LIMIT_EXCEEDED] = "limit_exceeded",
    [FAULT_VANISH] = "vanish",
    [FAULT_REPORT_STUCK] = "report_stuck",
    [FAULT_ENDLESS_PAGING] = "endless_paging",
    [FAULT_ERROR_IN_200] = "error_in_200",
    [FAULT_REWRITE] = "rewrite",
    [FAULT_RESET_BEFORE] = "reset_before",
    [FAULT_RESET_INSIDE] = "reset_inside",
    [FAULT_RESET_AFTER] = "reset_after",
    [FAULT_TRUNCATED] = "truncated",
    [FAULT_FOREIGN] = "foreign",
    [FAULT_OVERSIZED] = "oversized",
    [FAULT_DRIP] = "drip",
    [FAULT_STALL] = "stall",
};

enum fault_kind fault_find(const char *name)
{
    int kind = 0;
    while (kind < FAULT_COUNT && strcmp(names[kind], name) != 0)
        kind++;
    return (enum fault_kind)kind;
}
