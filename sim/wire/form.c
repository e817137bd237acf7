/* SPDX-License-Identifier: MIT */
#include "wire/form.h"

#include <string.h>

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

size_t form_decode(const char *text, size_t len, int plus_is_space, char *out)
{
    size_t written = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '%' && i + 2 < len && hex_value(text[i + 1]) >= 0 &&
            hex_value(text[i + 2]) >= 0) {
            out[written++] = (char)(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            i += 2;
        } else {
            out[written++] = plus_is_space && text[i] == '+' ? ' ' : text[i];
        }
    }
    out[written] = '\0';
    return written;
}

static const char *form_piece(struct arena *arena, const char *text, size_t len, int plus_is_space)
{
    char *piece = arena_alloc(arena, len + 1);
    form_decode(text, len, plus_is_space, piece);
    return piece;
}

int form_parse(struct form *form, struct arena *arena, const char *text, size_t len,
               int plus_is_space)
{
    const char *end = text + len;
    while (text < end) {
        const char *stop = memchr(text, '&', (size_t)(end - text));
        if (!stop)
            stop = end;
        if (stop > text) {
            if (form->count == FORM_PAIRS_MAX)
                return -1;
            const char *equals = memchr(text, '=', (size_t)(stop - text));
            const char *value = equals ? equals + 1 : stop;
            if (!equals)
                equals = stop;
            form->pairs[form->count++] =
                (struct form_pair){form_piece(arena, text, (size_t)(equals - text), plus_is_space),
                                   form_piece(arena, value, (size_t)(stop - value), plus_is_space)};
        }
        text = stop + 1;
    }
    return 0;
}

const char *form_get(const struct form *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++)
        if (strcmp(form->pairs[i].name, name) == 0)
            return form->pairs[i].value;
    return NULL;
}

static int form_unreserved(char character)
{
    return (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z') ||
           (character >= '0' && character <= '9') || character == '-' || character == '_' ||
           character == '.' || character == '~';
}

void form_encode(struct buffer *out, const char *text, size_t len, int keep_slash)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (form_unreserved(text[i]) || (keep_slash && text[i] == '/')) {
            buffer_add_char(out, text[i]);
        } else {
            char escaped[3] = {'%', digits[byte >> 4], digits[byte & 15]};
            buffer_add(out, escaped, sizeof(escaped));
        }
    }
}
