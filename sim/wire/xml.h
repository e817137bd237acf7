/* SPDX-License-Identifier: MIT */
/* xml.h: writes XML answers on one line, as AWS does (but for white space). */
#ifndef WIRE_XML_H
#define WIRE_XML_H

#include "wire/text.h"

#include <stdbool.h>
#include <stdint.h>

/* Character data, escaped; control characters are written as numbers. */
void xml_text(struct buffer *out, const char *value);

void xml_open(struct buffer *out, const char *element);
void xml_close(struct buffer *out, const char *element);

/* <element>value</element>. A NULL value writes nothing. */
void xml_string(struct buffer *out, const char *element, const char *value);
void xml_bool(struct buffer *out, const char *element, bool value);
void xml_number(struct buffer *out, const char *element, int64_t value);

/* The moment as 2024-01-31T09:30:00Z; MOMENT_NEVER writes nothing. */
void xml_moment(struct buffer *out, const char *element, int64_t moment);

#endif
