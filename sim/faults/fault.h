/* SPDX-License-Identifier: MIT */
/*
 * fault.h: decides which fault happens to a call, by the scenario's rules and so that a run can be
 * repeated.
 *
 * This module sees a call only as its subject and knows no service: it decides,
 * services/fault_answer.c writes the error, and wire/sender.c bends the reply.
 */
#ifndef FAULTS_FAULT_H
#define FAULTS_FAULT_H

#include "faults/fault_kind.h"
#include "faults/scenario.h"
#include "faults/subject.h"
#include "faults/tally.h"
#include "faults/throttle.h"
#include "wire/reply.h"
#include "world/world.h"

#include <stdint.h>

/* What happens to one call. */
struct fault_plan {
    int64_t delay_us;
    int64_t date_skew_seconds; /* how far ahead the answer's Date is */
    enum fault_kind kind;
    const struct rule *rule; /* the rule that caused the fault; NULL: the command line's rate */
    struct bend bend;        /* what the sender does to the reply */
};

/* The part of the command line that concerns faults. */
struct fault_settings {
    uint64_t seed; /* for random choices, unless the scenario has one */
    int64_t latency_ms;
    double rate; /* calls a second; 0: no limit */
    double burst;
    double sts_rate;
};

struct faults {
    struct scenario scenario;
    const struct world *world;
    struct fault_settings settings;
    struct throttle throttle;
    struct throttle throttle_sts;
    struct tally streaks; /* faults in a row, by call */
    struct tally counts;  /* calls seen, by rule and scope */
    struct tally firsts;  /* when the first call of each scope came, in ms after began_us */
    int64_t began_us;     /* when the very first call came; 0: not yet */
};

/*
 * Prepares the faults of a scenario that has been read; the world is borrowed until fault_release.
 */
void fault_open(struct faults *faults, const struct world *world,
                const struct fault_settings *settings);

/* Decides what happens to a call, which has been verified and whose action is known. */
void fault_decide(struct faults *faults, const struct subject *subject, struct fault_plan *plan);

/* Forgets all counts, as if no call had been made. */
void fault_reset(struct faults *faults);

/* Frees everything, the scenario too. */
void fault_release(struct faults *faults);

#endif
