/* SPDX-License-Identifier: MIT */
/*
 * run_comparison.h: compares two runs, which may be in two databases, account after account.
 *
 * Memory is that of one account in both runs.
 */
#ifndef STORE_RUN_COMPARISON_H
#define STORE_RUN_COMPARISON_H

#include "store/difference.h"
#include "store/stored_run.h"

/* All borrowed. */
struct run_comparison {
    struct database *before_db, *after_db; /* may be the same */
    const struct stored_run *before, *after;
    bool with_use; /* last uses and sign-ins are differences too */
    difference_taker *take;
    /* An account that is not compared, and why: a static text. */
    void (*not_compared)(void *arg, const char *account_id, const char *why);
    void *arg;
    /* Set by run_comparison_run: */
    uint64_t compared, unknown;
    bool findings; /* both runs have findings, which were compared too */
};

/* Compares; hands over the differences in order of account, user, kind, resource. */
int run_comparison_run(struct run_comparison *r, struct error *e) MUST_CHECK;

#endif
