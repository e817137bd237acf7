/* SPDX-License-Identifier: MIT */
#include "app/commands.h"

#include "app/check_command.h"
#include "app/collect_command.h"
#include "app/completion_command.h"
#include "app/diff_command.h"
#include "app/doctor_command.h"
#include "app/history_command.h"
#include "app/policy_command.h"
#include "app/report_command.h"

#include <string.h>

const struct command *const commands_table[] = {
    &doctor_command, &collect_command,    &check_command,
    &report_command, &diff_command,       &history_command,
    &policy_command, &completion_command, NULL,
};

const struct command *commands_find(const char *name)
{
    for (const struct command *const *c = commands_table; *c; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    return NULL;
}
