/* SPDX-License-Identifier: MIT */
/*
 * collect_command.h: the command line of 'iam-census collect': all settings, and its help.
 */
#ifndef APP_COLLECT_COMMAND_H
#define APP_COLLECT_COMMAND_H

#include "app/command.h"

extern const struct command collect_command;

#endif
