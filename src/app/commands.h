/* SPDX-License-Identifier: MIT */
/*
 * commands.h: the table of all subcommands, for whatever is made of it: the usage, the completion
 * of shells, the manual page.
 */
#ifndef APP_COMMANDS_H
#define APP_COMMANDS_H

#include "app/command.h"

/* In the order of the usage; ends with NULL. */
extern const struct command *const commands_table[];

/* The command with this name; NULL if there is none. */
const struct command *commands_find(const char *name);

#endif
