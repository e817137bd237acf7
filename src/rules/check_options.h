/* SPDX-License-Identifier: MIT */
/*
 * check_options.h: which rules are judged, and how. Made from texts, which come from flags, from an
 * event or from a file.
 */
#ifndef RULES_CHECK_OPTIONS_H
#define RULES_CHECK_OPTIONS_H

#include "base/error.h"
#include "rules/suppressions.h"

/* Lists are arrays by place in rules_table. */
struct check_options {
    bool on[RULES_MAX];
    int64_t limits[RULES_MAX];
    bool limit_given[RULES_MAX];
    struct view tag_keys; /* of user-tag, borrowed */
    bool fails;           /* --fail-on names a severity */
    enum severity fail_on;
    bool fail_on_unknown;
    bool include_pass;                 /* findings that pass or do not apply are handed over too */
    int64_t started_s;                 /* the start of the run, which days count to */
    struct suppressions *suppressions; /* borrowed; NULL: none */
};

/* The default rules and limits. */
void check_options_init(struct check_options *o);
/*
 * Reads a list of rules, separated by commas or spaces, which replaces the default: ids, "default"
 * (those that are on by default) and "all". -1 with ERROR_CONFIG, which names 'origin' and an
 * unknown rule.
 */
int check_options_rules(struct check_options *o, struct view list, const char *origin,
                        struct error *e) MUST_CHECK;
/*
 * Reads one limit, "RULE=N" (borrowed). -1 with ERROR_CONFIG, which names 'origin', if there is no
 * such rule, or if it has no such limit.
 */
int check_options_limit(struct check_options *o, struct view text, const char *origin,
                        struct error *e) MUST_CHECK;
/* Reads a list of them, which are separated by line ends. */
int check_options_limits(struct check_options *o, struct view list, const char *origin,
                         struct error *e) MUST_CHECK;
/*
 * Reads the severity, or "none", from which on findings count as a failure of the check. -1 with
 * ERROR_CONFIG.
 */
int check_options_fail_on(struct check_options *o, struct view text, const char *origin,
                          struct error *e) MUST_CHECK;
/*
 * Checks that rules and limits agree: a rule without its limit, or a limit of a rule that is not
 * judged. -1 with ERROR_CONFIG.
 */
int check_options_check(const struct check_options *o, struct error *e) MUST_CHECK;
/* The facts that the rules that are on need. */
fact_set check_options_wanted(const struct check_options *o);

#endif
