/* SPDX-License-Identifier: MIT */
#include "base/character.h"

#include <stdint.h>

/* Ranges of characters that are not shown as they are; ascending. */
static const struct range {
    uint32_t first, last;
} hidden[] = {
    {0x00, 0x1f},       {0x7f, 0x9f},     /* control characters */
    {0xad, 0xad},                         /* soft hyphen */
    {0x061c, 0x061c},                     /* Arabic letter mark */
    {0x200b, 0x200f},                     /* no width; direction marks */
    {0x2028, 0x202e},                     /* separators; embeddings and overrides */
    {0x2060, 0x206f},                     /* no width; isolates */
    {0xd800, 0xdfff},                     /* halves of UTF-16: not characters */
    {0xfeff, 0xfeff},                     /* byte order mark */
    {0xfff0, 0xfffb},   {0xfffe, 0xffff}, /* specials; not characters */
    {0xe0000, 0xe0fff},                   /* tags */
};

static bool is_hidden(uint32_t code)
{
    for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
        if (code >= hidden[i].first && code <= hidden[i].last)
            return true;
    return false;
}

/* Leaves of a first byte what is part of the character's code. Returns 'length'. */
static size_t keep_bits(uint32_t *code, uint32_t bits, size_t length)
{
    *code &= bits;
    return length;
}

/*
 * The length of the character that begins with 'first', whose part of its code goes into '*code'
 * (RFC 3629); 0 if no character begins with that byte.
 */
static size_t begin_character(unsigned char first, uint32_t *code)
{
    *code = first;
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        return keep_bits(code, 0x1f, 2);
    if (first >= 0xe0 && first <= 0xef)
        return keep_bits(code, 0x0f, 3);
    if (first >= 0xf0 && first <= 0xf4)
        return keep_bits(code, 0x07, 4);
    return 0;
}

size_t character_length(struct view text)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t code;
    if (text.len == 0)
        return 0;
    size_t len = begin_character((unsigned char)text.ptr[0], &code);
    if (len == 0 || len > text.len)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if (((unsigned char)text.ptr[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | ((unsigned char)text.ptr[i] & 0x3f);
    }
    return code < least[len] || code > 0x10ffff || is_hidden(code) ? 0 : len;
}
