/*
 * report.h: which account's credential report is there, and in what form it is written.
 *
 * Half of the accounts have a report from the start, because somebody else asked for one; the
 * others get theirs a while after they ask. Its text is that of report_csv.h.
 */
#ifndef WORLD_REPORT_H
#define WORLD_REPORT_H

#include "world/model.h"
#include "world/report_csv.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum report_state {
    REPORT_ABSENT,  /* nobody asked for one */
    REPORT_PENDING, /* it was asked for and is being made */
    REPORT_READY,
};

struct reports {
    int64_t *ready_us; /* by account: when its report is ready, by timer_now_us; 0: not asked for */
    size_t accounts;
    uint64_t seed;
    int64_t mean_ms; /* how long it takes to make one, on average */
};

void report_open(struct reports *reports, size_t accounts, uint64_t seed, int64_t mean_ms);

/* Forgets what was asked for. */
void report_reset(struct reports *reports);
void report_release(struct reports *reports);

/* How an account's report stands now; 'stuck': it never becomes ready. */
enum report_state report_state(const struct reports *reports, size_t account, bool stuck);

/* Begins to make the report of an account. */
void report_start(struct reports *reports, size_t account);

/* How an account's report is written: as its entry in the world says, else as 'otherwise' does. */
struct report_form report_form(const struct reports *reports, const struct account *account,
                               enum report_forms otherwise);

#endif
