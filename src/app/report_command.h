/* SPDX-License-Identifier: MIT */
/* report_command.h: the subcommand 'report' as a table. */
#ifndef APP_REPORT_COMMAND_H
#define APP_REPORT_COMMAND_H

#include "app/command.h"

extern const struct command report_command;

#endif
