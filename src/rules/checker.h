/* SPDX-License-Identifier: MIT */
/*
 * checker.h: judges accounts and their users by the rules, one after the other.
 *
 * The one rule engine, for a census while accounts stream by and for a database. It knows the
 * model, not where that came from, and keeps nothing of an account: memory does not grow.
 */
#ifndef RULES_CHECKER_H
#define RULES_CHECKER_H

#include "rules/suppressions.h"

/* Which rules are judged, and how. Made from texts by the functions below. */
struct check_options {
    bool on[RULES_MAX]; /* by place in rules_table */
    int64_t limits[RULES_MAX];
    struct view tag_keys; /* of user-tag, borrowed */
    bool fails;           /* --fail-on names a severity */
    enum severity fail_on;
    bool fail_on_unknown;
    int64_t started_s;                 /* the start of the run, which days count to */
    struct suppressions *suppressions; /* borrowed; NULL: none */
};

/* The default rules and limits. */
void check_options_init(struct check_options *o);
/* Reads --rules. -1 with ERROR_CONFIG, which names 'origin' and an unknown rule. */
int check_options_rules(struct check_options *o, struct view list, const char *origin,
                        struct error *e) MUST_CHECK;
/* Reads one --limit, "RULE=N" (borrowed). -1 with ERROR_CONFIG. */
int check_options_limit(struct check_options *o, struct view text, const char *origin,
                        struct error *e) MUST_CHECK;
/* The facts that the rules that are on need. */
fact_set check_options_wanted(const struct check_options *o);

/* How many findings there were. The five statuses add up to everything that was judged. */
struct check_counts {
    uint64_t by[RULES_MAX][STATUS_COUNT]; /* by place in rules_table */
};

struct checker {
    struct check_options options;
    struct check_counts counts;
};

/* Gets each finding, in order. */
typedef void finding_taker(void *arg, const struct finding *finding);

void checker_init(struct checker *c, const struct check_options *options);
/*
 * Judges the account itself; if it failed, hands over one unknown for each rule. To be called
 * before its users.
 */
void checker_account(struct checker *c, const struct account *account, finding_taker *take,
                     void *arg);
/* Judges one user of an account that was read. Findings come in order of rule, then resource. */
void checker_user(struct checker *c, const struct account *account, const struct user *user,
                  finding_taker *take, void *arg);
/* How many findings of a severity have a status. */
uint64_t check_counts_of(const struct check_counts *counts, enum severity severity,
                         enum finding_status status);
/* True if --fail-on, with --fail-on-unknown, is met. */
bool checker_fails(const struct checker *c);

#endif
