/* SPDX-License-Identifier: MIT */
/*
 * shell_words.h: settings as the words of a command line, quoted for a POSIX shell.
 */
#ifndef APP_SHELL_WORDS_H
#define APP_SHELL_WORDS_H

#include "app/settings.h"
#include "base/buffer.h"

/*
 * Appends the flags that were given on the command line and say what a census reads and writes, as
 * "--role-name census --columns full". An external id, which is a secret, becomes "$EXTERNAL_ID".
 */
void shell_words_of_settings(const struct settings *s, struct buffer *out);

#endif
