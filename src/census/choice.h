/* SPDX-License-Identifier: MIT */
/*
 * choice.h: which source a fact is read from: decided from the table of facts, nothing is called.
 *
 * A fact takes the first source of its row that the strategy may use, that has not failed for this
 * account, and that says something about it. What the credential report says of one user is the
 * line's; a report that was set aside says nothing, and then 'bulk', too, reads users one by one.
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
    unsigned failed_sources; /* a SOURCE_BIT each: denied, or failed for good, for the account */
};

/* Whether the strategy may use the source for this account, and nothing has failed that it needs.
 */
bool choice_may_use(const struct choice *c, enum source_id id);
/* The source of a fact about the account or its list of users; SOURCE_NONE if none is left. */
enum source_id choice_for_account(const struct choice *c, enum fact fact);
/*
 * The source of a fact about a user whom 'line' is about; NULL: the report has no line about this
 * user. SOURCE_NONE if none is left.
 */
enum source_id choice_for_user(const struct choice *c, const struct report_line *line,
                               enum fact fact);
/* True if the report shows that the source, which lists something of a user, would list nothing. */
bool choice_shows_none(const struct choice *c, const struct report_line *line, enum source_id id);
/*
 * True if one of the fact's sources has failed for the account. A fact without any source left is
 * then a loss; else it is one that the strategy cannot know of this user.
 */
bool choice_lost_source(const struct choice *c, enum fact fact);

#endif
