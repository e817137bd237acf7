/* SPDX-License-Identifier: MIT */
/*
 * gaps.h: what a run did not read, and why, from its result document.
 */
#ifndef PAGE_GAPS_H
#define PAGE_GAPS_H

#include "base/buffer.h"

/*
 * Appends the table of accounts that were read partly, not at all, or left out. 'result' is the
 * document as text; NULL: the run has none. The messages of services are not shown: they may have
 * ids of authorizations in them.
 */
void gaps_write(const char *result, struct buffer *out);

#endif
