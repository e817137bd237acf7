/* SPDX-License-Identifier: MIT */
/*
 * printable.h: text from outside, made fit to be shown on a terminal and in a line of a log.
 *
 * Control characters (also those of the C1 block, which terminals obey as well), characters that
 * are invisible or change the direction of what follows, and bytes that are not UTF-8 would hide or
 * change what a person reads. Each of their bytes is shown as \xNN instead.
 */
#ifndef BASE_PRINTABLE_H
#define BASE_PRINTABLE_H

#include "base/buffer.h"

/* Appends 'text', escaped if it has to be. */
void printable_add(struct buffer *out, struct view text);
/*
 * The same for at most 'most' bytes of 'text', then "..." if there are more. No character is split.
 */
void printable_add_cut(struct buffer *out, struct view text, size_t most);

#endif
