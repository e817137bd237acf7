/* SPDX-License-Identifier: MIT */
/*
 * diff_command.h: the table of 'iam-census diff'.
 */
#ifndef APP_DIFF_COMMAND_H
#define APP_DIFF_COMMAND_H

#include "app/command.h"

extern const struct command diff_command;

#endif
