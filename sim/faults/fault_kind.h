/* SPDX-License-Identifier: MIT */
/* fault_kind.h: what can happen to a call. docs/simulator.md describes each fault. */
#ifndef FAULTS_FAULT_KIND_H
#define FAULTS_FAULT_KIND_H

enum fault_kind {
    FAULT_NONE,
    FAULT_THROTTLE,
    FAULT_INTERNAL_ERROR,
    FAULT_UNAVAILABLE,
    FAULT_ERROR, /* status, code and message of the rule */
    FAULT_ACCESS_DENIED,
    FAULT_EXPIRED_TOKEN,
    FAULT_CLOCK_SKEW,
    FAULT_LIMIT_EXCEEDED,
    FAULT_VANISH,
    FAULT_REPORT_STUCK,
    FAULT_ENDLESS_PAGING,
    FAULT_ERROR_IN_200,
    FAULT_REWRITE, /* a good answer whose body is changed */
    FAULT_RESET_BEFORE,
    FAULT_RESET_INSIDE,
    FAULT_RESET_AFTER, /* the operation is done, but the client gets no answer */
    FAULT_TRUNCATED,
    FAULT_FOREIGN,
    FAULT_OVERSIZED,
    FAULT_DRIP,
    FAULT_STALL, /* half of the body, silence, and the rest */
    FAULT_COUNT,
};

/* The fault of this name, as scenarios write it; FAULT_COUNT if there is no such fault. */
enum fault_kind fault_find(const char *name);

#endif
