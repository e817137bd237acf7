/* SPDX-License-Identifier: MIT */
/*
 * json_text.h: writes JSON piece by piece, with the commas between the pieces.
 *
 * All control characters are written as \u00xx. (base/json_writer writes \n, \t and others, which
 * would change the bytes of world files.)
 */
#ifndef WIRE_JSON_TEXT_H
#define WIRE_JSON_TEXT_H

#include "wire/text.h"

#include <stdbool.h>
#include <stdint.h>

/* Writes a quoted and escaped string, or null for NULL, without a comma before it. */
void json_put_quoted(struct buffer *out, const char *value);

/* Writes a comma if the next value of an object or array needs one before it. */
void json_put_comma(struct buffer *out);

/* Writes "name":, with a comma before it if needed. The value must follow. */
void json_put_name(struct buffer *out, const char *name);

/* Write a named value in an object; a NULL string and MOMENT_NEVER are written as null. */
void json_put_string(struct buffer *out, const char *name, const char *value);
void json_put_bool(struct buffer *out, const char *name, bool value);
void json_put_number(struct buffer *out, const char *name, int64_t value);
void json_put_moment(struct buffer *out, const char *name, int64_t moment);

#endif
