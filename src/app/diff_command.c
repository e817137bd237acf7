/* SPDX-License-Identifier: MIT */
#include "app/diff_command.h"

#include "app/diff.h"
#include "app/exit_status.h"
#include "app/run_name.h"
#include "base/character.h"
#include "base/nearest.h"

#include <stdio.h>
#include <string.h>

#define NAME_SIZE 64

enum own { OWN_FORMAT, OWN_ONLY, OWN_WITH_USE, OWN_EXIT_CODE, OWN_OUTPUT, OWN_COUNT };

static const char *const format_names[] = {"text", "jsonl", "csv", NULL};

static const struct flag own_flags[OWN_COUNT] = {
    [OWN_FORMAT] = {"format", "FORMAT", .help = "{} [text]", .choices = format_names},
    [OWN_ONLY] = {"only", "KIND,...", .help = "only differences of these kinds, as key_added",
                  .value = FLAG_VALUE_KINDS},
    [OWN_WITH_USE] = {"with-use", NULL, .help = "also last uses and sign-ins"},
    [OWN_EXIT_CODE] = {"exit-code", NULL, .help = "exit with 1 if anything differs"},
    [OWN_OUTPUT] = {"output", "PATH", .help = "file, or - for standard output [-]", .letter = 'o',
                    .value = FLAG_VALUE_FILE},
};

static const struct flag_synonym synonyms[] = {
    {"f", "format"}, {"json", "format jsonl"}, {"kinds", "only"}};

static int read_format(const char *name, struct diff_work *w, struct error *e)
{
    if (!name || strcmp(name, format_names[0]) == 0)
        return 0;
    w->format = difference_format_find(view_of(name));
    if (w->format)
        return 0;
    return error_set(e, ERROR_CONFIG, "--format is '%.60s': allowed are text, jsonl, csv", name);
}

static int wrong_kind(struct view given, struct error *e)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof(name), "%.*s", VIEW_ARG(given));
    struct nearest near = nearest_begin(name);
    for (size_t i = 0; i < DIFFERENCE_COUNT; i++)
        nearest_try(&near, difference_kinds[i].name);
    return error_set(e, ERROR_CONFIG,
                     "--only: '%s' is not a kind of difference%s%s%s; docs/history.md lists them",
                     name, near.word ? " (did you mean '" : "", near.word ? near.word : "",
                     near.word ? "'?)" : "");
}

static int read_kind(struct view given, struct diff_work *w, struct error *e)
{
    for (size_t i = 0; i < DIFFERENCE_COUNT; i++)
        if (view_is(given, difference_kinds[i].name)) {
            w->only |= DIFFERENCE_BIT(i);
            return 0;
        }
    return wrong_kind(given, e);
}

static bool separates(char c)
{
    return c == ',' || character_is_space(c);
}

/* Kinds of use that are named are looked at. */
static int read_only(const char *list, struct diff_work *w, struct error *e)
{
    size_t named = 0;
    if (!list) {
        w->only = DIFFERENCE_BIT(DIFFERENCE_COUNT) - 1;
        return 0;
    }
    while (*list) {
        size_t len = 0;
        while (list[len] && !separates(list[len]))
            len++;
        if (len > 0 && read_kind((struct view){list, len}, w, e) != 0)
            return -1;
        named += len > 0;
        list += len + (list[len] != '\0');
    }
    for (size_t i = 0; i < DIFFERENCE_COUNT; i++)
        w->with_use |= (w->only & DIFFERENCE_BIT(i)) && difference_kinds[i].of_use;
    return named > 0 ? 0 : error_set(e, ERROR_CONFIG, "--only names no kind: give key_added, ...");
}

/* "-1", or 32 hexadecimal digits: a run, never a file. */
static bool names_run(const char *word)
{
    bool counts_back = word[0] == '-' && word[1] >= '0' && word[1] <= '9';
    return counts_back ||
           (strlen(word) == RUN_ID_SIZE - 1 && strspn(word, "0123456789abcdef") == RUN_ID_SIZE - 1);
}

/* DB: the last two runs. DB OLD NEW: these. OLD.db NEW.db: the last of each. DB RUN: with the last.
 */
static void read_operands(const struct command_line *line, struct diff_work *w)
{
    const char *const *words = line->operands;
    w->before_db = w->after_db = words[0];
    if (line->operand_count == 1) {
        w->before = "-1";
    } else if (line->operand_count == 3) {
        w->before = words[1];
        w->after = words[2];
    } else if (names_run(words[1])) {
        w->before = words[1];
    } else {
        w->after_db = words[1];
    }
}

static int diff_command_run(struct command_line *line)
{
    struct diff_work w = {.with_use = line->own[OWN_WITH_USE] != NULL,
                          .exit_code = line->own[OWN_EXIT_CODE] != NULL,
                          .output = line->own[OWN_OUTPUT]};
    struct error e;
    read_operands(line, &w);
    if (read_format(line->own[OWN_FORMAT], &w, &e) != 0 ||
        read_only(line->own[OWN_ONLY], &w, &e) != 0)
        return command_complain(&e, EXIT_USAGE);
    return diff_run(&w);
}

const struct command diff_command = {
    .name = "diff",
    .summary = "show what has changed between two runs",
    .synopsis = "DB [OLD NEW] | OLD.db NEW.db [OPTION...]",
    .purpose = "Shows what has changed between two runs that 'collect --format sqlite' wrote:\n"
               "the last two of DB, the runs OLD and NEW of it, or the last of two files.",
    .notes = "\n"
             "A run is named by its id, or counted back: -1 is the one before the last.\n"
             "Exit status: 0; with --exit-code 1 if anything differs; 2 trouble.\n"
             "Example:\n"
             "  iam-census diff census.sqlite --only user_added,key_added,admin_gained\n",
    .operands = {"DB", "OLD", "NEW"},
    .operands_least = 1,
    .operands_most = 3,
    .own = own_flags,
    .own_count = OWN_COUNT,
    .settings = (const enum setting_id[]){SETTING_ROLE_NAME},
    .setting_count = 0,
    .synonyms = synonyms,
    .synonym_count = sizeof(synonyms) / sizeof(synonyms[0]),
    .run = diff_command_run,
};
