/* SPDX-License-Identifier: MIT */
/*
 * html.h: text from outside, made safe to stand in HTML.
 *
 * Control characters and those that change the direction of a text are shown as on a terminal
 * (base/printable.h), so that no name hides or changes what a person reads.
 */
#ifndef PAGE_HTML_H
#define PAGE_HTML_H

#include "base/buffer.h"

/* Appends 'text', escaped for the content of an element and for an attribute in double quotes. */
void html_text(struct buffer *out, struct view text);
/* The same, with at most 'most' bytes of it, then "...". */
void html_text_cut(struct buffer *out, struct view text, size_t most);
/* Appends a number with commas between its thousands: "1,234". */
void html_count(struct buffer *out, uint64_t number);
/* Appends a day, "2026-01-31"; "none" for TIMESTAMP_NONE. */
void html_day(struct buffer *out, int64_t seconds);

#endif
