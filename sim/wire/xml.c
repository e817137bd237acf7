/* SPDX-License-Identifier: MIT */
#include "wire/xml.h"

#include "wire/moment.h"

#include <inttypes.h>

static const char *xml_entity(unsigned char character)
{
    switch (character) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\n':
        return "&#10;";
    case '\r':
        return "&#13;";
    case '\t':
        return "&#9;";
    default:
        /* XML 1.0 does not allow the other control characters at all. */
        return character < 0x20 ? "?" : NULL;
    }
}

void xml_text(struct buffer *out, const char *value)
{
    const char *plain = value;
    for (; *value; value++) {
        const char *entity = xml_entity((unsigned char)*value);
        if (!entity)
            continue;
        buffer_add(out, plain, (size_t)(value - plain));
        buffer_add_text(out, entity);
        plain = value + 1;
    }
    buffer_add(out, plain, (size_t)(value - plain));
}

void xml_open(struct buffer *out, const char *element)
{
    buffer_add_char(out, '<');
    buffer_add_text(out, element);
    buffer_add_char(out, '>');
}

void xml_close(struct buffer *out, const char *element)
{
    buffer_add_text(out, "</");
    buffer_add_text(out, element);
    buffer_add_char(out, '>');
}

void xml_string(struct buffer *out, const char *element, const char *value)
{
    if (!value)
        return;
    xml_open(out, element);
    xml_text(out, value);
    xml_close(out, element);
}

void xml_bool(struct buffer *out, const char *element, bool value)
{
    xml_string(out, element, value ? "true" : "false");
}

void xml_number(struct buffer *out, const char *element, int64_t value)
{
    xml_open(out, element);
    buffer_addf(out, "%" PRId64, value);
    xml_close(out, element);
}

void xml_moment(struct buffer *out, const char *element, int64_t moment)
{
    char printed[MOMENT_SIZE];
    if (moment != MOMENT_NEVER)
        xml_string(out, element, moment_iso(moment, printed));
}
