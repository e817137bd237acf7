/* SPDX-License-Identifier: MIT */
/*
 * jsonl.h: the census as JSON Lines (https://jsonlines.org): one object a user, each on a line of
 * its own that ends in LF. What each field holds: docs/output.md.
 */
#ifndef OUTPUT_JSONL_H
#define OUTPUT_JSONL_H

#include "output/writer.h"

extern const struct writer_format jsonl_format;

#endif
