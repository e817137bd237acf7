/* SPDX-License-Identifier: MIT */
/*
 * shell_word.h: text as one word of a command for a POSIX shell, ready to paste.
 *
 * Source: POSIX.1-2024, Shell Command Language, section 2.2 "Quoting". Dollar-single-quotes are new
 * in it; bash, zsh and ksh have had them for long.
 */
#ifndef BASE_SHELL_WORD_H
#define BASE_SHELL_WORD_H

#include "base/buffer.h"

/*
 * Appends 'text' as it is if the shell takes it so, and otherwise in single quotes. If it has
 * characters that may not be shown, such as line ends, it is $'...' with escapes: the word is
 * printable, and one line.
 */
void shell_word_add(struct buffer *out, struct view text);

#endif
