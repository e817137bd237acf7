/* SPDX-License-Identifier: MIT */
#include "app/doctor_command.h"

#include "app/doctor.h"

/* Those of 'collect', so that the same line can be tried first, but for a dry run. */
static const enum setting_id taken[] = {
    SETTING_ROLE_NAME,
    SETTING_EXTERNAL_ID,
    SETTING_NO_SESSION_POLICY,
    SETTING_PROFILE,
    SETTING_REGION,
    SETTING_ACCOUNTS,
    SETTING_UNITS,
    SETTING_EXCLUDE,
    SETTING_OUTPUT,
    SETTING_FORMAT,
    SETTING_COLUMNS,
    SETTING_SSH_KEYS,
    SETTING_ACCOUNTS_FILE,
    SETTING_CSV_RAW,
    SETTING_KEEP_RUNS,
    SETTING_ORGANIZATION_ID,
    SETTING_S3_BUCKET,
    SETTING_S3_PREFIX,
    SETTING_SSE,
    SETTING_SSE_KMS_KEY_ID,
    SETTING_EXPECTED_BUCKET_OWNER,
    SETTING_FINDINGS,
    SETTING_FINDINGS_FORMAT,
    SETTING_RULES,
    SETTING_LIMITS,
    SETTING_SUPPRESS,
    SETTING_SUPPRESS_KEY,
    SETTING_FAIL_ON,
    SETTING_FAIL_ON_UNKNOWN,
    SETTING_STRATEGY,
    SETTING_MAX_CONNECTIONS,
    SETTING_MAX_REPORT_AGE,
    SETTING_CONNECT_TIMEOUT,
    SETTING_READ_TIMEOUT,
    SETTING_JSON,
    SETTING_LOG_LEVEL,
    SETTING_LOG_FORMAT,
};

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
    .settings = taken,
    .setting_count = sizeof(taken) / sizeof(taken[0]),
    .rare = rare,
    .rare_count = sizeof(rare) / sizeof(rare[0]),
    .environment = true,
    .run = doctor_command_run,
};
