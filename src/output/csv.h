/* SPDX-License-Identifier: MIT */
/*
 * csv.h: the census as CSV, after RFC 4180: UTF-8, a header line, lines that end in CR LF, quotes
 * only around cells that hold a comma, a quote or a line end. What each column holds is in
 * docs/output.md.
 */
#ifndef OUTPUT_CSV_H
#define OUTPUT_CSV_H

#include "output/writer.h"

extern const struct writer_format csv_format;

#endif
