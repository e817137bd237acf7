/* SPDX-License-Identifier: MIT */
/* xml.h: writes XML answers like AWS's, but on one line. */
#ifndef WIRE_XML_H
#define WIRE_XML_H

#include "wire/text.h"

#include <stdbool.h>
#include <stdint.h>

/* Writes escaped character data; control characters are written as numbers. */
void xml_text(struct buffer *out, const char *value);

void xml_open(struct buffer *out, const char *element);
void xml_close(struct buffer *out, const char *element);

/* Writes <element>value</element>; does nothing if 'value' is NULL. */
void xml_string(struct buffer *out, const char *element, const char *value);
void xml_bool(struct buffer *out, const char *element, bool value);
void xml_number(struct buffer *out, const char *element, int64_t value);

/* Writes the moment as 2024-01-31T09:30:00Z; does nothing if it is MOMENT_NEVER. */
void xml_moment(struct buffer *out, const char *element, int64_t moment);

#endif
