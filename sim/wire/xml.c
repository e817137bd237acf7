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
        /* The other control characters cannot stand in XML 1.0 at all. */
        return character < 0x20 ? "?" : NULL;
    }
}

void xml_text(struct text *out, const char *value)
{
    const char *plain = value;
    for (; *value; value++) {
        const char *entity = xml_entity((unsigned char)*value);
        if (!entity)
            continue;
        text_append(out, plain, (size_t)(value - plain));
        text_put(out, entity);
        plain = value + 1;
    }
    text_append(out, plain, (size_t)(value - plain));
}

void xml_open(struct text *out, const char *element)
{
    text_put_char(out, '<');
    text_put(out, element);
    text_put_char(out, '>');
}

void xml_close(struct text *out, const char *element)
{
    text_put(out, "</");
    text_put(out, element);
    text_put_char(out, '>');
}

void xml_string(struct text *out, const char *element, const char *value)
{
    if (!value)
        return;
    xml_open(out, element);
    xml_text(out, value);
    xml_close(out, element);
}

void xml_bool(struct text *out, const char *element, bool value)
{
    xml_string(out, element, value ? "true" : "false");
}

void xml_number(struct text *out, const char *element, int64_t value)
{
    xml_open(out, element);
    text_printf(out, "%" PRId64, value);
    xml_close(out, element);
}

void xml_moment(struct text *out, const char *element, int64_t moment)
{
    char printed[MOMENT_SIZE];
    if (moment != MOMENT_NEVER)
        xml_string(out, element, moment_iso(moment, printed));
}
