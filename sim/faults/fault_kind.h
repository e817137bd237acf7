/* SPDX-License-Identifier: MIT */
/* fault_kind.h: what can happen to a call. docs/simulator.md describes each fault. */
#ifndef FAULTS_FAULT_KIND_H
#define FAULTS_FAULT_KIND_H

enum fault_kind {
    FAULT_NONE,
    FAULT_THROTTLE,
    FAULT_INTERNAL_ERROR,
    FAULT_UNAVAILABLE,
    FAULT_ERROR, /* the rule's status, code and message */
    FAULT_ACCESS_DENIED,
    FAULT_EXPIRED_TOKEN,
    FAULT_CLOCK_SKEW,
    FAULT_LIMIT_EXCEEDED,
    FAULT_VANISH,
    FAULT_REPORT_STUCK,
    FAULT_ENDLESS_PAGING,
    FAULT_ERROR_IN_200,
    FAULT_REWRITE, /* a good answer with a changed body */
    FAULT_RESET_BEFORE,
    FAULT_RESET_INSIDE,
    FAULT_RESET_AFTER, /* the operation is carried out, but the client gets no answer */
    FAULT_TRUNCATED,
    FAULT_FOREIGN,
    FAULT_OVERSIZED,
    FAULT_DRIP,
    FAULT_STALL, /* half of the body, a pause, and the rest */
    FAULT_COUNT,
};

/* The fault that a scenario calls 'name'; FAULT_COUNT if there is no such fault. */
enum fault_kind fault_find(const char *name);

#endif
