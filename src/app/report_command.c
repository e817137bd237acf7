/* SPDX-License-Identifier: MIT */
#include "app/report_command.h"

#include "app/check_settings.h"
#include "app/command_output.h"
#include "app/exit_status.h"
#include "app/report.h"

/* The settings about findings, but for those that decide an exit status. */
static const enum setting_id taken[] = {SETTING_RULES, SETTING_LIMITS, SETTING_SUPPRESS};

enum own { OWN_RUN, OWN_PREVIOUS, OWN_OUTPUT, OWN_COUNT };

static const struct flag own_flags[OWN_COUNT] = {
    [OWN_RUN] = {"run", "RUN", .help = "its id, or -1: the one before the last [the last]"},
    [OWN_PREVIOUS] = {"previous", "RUN", .help = "to compare with [the one before]"},
    [OWN_OUTPUT] = {"output", "PATH", .help = "file, or - for standard output\n[iam-census.html]",
                    .letter = 'o', .value = FLAG_VALUE_FILE},
};

static const struct flag_synonym synonyms[] = {{"suppressions", "suppress"},
                                               {"compare", "previous"}};

static int report_command_run(struct command_line *line)
{
    struct report_work w = {.database = line->operands[0],
                            .run = line->own[OWN_RUN],
                            .previous = line->own[OWN_PREVIOUS],
                            .output = line->own[OWN_OUTPUT],
                            .quiet = settings_switch(&line->settings, SETTING_QUIET)};
    struct error e;
    int status;
    if (settings_check(&line->settings, &e) != 0 ||
        check_settings_read(&line->settings, &w.options, &e) != 0 ||
        command_output_apart(w.output, settings_text(&line->settings, SETTING_SUPPRESS), &e) != 0 ||
        check_settings_suppressions(&line->settings, &w.options.suppressions, &e) != 0)
        status = command_complain(&e, EXIT_USAGE);
    else
        status = report_run(&w);
    suppressions_free(w.options.suppressions);
    return status;
}

const struct command report_command = {
    .name = "report",
    .summary = "make one page of a run: charts, findings, all users",
    .synopsis = "DB [OPTION...]",
    .purpose = "Makes one HTML page of a run that 'collect --format sqlite' wrote. It needs\n"
               "nothing else, and asks the network for nothing.",
    .notes = "\n"
             "Exit status: 0 the page is written, 1 it can't be, 2 wrong usage, or DB can't be\n"
             "used.\n"
             "Example:\n"
             "  iam-census report census.sqlite -o census.html\n",
    .operands = {"DB"},
    .operands_least = 1,
    .operands_most = 1,
    .own = own_flags,
    .own_count = OWN_COUNT,
    .settings = taken,
    .setting_count = sizeof(taken) / sizeof(taken[0]),
    .synonyms = synonyms,
    .synonym_count = sizeof(synonyms) / sizeof(synonyms[0]),
    .run = report_command_run,
};
