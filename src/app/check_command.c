/* SPDX-License-Identifier: MIT */
#include "app/check_command.h"

#include "app/check.h"
#include "app/check_settings.h"
#include "app/command_output.h"
#include "app/exit_status.h"

/* The settings of 'collect' about findings, with the same checks and help. */
static const enum setting_id taken[] = {SETTING_RULES, SETTING_LIMITS, SETTING_SUPPRESS,
                                        SETTING_FAIL_ON, SETTING_FAIL_ON_UNKNOWN};

enum own { OWN_RUN, OWN_FORMAT, OWN_FRAMEWORK, OWN_INCLUDE_PASS, OWN_OUTPUT, OWN_COUNT };

static const char table_name[] = "table";
static const char *const format_names[] = {table_name, "csv", "jsonl", "ocsf", NULL};

static const char *const framework_names[] = {
    "cis-1.4", "cis-1.5", "cis-2.0",  "cis-3.0",       "cis-4.0.1",      "cis-5.0",
    "cis-6.0", "cis-7.0", "aws-fsbp", "pci-dss-4.0.1", "nist-800-53-r5", NULL};

static const struct flag own_flags[OWN_COUNT] = {
    [OWN_RUN] = {"run", "RUN", .help = "its id, or -1: the one before the last [the last]"},
    [OWN_FORMAT] = {"format", "FORMAT", .help = "{} [table]", .choices = format_names},
    [OWN_FRAMEWORK] = {"framework", "NAME",
                       .help = "whose numbers the table shows: cis-1.4, cis-1.5,\n"
                               "cis-2.0, cis-3.0, cis-4.0.1, cis-5.0, cis-6.0,\n"
                               "cis-7.0, aws-fsbp, pci-dss-4.0.1, nist-800-53-r5",
                       .choices = framework_names},
    [OWN_INCLUDE_PASS] = {"include-pass", NULL,
                          .help = "also what passes or does not apply; not for table"},
    [OWN_OUTPUT] = {"output", "PATH", .help = "file, or - for standard output [-]", .letter = 'o',
                    .value = FLAG_VALUE_FILE},
};

static const struct flag_synonym synonyms[] = {
    {"f", "format"}, {"json", "format jsonl"}, {"suppressions", "suppress"}};

static int read_format(const char *name, struct check_work *w, struct error *e)
{
    if (!name || strcmp(name, table_name) == 0)
        return 0;
    w->format = finding_format_find(view_of(name));
    if (w->format)
        return 0;
    return error_set(e, ERROR_CONFIG, "--format is '%.60s': allowed are table, csv, jsonl, ocsf",
                     name);
}

static int read_framework(const char *name, struct check_work *w, struct error *e)
{
    if (!name)
        return 0;
    if (!framework_parse(view_of(name), &w->framework))
        return error_set(e, ERROR_CONFIG,
                         "--framework is '%.60s': allowed are the names in 'iam-census check "
                         "--help', as cis-5.0",
                         name);
    if (w->format)
        return error_set(e, ERROR_CONFIG,
                         "--framework is for the table: the other formats have all frameworks");
    return 0;
}

/* Everything is checked before the database is opened. */
static int read_work(const struct command_line *line, struct check_work *w, struct error *e)
{
    w->framework = FRAMEWORK_COUNT;
    w->database = line->operands[0];
    w->run = line->own[OWN_RUN];
    w->output = line->own[OWN_OUTPUT];
    if (settings_check(&line->settings, e) != 0 || read_format(line->own[OWN_FORMAT], w, e) != 0 ||
        read_framework(line->own[OWN_FRAMEWORK], w, e) != 0 ||
        check_settings_read(&line->settings, &w->options, e) != 0)
        return -1;
    w->options.include_pass = line->own[OWN_INCLUDE_PASS] != NULL;
    if (w->options.include_pass && !w->format)
        return error_set(e, ERROR_CONFIG,
                         "--include-pass is for the formats csv, jsonl and ocsf: give --format");
    if (command_output_apart(w->output, settings_text(&line->settings, SETTING_SUPPRESS), e) != 0)
        return -1;
    return check_settings_suppressions(&line->settings, &w->options.suppressions, e);
}

static int check_command_run(struct command_line *line)
{
    struct check_work w = {0};
    struct error e;
    int status = read_work(line, &w, &e) == 0 ? check_run(&w) : command_complain(&e, EXIT_USAGE);
    suppressions_free(w.options.suppressions);
    return status;
}

const struct command check_command = {
    .name = "check",
    .summary = "judge a run of a database: old keys, missing MFA, ...",
    .synopsis = "DB [OPTION...]",
    .purpose = "Judges a run that 'collect --format sqlite' wrote into the database DB.",
    .notes = "\n"
             "Exit status: 0 nothing is unknown, 3 something is unknown or was not read,\n"
             "4 --fail-on is met, 1 nothing written, 2 wrong usage, or DB can't be used.\n"
             "Example:\n"
             "  iam-census check census.sqlite --framework cis-5.0 --fail-on high\n",
    .operands = {"DB"},
    .operands_least = 1,
    .operands_most = 1,
    .own = own_flags,
    .own_count = OWN_COUNT,
    .settings = taken,
    .setting_count = sizeof(taken) / sizeof(taken[0]),
    .synonyms = synonyms,
    .synonym_count = sizeof(synonyms) / sizeof(synonyms[0]),
    .run = check_command_run,
};
