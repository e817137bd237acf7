/* SPDX-License-Identifier: MIT */
/*
 * history_command.h: the command line of 'iam-census history': the runs of a database, listed or
 * removed.
 */
#ifndef APP_HISTORY_COMMAND_H
#define APP_HISTORY_COMMAND_H

#include "app/command.h"

extern const struct command history_command;

#endif
