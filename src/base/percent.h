/* SPDX-License-Identifier: MIT */
/*
 * percent.h: percent-encoding (RFC 3986, section 2.1).
 *
 * Every byte but the unreserved ones (A-Z a-z 0-9 - _ . ~) becomes '%' and two upper-case hex
 * digits.
 */
#ifndef BASE_PERCENT_H
#define BASE_PERCENT_H

#include "base/buffer.h"

enum percent_option {
    PERCENT_KEEP_SLASHES = 1, /* '/' stays as it is: the text is a path */
    PERCENT_ONCE = 2,         /* what is encoded already is not encoded again */
};

/* Appends 'text' percent-encoded. 'options' is 0 or a sum of the options above. */
void percent_encode(struct buffer *out, struct view text, unsigned options);
/*
 * The byte of 'text' at '*at' (below text.len), decoded if it is percent-encoded there. Moves '*at'
 * past what was read, one or three bytes.
 */
unsigned char percent_take(struct view text, size_t *at);

#endif
