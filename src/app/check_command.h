/* SPDX-License-Identifier: MIT */
/*
 * check_command.h: the table of 'iam-census check'.
 */
#ifndef APP_CHECK_COMMAND_H
#define APP_CHECK_COMMAND_H

#include "app/command.h"

extern const struct command check_command;

#endif
