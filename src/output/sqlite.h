/* SPDX-License-Identifier: MIT */
/*
 * sqlite.h: the format whose output is a database: store/recording.h writes it, since its users are
 * not rows of a text. It shows everything that the full columns and the accounts file show.
 */
#ifndef OUTPUT_SQLITE_H
#define OUTPUT_SQLITE_H

#include "output/writer.h"

extern const struct writer_format sqlite_format;

#endif
