/* SPDX-License-Identifier: MIT */
/*
 * cell.h: one cell of a CSV, after RFC 4180: quoted only if it must be. The CSV of users and the
 * accounts file share it, so that a value looks the same in both.
 */
#ifndef OUTPUT_CELL_H
#define OUTPUT_CELL_H

#include "base/buffer.h"
#include "output/value.h"

/*
 * Quotes the last cell of 'out', which begins at 'start', if necessary.
 */
void cell_quote(struct buffer *out, size_t start);
/*
 * Appends a value that is not a list. If 'guarded', a "'" comes before a text that a spreadsheet
 * would run as a formula.
 */
void cell_write(struct value value, bool guarded, struct buffer *out);

#endif
