/* SPDX-License-Identifier: MIT */
/*
 * moment.h: writes and reads moments (seconds since 1970 in UTC) in AWS's formats.
 *
 * The simulator has its own code for reading them, so that it can't share a mistake with the
 * program.
 */
#ifndef WIRE_MOMENT_H
#define WIRE_MOMENT_H

#include "base/timestamp.h"

#include <stddef.h>
#include <stdint.h>

#define MOMENT_NEVER    TIMESTAMP_NONE
#define MOMENT_SIZE     TIMESTAMP_TEXT_SIZE
#define SECONDS_A_DAY   86400
#define SECONDS_AN_HOUR 3600

/* Writes 2024-01-31T09:30:00Z into 'out' (MOMENT_SIZE bytes); returns 'out'. */
char *moment_iso(int64_t moment, char *out);

/* The same as 2024-01-31T09:30:00+00:00, as in credential reports. */
char *moment_offset(int64_t moment, char *out);

/* The same as 20240131T093000Z, as in signatures. */
char *moment_basic(int64_t moment, char *out);

/* The same as Wed, 31 Jan 2024 09:30:00 GMT (RFC 9110). */
char *moment_http(int64_t moment, char *out);

/*
 * Reads 2024-01-31T09:30:00 followed by Z, +00:00 or nothing, or 2024-01-31 alone. Returns 0, or -1
 * if the text is anything else.
 */
int moment_parse(const char *text, int64_t *moment);

/* Reads 20240131T093000Z. Returns 0, or -1 if the text is anything else. */
int moment_parse_basic(const char *text, int64_t *moment);

#endif
