/* SPDX-License-Identifier: MIT */
/* doctor_command.h: the subcommand 'doctor' as a table. */
#ifndef APP_DOCTOR_COMMAND_H
#define APP_DOCTOR_COMMAND_H

#include "app/command.h"

extern const struct command doctor_command;

#endif
