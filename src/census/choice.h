/* SPDX-License-Identifier: MIT */
/*
 * choice.h: chooses the source that a fact is read from, by the table of facts. Makes no calls.
 *
 * A fact takes the first source of its row that the strategy may use, that has not failed for this
 * account, and that says something about it. The credential report says of a user what the user's
 * line says; a report that was set aside says nothing, and then even 'bulk' reads users one by one.
 */
#ifndef CENSUS_CHOICE_H
#define CENSUS_CHOICE_H

#include "census/facts.h"
#include "census/report.h"

#define SOURCE_BIT(source) (1u << (source))

enum report_use {
    REPORT_MISSING,   /* not read, or not read yet */
    REPORT_USED,      /* read, and young enough */
    REPORT_SET_ASIDE, /* older than allowed, or no report is allowed at all */
};

/* What a choice depends on; the same for all users of an account. */
struct choice {
    enum strategy strategy;
    enum report_use report;
    unsigned failed_sources; /* a SOURCE_BIT each: denied, or failed for good, in this account */
};

/*
 * True if the strategy may use the source for this account, and neither it nor a report that it
 * needs has failed.
 */
bool choice_may_use(const struct choice *c, enum source_id id);
/* The source of a fact about the account or its list of users; SOURCE_NONE if none is left. */
enum source_id choice_for_account(const struct choice *c, enum fact fact);
/*
 * The source of a fact about a user; SOURCE_NONE if none is left. 'line' is the user's line in the
 * report; NULL if there is none.
 */
enum source_id choice_for_user(const struct choice *c, const struct report_line *line,
                               enum fact fact);
/* True if the report shows that the source, a list of something that a user has, would be empty. */
bool choice_shows_none(const struct choice *c, const struct report_line *line, enum source_id id);
/*
 * True if one of the fact's sources has failed for the account. A fact without a source left was
 * then lost by that failure; otherwise the strategy has no source for it for this user.
 */
bool choice_lost_source(const struct choice *c, enum fact fact);

#endif
