/* SPDX-License-Identifier: MIT */
#include "app/doctor_command.h"

#include "app/doctor.h"

/* It takes what 'collect' takes, so that the same line can be tried first, but for a dry run. */
static const enum setting_id not_taken = SETTING_DRY_RUN;

/* What a census is about comes first; how its output is made matters less here. */
static const enum setting_id rare[] = {SETTING_EXCLUDE, SETTING_FORMAT,   SETTING_FINDINGS,
                                       SETTING_RULES,   SETTING_SUPPRESS, SETTING_FAIL_ON,
                                       SETTING_QUIET};

static int doctor_command_run(struct command_line *line)
{
    return doctor_run(&line->settings);
}

const struct command doctor_command = {
    .name = "doctor",
    .summary = "find out beforehand whether a census works, and what mends it",
    .synopsis = "--role-name NAME [OPTION...]",
    .purpose = "Makes the calls of a census, one item each, and says which accounts can be read,\n"
               "who denies the others, and what to change. It changes nothing.",
    .more = "It takes the options and the environment of 'collect'.\n",
    .notes = "Exit status: 0 all accounts are ready, 3 some are partial or blocked, 1 all are\n"
             "blocked or the output can't be written, 2 wrong usage or no credentials.\n"
             "Example:\n"
             "  iam-census doctor --role-name OrganizationAccountAccessRole\n",
    .without = &not_taken,
    .rare = rare,
    .rare_count = sizeof(rare) / sizeof(rare[0]),
    .environment = true,
    .run = doctor_command_run,
};
