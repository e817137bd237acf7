/* SPDX-License-Identifier: MIT */
/*
 * shell_word.h: text as one word of a command for a POSIX shell, ready to paste.
 *
 * Source: POSIX.1-2017, Shell Command Language, section 2.2 "Quoting".
 */
#ifndef BASE_SHELL_WORD_H
#define BASE_SHELL_WORD_H

#include "base/buffer.h"

/*
 * Appends 'text' as it is if the shell takes it so, and otherwise in single quotes. Text may have
 * several lines. Control characters are kept: whoever shows the command makes it printable.
 */
void shell_word_add(struct buffer *out, struct view text);

#endif
