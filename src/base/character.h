/* SPDX-License-Identifier: MIT */
/*
 * character.h: the characters of UTF-8 text (RFC 3629), and which of them a terminal may be shown.
 *
 * Not shown are bytes that are not UTF-8, control characters, and what changes the direction or the
 * place of the text around it.
 */
#ifndef BASE_CHARACTER_H
#define BASE_CHARACTER_H

#include "base/view.h"

/*
 * The length in bytes of the character that 'text' begins with; 0 if its first byte must be escaped
 * to be shown, or if 'text' is empty.
 */
size_t character_length(struct view text);

#endif
