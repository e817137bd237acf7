/* SPDX-License-Identifier: MIT */
/*
 * root_facts.h: what is known of an account's root user, from all that was read.
 *
 * The account summary is live, so it wins over the credential report, which may be hours old.
 */
#ifndef CENSUS_ROOT_FACTS_H
#define CENSUS_ROOT_FACTS_H

#include "census/gathered.h"

/*
 * Sets account->root, and those of its FACT_ROOT_... in account->unknown that were not told.
 * 'line': the root user's in the report; NULL: no report was used, or it has no such line.
 * 'partition': "aws".
 */
void root_facts_settle(struct account *account, const struct gathered *gathered,
                       const struct report_root *line, const char *partition);

#endif
