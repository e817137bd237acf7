/* SPDX-License-Identifier: MIT */
/*
 * character.h: the characters of UTF-8 text (RFC 3629): which of them may be shown on a terminal,
 * and of what kind those of ASCII are.
 *
 * Not to be shown are bytes that are not UTF-8, control characters, invisible characters, and those
 * that change the direction or the place of the text around them.
 */
#ifndef BASE_CHARACTER_H
#define BASE_CHARACTER_H

#include "base/view.h"

/*
 * The length in bytes of the character that 'text' begins with; 0 if 'text' is empty, or its first
 * byte must not be shown as it is.
 */
size_t character_length(struct view text);

/* A lower-case letter or a digit of ASCII. */
static inline bool character_is_lower_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* A letter or a digit of ASCII. */
static inline bool character_is_alnum(char c)
{
    return character_is_lower_alnum(c) || (c >= 'A' && c <= 'Z');
}

/* A letter or a digit of ASCII, or '_'. */
static inline bool character_is_word(char c)
{
    return character_is_alnum(c) || c == '_';
}

/* A space, a tab, or a character that ends a line. */
static inline bool character_is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

#endif
