/* SPDX-License-Identifier: MIT */
/*
 * causes.h: which failed calls left something unknown, and which were replaced by another source.
 *
 * A denied source does not make an account partial if the next source of its facts was used
 * instead; if that one fails too, its own failure is recorded.
 */
#ifndef CENSUS_CAUSES_H
#define CENSUS_CAUSES_H

#include "census/choice.h"

/* Records that a call of 'operation' (a static string) failed for good. */
void causes_note(struct account *account, const char *operation, const struct error *e);
/*
 * Drops the account's failures, except those that left one of its partial facts unknown. 'choice'
 * says which sources were still usable in the end.
 */
void causes_keep(struct account *account, const struct choice *choice);

#endif
