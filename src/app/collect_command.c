/* SPDX-License-Identifier: MIT */
#include "app/collect_command.h"

#include "app/collect.h"

/* The parts of the help, each with its first setting, in the order of settings_table. */
static const struct command_part parts[] = {
    {SETTING_ROLE_NAME, "The role in each account, and who assumes it"},
    {SETTING_ACCOUNTS, "Which accounts"},
    {SETTING_OUTPUT, "The output"},
    {SETTING_S3_BUCKET, "To S3 instead of a file"},
    {SETTING_FINDINGS, "Findings"},
    {SETTING_STRATEGY, "How accounts are read"},
    {SETTING_DRY_RUN, "What it prints"},
};

static const enum setting_id rare[] = {SETTING_RULES, SETTING_SUPPRESS, SETTING_COLOR};

/* Names used by other programs, or by this one's events and variables. */
static const struct flag_synonym synonyms[] = {
    {"debug", "log-level debug"},
    {"s", "quiet"},
    {"silent", "quiet"},
    {"a", "accounts"},
    {"account-id", "accounts"},
    {"account-ids", "accounts"},
    {"child-account-ids", "accounts"},
    {"organizational-unit", "ou"},
    {"organizational-units", "ou"},
    {"organizational-unit-ids", "ou"},
    {"r", "role-name"},
    {"role-arn", "role-name"},
    {"p", "profile"},
    {"file", "output"},
    {"output-format", "format"},
    {"output-columns", "columns"},
    {"kms-key", "sse-kms-key-id"},
    {"kms-key-id", "sse-kms-key-id"},
    {"concurrency", "max-connections"},
    {"parallel", "max-connections"},
    {"threads", "max-connections"},
    {"workers", "max-connections"},
};

static int collect_command_run(struct command_line *line)
{
    return collect_run(&line->settings);
}

const struct command collect_command = {
    .name = "collect",
    .summary = "read the accounts and write the CSV",
    .synopsis = "--role-name NAME [OPTION...]",
    .purpose = "Reads the IAM users of many AWS accounts into one CSV.",
    .more = "Environment: ROLE_NAME for --role-name and so on, but CHILD_ACCOUNT_IDS for\n"
            "--accounts, ORGANIZATIONAL_UNIT_IDS for --ou, EXCLUDE_ACCOUNT_IDS for --exclude,\n"
            "S3_BUCKET_NAME for --s3-bucket, OUTPUT_FORMAT for --format, OUTPUT_COLUMNS for\n"
            "--columns, FINDINGS_RULES for --rules, FINDINGS_LIMITS for --limit; none for\n"
            "--output, --csv-raw, --keep-runs, --suppress, --fail-on, --fail-on-unknown,\n"
            "--dry-run, --json, --quiet, --verbose, --color, --no-session-policy and the\n"
            "timeouts. [...] is the default.\n"
            "AWS credentials as the AWS CLI has them.\n",
    .notes = "Exit status: 0 all read, 3 some partial, failed or unknown, 4 --fail-on is met,\n"
             "1 none read or nothing written, 2 wrong usage or no credentials.\n"
             "Example: iam-census collect --role-name census --accounts 111111111111\n",
    .parts = parts,
    .part_count = sizeof(parts) / sizeof(parts[0]),
    .rare = rare,
    .rare_count = sizeof(rare) / sizeof(rare[0]),
    .synonyms = synonyms,
    .synonym_count = sizeof(synonyms) / sizeof(synonyms[0]),
    .environment = true,
    .run = collect_command_run,
};
