/* SPDX-License-Identifier: MIT */
/*
 * report.h: which accounts have a credential report, and in what form it is written.
 *
 * Half of the accounts have a report from the start, as if somebody had requested one within the
 * last four hours; the others' takes a while after it is requested. report_csv.h writes the text.
 */
#ifndef WORLD_REPORT_H
#define WORLD_REPORT_H

#include "world/model.h"
#include "world/report_csv.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum report_state {
    REPORT_ABSENT,  /* nobody has requested one */
    REPORT_PENDING, /* it has been requested and is being made */
    REPORT_READY,
};

struct reports {
    int64_t *ready_us; /* by account: when its report is ready, by timer_now_us; 0: not requested */
    size_t accounts;
    uint64_t seed;
    int64_t mean_ms; /* how long it takes on average to make a report */
};

void report_open(struct reports *reports, size_t accounts, uint64_t seed, int64_t mean_ms);

/* Forgets which reports were requested. */
void report_reset(struct reports *reports);
void report_release(struct reports *reports);

/* The state of an account's report now; if 'stuck', it never becomes ready. */
enum report_state report_state(const struct reports *reports, size_t account, bool stuck);

/* Starts to make the report of an account. */
void report_start(struct reports *reports, size_t account);

/*
 * The form of an account's report: the one in the world, or 'otherwise' if that has none.
 */
struct report_form report_form(const struct reports *reports, const struct account *account,
                               enum report_forms otherwise);

#endif
