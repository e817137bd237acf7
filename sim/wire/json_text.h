/* SPDX-License-Identifier: MIT */
/*
 * json_text.h: writes JSON piece by piece, and puts the commas.
 *
 * All control characters are written as \u00xx. (base/json_writer writes \n, \t and others, which
 * would change the bytes of world files.)
 */
#ifndef WIRE_JSON_TEXT_H
#define WIRE_JSON_TEXT_H

#include "wire/text.h"

#include <stdbool.h>
#include <stdint.h>

/* A quoted and escaped string; NULL writes null. No comma is put before it. */
void json_put_quoted(struct buffer *out, const char *value);

/* Puts the comma that is due before the next value of an object or array. */
void json_put_comma(struct buffer *out);

/* "name": with the comma before it that is due; the value follows. */
void json_put_name(struct buffer *out, const char *name);

/* A named value within an object; a NULL string and MOMENT_NEVER write null. */
void json_put_string(struct buffer *out, const char *name, const char *value);
void json_put_bool(struct buffer *out, const char *name, bool value);
void json_put_number(struct buffer *out, const char *name, int64_t value);
void json_put_moment(struct buffer *out, const char *name, int64_t moment);

#endif
