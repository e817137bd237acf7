/* SPDX-License-Identifier: MIT */
/*
 * formats.h: the table of formats.
 */
#ifndef OUTPUT_FORMATS_H
#define OUTPUT_FORMATS_H

#include "output/writer.h"

/* The formats, and their names in the same order; each list ends with NULL. */
extern const struct writer_format *const writer_formats[];
extern const char *const writer_format_names[];
/* The format with this name, or NULL. */
const struct writer_format *writer_format_find(struct view name);

#endif
