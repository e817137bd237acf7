/* SPDX-License-Identifier: MIT */
#include "base/percent.h"

#include "base/character.h"

static bool is_unreserved(unsigned char c)
{
    return character_is_alnum((char)c) || c == '-' || c == '.' || c == '_' || c == '~';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

unsigned char percent_take(struct view text, size_t *at)
{
    unsigned char c = (unsigned char)text.ptr[*at];
    *at += 1;
    if (c != '%' || text.len - *at < 2)
        return c;
    int high = hex_digit(text.ptr[*at]);
    int low = hex_digit(text.ptr[*at + 1]);
    if (high < 0 || low < 0)
        return c;
    *at += 2;
    return (unsigned char)(high * 16 + low);
}

static void add_byte(struct buffer *out, unsigned char c)
{
    static const char digits[] = "0123456789ABCDEF";
    const char encoded[] = {'%', digits[c >> 4], digits[c & 15]};
    if (is_unreserved(c))
        buffer_add_char(out, (char)c);
    else
        buffer_add(out, encoded, sizeof(encoded));
}

/* How many bytes of 'text' from 'at' on need no encoding. */
static size_t plain_length(struct view text, size_t at, bool keep_slashes)
{
    size_t len = 0;
    while (at + len < text.len && (is_unreserved((unsigned char)text.ptr[at + len]) ||
                                   (keep_slashes && text.ptr[at + len] == '/')))
        len++;
    return len;
}

void percent_encode(struct buffer *out, struct view text, unsigned options)
{
    for (size_t at = 0; at < text.len;) {
        size_t len = plain_length(text, at, options & PERCENT_KEEP_SLASHES);
        buffer_add(out, text.ptr + at, len);
        at += len;
        if (at == text.len)
            return;
        if (options & PERCENT_ONCE)
            add_byte(out, percent_take(text, &at));
        else
            add_byte(out, (unsigned char)text.ptr[at++]);
    }
}
