/* SPDX-License-Identifier: MIT */
/*
 * jsonl.h: the census as JSON Lines (https://jsonlines.org): one object a user, each on a line of
 * its own that ends in LF. What each field holds: docs/output.md.
 */
#ifndef OUTPUT_JSONL_H
#define OUTPUT_JSONL_H

#include "output/fields.h"

extern const struct writer_format jsonl_format;

/*
 * Writes the names that 'unknown' has with full columns as the elements of the array that is open
 * in 'w'.
 */
void jsonl_write_unknown(struct row *row, struct json_writer *w);

#endif
