#include "wire/json_text.h"

#include "wire/moment.h"

#include <inttypes.h>
#include <string.h>

void json_put_quoted(struct text *out, const char *value)
{
    if (!value) {
        text_put(out, "null");
        return;
    }
    text_put_char(out, '"');
    for (; *value; value++) {
        unsigned char character = (unsigned char)*value;
        if (character == '"' || character == '\\') {
            text_put_char(out, '\\');
            text_put_char(out, *value);
        } else if (character < 0x20) {
            text_printf(out, "\\u%04x", character);
        } else {
            text_put_char(out, *value);
        }
    }
    text_put_char(out, '"');
}

void json_put_comma(struct text *out)
{
    char last = out->length ? out->data[out->length - 1] : '{';
    if (!strchr("{[:", last) || last == '\0')
        text_put_char(out, ',');
}

void json_put_name(struct text *out, const char *name)
{
    json_put_comma(out);
    json_put_quoted(out, name);
    text_put_char(out, ':');
}

void json_put_string(struct text *out, const char *name, const char *value)
{
    json_put_name(out, name);
    json_put_quoted(out, value);
}

void json_put_bool(struct text *out, const char *name, bool value)
{
    json_put_name(out, name);
    text_put(out, value ? "true" : "false");
}

void json_put_number(struct text *out, const char *name, int64_t value)
{
    json_put_name(out, name);
    text_printf(out, "%" PRId64, value);
}

void json_put_moment(struct text *out, const char *name, int64_t moment)
{
    char printed[MOMENT_SIZE];
    json_put_string(out, name, moment == MOMENT_NEVER ? NULL : moment_iso(moment, printed));
}
