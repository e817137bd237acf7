/* SPDX-License-Identifier: MIT */
/*
 * causes.h: which of the calls that failed left something unknown, and which were replaced.
 *
 * A source that is denied does not make an account partial if the next source of its facts was used
 * instead: what that one could not give has a failure of its own.
 */
#ifndef CENSUS_CAUSES_H
#define CENSUS_CAUSES_H

#include "census/choice.h"

/* Notes that a call of the operation (static) failed for good. */
void causes_note(struct account *account, const char *operation, const struct error *e);
/*
 * Keeps of the failures of 'account', which is partial, those that left one of its partial facts
 * unknown. 'choice' says which sources were left in the end.
 */
void causes_keep(struct account *account, const struct choice *choice);

#endif
