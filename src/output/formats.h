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

/* The names of the column sets, in the order of enum column_set; NULL at the end. */
extern const char *const column_set_names[];
/* The set with this name; the standard one if there is none. */
enum column_set column_set_find(const char *name);

#endif
