/* SPDX-License-Identifier: MIT */
/*
 * timestamp.h: moments in UTC, as whole seconds since 1970 (leap seconds not counted).
 *
 * TIMESTAMP_NONE stands for 'there is none'. Follows RFC 3339 for text; the calendar is the
 * proleptic Gregorian one, years 1 to 9999.
 */
#ifndef BASE_TIMESTAMP_H
#define BASE_TIMESTAMP_H

#include "base/view.h"

#include <stdint.h>

#define TIMESTAMP_NONE INT64_MIN
/* Room for any form below and its NUL. */
#define TIMESTAMP_TEXT_SIZE 32

/*
 * Reads an RFC 3339 date and time: "2024-01-31T09:30:00Z", with a fraction (cut off), with an
 * offset such as "+01:00", 't' and 'z' in lower case too. Returns 0 and sets *seconds, or -1
 * if the text is anything else.
 */
int timestamp_parse(struct view text, int64_t *seconds);
/* Reads an HTTP date (RFC 9110 section 5.6.7, IMF-fixdate: "Sun, 06 Nov 1994 08:49:37 GMT"). */
int timestamp_parse_http(struct view text, int64_t *seconds);
/* Writes "2024-01-31T09:30:00Z". */
void timestamp_format(int64_t seconds, char out[TIMESTAMP_TEXT_SIZE]);
/* Writes "20240131T093000Z", the form that requests are signed with. */
void timestamp_format_compact(int64_t seconds, char out[TIMESTAMP_TEXT_SIZE]);
/* Writes "2024-01-31_09-30-00", the form of the output's file name. */
void timestamp_format_file(int64_t seconds, char out[TIMESTAMP_TEXT_SIZE]);
/* Whole days from 'then' to 'now', rounded down; 0 if 'then' is later. */
int64_t timestamp_age_days(int64_t then, int64_t now);

#endif
