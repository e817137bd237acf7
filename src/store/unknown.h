/* SPDX-License-Identifier: MIT */
/*
 * unknown.h: reads the lists of unknown columns of the database back into facts.
 */
#ifndef STORE_UNKNOWN_H
#define STORE_UNKNOWN_H

#include "census/model.h"
#include "store/statement.h"

/*
 * Each reads the JSON list in a column of the row. -1 with ERROR_CONFIG if it is not a list of
 * columns that may be unknown.
 */
int unknown_of_account(const struct statement *s, int column, fact_set *facts,
                       struct error *e) MUST_CHECK;
int unknown_of_user(const struct statement *s, int column, fact_set *facts,
                    struct error *e) MUST_CHECK;
/* Sets use_unknown and use_place_unknown. */
int unknown_of_key(const struct statement *s, int column, struct access_key *key,
                   struct error *e) MUST_CHECK;

#endif
