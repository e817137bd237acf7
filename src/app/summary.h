/* SPDX-License-Identifier: MIT */
/*
 * summary.h: a result, written for people: at most a screen of text.
 */
#ifndef APP_SUMMARY_H
#define APP_SUMMARY_H

#include "app/result.h"

/*
 * Appends a few lines about 'r' to 'out'. 'hides_keys': the rows don't show second active keys.
 * 'coloured': with the colours of base/colour.h.
 */
void summary_write(const struct result *r, bool hides_keys, bool coloured, struct buffer *out);

#endif
