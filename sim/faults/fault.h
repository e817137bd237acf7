/* Which faults befall a call: the scenario's rules, applied so that a run can be repeated. */
#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include "faults/tally.h"

#include <stdbool.h>
#include <stdint.h>

struct call;
struct rule;
struct sim;

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
    FAULT_REWRITE, /* a good answer with something else in it */
    FAULT_RESET_BEFORE,
    FAULT_RESET_INSIDE,
    FAULT_RESET_AFTER, /* done, and nobody is told */
    FAULT_TRUNCATED,
    FAULT_FOREIGN,
    FAULT_OVERSIZED,
    FAULT_DRIP,
    FAULT_STALL, /* half of the body, silence, and the rest */
    FAULT_COUNT,
};

/* What befalls one call. */
struct fault_plan {
    int64_t delay_us;
    int64_t date_skew_seconds; /* the answer's Date is so far ahead */
    enum fault_kind kind;
    const struct rule *rule; /* that said so; NULL for the throttle of the command line */
};

struct faults {
    struct tally streaks; /* faults in a row, by call */
    struct tally counts;  /* calls seen, by rule and what its scope groups */
    struct tally firsts;  /* when the first of these came, in ms after began_us */
    int64_t began_us;     /* the first call of all; 0: none yet */
};

/* What dice are rolled with: the scenario's seed, or the command line's. */
uint64_t fault_seed(const struct sim *sim);

/* The name of a fault as scenarios write it, and back (FAULT_COUNT: no such fault). */
const char *fault_name(enum fault_kind kind);
enum fault_kind fault_find(const char *name);

/* Decides what befalls the call, which is verified and whose action is known. */
void fault_decide(struct sim *sim, struct call *call);

/* Answers in the call's stead where the fault is an error. Returns whether it did. */
bool fault_answer(struct call *call);

/* Forgets all counts, as if no call had been made. */
void fault_reset(struct faults *faults);

#endif
