/* SPDX-License-Identifier: MIT */
/*
 * finding_comparison.h: which findings of an account were opened and closed between two runs.
 *
 * A finding is open if it failed and no suppression covers it. One that was unknown in the other
 * run, could not be made there because something about its user was unknown, or is of a rule that
 * was not judged there, is no difference: it is counted.
 */
#ifndef STORE_FINDING_COMPARISON_H
#define STORE_FINDING_COMPARISON_H

#include "store/comparison.h"
#include "store/statement.h"
#include "store/stored_run.h"

/* One run's findings, account after account. */
struct finding_side {
    const char *run_id; /* borrowed */
    struct statement rows, judged;
};

struct finding_comparison {
    struct finding_side before, after;
    bool possible; /* both runs have findings */
};

/*
 * Prepares; the databases and runs are borrowed until finding_comparison_release, which is to be
 * called also after a failure. 'possible' is false if one of the runs was not judged.
 */
int finding_comparison_init(struct finding_comparison *f, struct database *before_db,
                            const struct stored_run *before, struct database *after_db,
                            const struct stored_run *after, struct error *e) MUST_CHECK;
void finding_comparison_release(struct finding_comparison *f);
/* Adds the differences of an account, which has been read in both runs, to 'c'. */
int finding_comparison_account(struct finding_comparison *f, struct comparison *c,
                               const struct account *before, const struct account *after,
                               struct error *e) MUST_CHECK;

#endif
