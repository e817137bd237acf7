/* SPDX-License-Identifier: MIT */
/*
 * checker.h: judges accounts and their users by the rules, one after the other.
 *
 * The one rule engine, for a census while accounts stream by and for a database. It knows the
 * model, not where that came from, and keeps nothing of an account: memory does not grow.
 */
#ifndef RULES_CHECKER_H
#define RULES_CHECKER_H

#include "rules/check_options.h"

/*
 * How many findings there were. The five statuses add up to everything that was judged: those that
 * are not handed over count too.
 */
struct check_counts {
    uint64_t by[RULES_MAX][STATUS_COUNT]; /* by place in rules_table */
    uint64_t accounts_failed;
};

struct checker {
    struct check_options options;
    struct check_counts counts;
    struct sha256 hasher;
    struct buffer reason; /* of the finding that is handed over */
    char id[FINDING_ID_SIZE];
};

/* Gets each finding, in order. It is borrowed for the call. */
typedef void finding_taker(void *arg, const struct finding *finding);

/* 'options' is copied, what it points to is borrowed. Released by checker_release. */
void checker_init(struct checker *c, const struct check_options *options);
void checker_release(struct checker *c);
/*
 * Judges an account: first the account itself, then its users in their order, each rule after rule,
 * resource after resource. If the account failed, hands over one unknown for each rule.
 */
void checker_account(struct checker *c, const struct account *account, finding_taker *take,
                     void *arg);
/* The same in steps, for a taker that may have to wait: the account without its users, ... */
void checker_account_itself(struct checker *c, const struct account *account, finding_taker *take,
                            void *arg);
/* ... and one of the users of an account that did not fail. */
void checker_user(struct checker *c, const struct account *account, const struct user *user,
                  finding_taker *take, void *arg);
/* How many findings of a severity have a status. */
uint64_t check_counts_of(const struct check_counts *counts, enum severity severity,
                         enum finding_status status);
/* How many findings there were of this status. */
uint64_t check_counts_all(const struct check_counts *counts, enum finding_status status);
/* True if --fail-on, with --fail-on-unknown, is met. */
bool checker_fails(const struct checker *c);

#endif
