/* SPDX-License-Identifier: MIT */
/*
 * tally_charts.h: the charts that are made of a tally alone.
 */
#ifndef PAGE_TALLY_CHARTS_H
#define PAGE_TALLY_CHARTS_H

#include "base/buffer.h"
#include "page/tally.h"

/*
 * Appends them in the page's order: MFA of people, age of active keys, last use, credentials, root
 * users.
 */
void tally_charts_write(const struct tally *t, struct buffer *out);

#endif
