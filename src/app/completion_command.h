/* SPDX-License-Identifier: MIT */
/*
 * completion_command.h: the subcommand 'completion', which prints a script for a shell.
 */
#ifndef APP_COMPLETION_COMMAND_H
#define APP_COMPLETION_COMMAND_H

#include "app/command.h"

extern const struct command completion_command;

#endif
