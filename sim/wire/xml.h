/* Writes XML answers, on one line, as AWS does apart from white space. */
#ifndef SIM_XML_H
#define SIM_XML_H

#include "wire/text.h"

#include <stdbool.h>
#include <stdint.h>

/* Character data: escapes what XML needs, and control characters as numbers. */
void xml_text(struct text *out, const char *value);

void xml_open(struct text *out, const char *element);
void xml_close(struct text *out, const char *element);

/* <element>value</element>. A NULL value writes nothing. */
void xml_string(struct text *out, const char *element, const char *value);
void xml_bool(struct text *out, const char *element, bool value);
void xml_number(struct text *out, const char *element, int64_t value);

/* The moment as 2024-01-31T09:30:00Z; MOMENT_NEVER writes nothing. */
void xml_moment(struct text *out, const char *element, int64_t moment);

#endif
