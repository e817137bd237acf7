/* SPDX-License-Identifier: MIT */
/*
 * policy_command.h: the command line of 'iam-census policy': the settings of 'collect' that a
 * policy depends on, and flags of its own.
 */
#ifndef APP_POLICY_COMMAND_H
#define APP_POLICY_COMMAND_H

#include "app/command.h"

extern const struct command policy_command;

#endif
