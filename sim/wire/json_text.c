/* SPDX-License-Identifier: MIT */
#include "wire/json_text.h"

#include "wire/moment.h"

#include <inttypes.h>
#include <string.h>

void json_put_quoted(struct buffer *out, const char *value)
{
    if (!value) {
        buffer_add_text(out, "null");
        return;
    }
    buffer_add_char(out, '"');
    const char *plain = value;
    for (; *value; value++) {
        unsigned char character = (unsigned char)*value;
        if (character >= 0x20 && character != '"' && character != '\\')
            continue;
        buffer_add(out, plain, (size_t)(value - plain));
        if (character < 0x20)
            buffer_addf(out, "\\u%04x", character);
        else
            buffer_addf(out, "\\%c", character);
        plain = value + 1;
    }
    buffer_add(out, plain, (size_t)(value - plain));
    buffer_add_char(out, '"');
}

void json_put_comma(struct buffer *out)
{
    char last = out->len ? out->data[out->len - 1] : '{';
    if (!strchr("{[:", last) || last == '\0')
        buffer_add_char(out, ',');
}

void json_put_name(struct buffer *out, const char *name)
{
    json_put_comma(out);
    json_put_quoted(out, name);
    buffer_add_char(out, ':');
}

void json_put_string(struct buffer *out, const char *name, const char *value)
{
    json_put_name(out, name);
    json_put_quoted(out, value);
}

void json_put_bool(struct buffer *out, const char *name, bool value)
{
    json_put_name(out, name);
    buffer_add_text(out, value ? "true" : "false");
}

void json_put_number(struct buffer *out, const char *name, int64_t value)
{
    json_put_name(out, name);
    buffer_addf(out, "%" PRId64, value);
}

void json_put_moment(struct buffer *out, const char *name, int64_t moment)
{
    char printed[MOMENT_SIZE];
    json_put_string(out, name, moment == MOMENT_NEVER ? NULL : moment_iso(moment, printed));
}
