/* SPDX-License-Identifier: MIT */
/*
 * completion.h: scripts that complete the program's command line in a shell, made from the tables
 * of commands, settings, rules and kinds of differences.
 *
 * A script knows everything when it is made: the program does not run when somebody presses Tab.
 * Sources: bash(1) "Programmable Completion", zshcompsys(1) "_arguments", fish complete(1).
 */
#ifndef APP_COMPLETION_H
#define APP_COMPLETION_H

#include "app/command.h"

struct shell {
    const char *name; /* "bash" */
    /* Appends the script. 'commands' ends with NULL. */
    void (*write)(const struct command *const *commands, struct buffer *out);
};

extern const struct shell shells[];
extern const size_t shell_count;
extern const char *const shell_names[]; /* ends with NULL */

/*
 * What the three have in common. Appends the words that a flag's value may be, or a list of them
 * be made of, with a blank between them; nothing if it is a file or any text.
 */
void completion_add_words(const struct flag *flag, struct buffer *out);
/* Appends a flag's help as one line: of the shape of the table, with the choices in it. */
void completion_add_help(const struct flag *flag, struct buffer *out);

void completion_write_bash(const struct command *const *commands, struct buffer *out);
void completion_write_zsh(const struct command *const *commands, struct buffer *out);
void completion_write_fish(const struct command *const *commands, struct buffer *out);

#endif
