/* SPDX-License-Identifier: MIT */
/* Subcommands as tables: what their command lines set, and what is made of the tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/collect_command.h"
#include "app/history_command.h"
#include "app/policy_command.h"

#include <stdio.h>
#include <string.h>

static const struct flag own[] = {{"loud", NULL, .help = "says more"},
                                  {"name", "NAME", .help = "of the thing"}};
static const enum setting_id taken[] = {SETTING_FORMAT, SETTING_ROLE_NAME};
static const struct command_part parts[] = {{SETTING_ROLE_NAME, "The role"}};

static int runs;

static int thing_run(struct command_line *line)
{
    runs++;
    assert_string_equal(line->own[0], "");
    assert_string_equal(line->own[1], "x");
    assert_string_equal(settings_text(&line->settings, SETTING_ROLE_NAME), "census");
    return 3;
}

static const struct command thing = {
    .name = "thing",
    .synopsis = "[OPTION...]",
    .purpose = "Does a thing.",
    .notes = "The end.\n",
    .own = own,
    .own_count = 2,
    .settings = taken,
    .setting_count = 2,
    .parts = parts,
    .part_count = 1,
    .run = thing_run,
};

#define READ(line, e, ...)                                                                         \
    command_read(&thing, (int)(sizeof((char *[]){__VA_ARGS__}) / sizeof(char *)),                  \
                 (char *[]){__VA_ARGS__}, line, e)

static void test_both_kinds_of_flags(void **state)
{
    struct command_line line = {.own = {NULL}};
    struct error e;
    (void)state;
    assert_int_equal(READ(&line, &e, "thing", "--role-name", "census", "--name=a"), FLAGS_READ);
    assert_string_equal(settings_text(&line.settings, SETTING_ROLE_NAME), "census");
    assert_null(line.own[0]);
    assert_string_equal(line.own[1], "a");
    assert_int_equal(READ(&line, &e, "thing", "--loud"), FLAGS_READ);
    assert_string_equal(line.own[0], "");
    settings_release(&line.settings);
}

static const struct command pair = {
    .name = "pair",
    .synopsis = "DB [OLD NEW] [OPTION...]",
    .operands = {"DB", "OLD", "NEW"},
    .operands_least = 1,
    .operands_most = 3,
    .own = own,
    .own_count = 2,
    .settings = taken,
};

/* Reads a line of 'pair'. Returns the operands joined by '|', or what is wrong. */
static const char *operands_of(size_t count, char **words)
{
    static char joined[256];
    static struct error e;
    struct command_line line = {.own = {NULL}};
    enum flags_outcome outcome = command_read(&pair, (int)count, words, &line, &e);
    settings_release(&line.settings);
    if (outcome == FLAGS_WRONG)
        return e.text;
    joined[0] = '\0';
    for (size_t i = 0; i < line.operand_count; i++)
        snprintf(joined + strlen(joined), sizeof(joined) - strlen(joined), "|%s", line.operands[i]);
    return joined;
}

#define OPERANDS(...)                                                                              \
    operands_of(sizeof((char *[]){"pair", __VA_ARGS__}) / sizeof(char *),                          \
                (char *[]){"pair", __VA_ARGS__})

static void test_operands(void **state)
{
    (void)state;
    assert_string_equal(OPERANDS("a.db"), "|a.db");
    assert_string_equal(OPERANDS("a.db", "-12", "--loud", "-1"), "|a.db|-12|-1");
    assert_string_equal(OPERANDS("--name", "-1", "a.db"), "|a.db");
    assert_string_equal(OPERANDS("-"), "|-");
    assert_string_equal(OPERANDS("--loud", "--", "--loud", "-x"), "|--loud|-x");
    assert_string_equal(OPERANDS("--loud"),
                        "DB is missing: iam-census pair DB [OLD NEW] [OPTION...]");
    assert_string_equal(OPERANDS("a", "b", "c", "d"),
                        "'d' is one word too many: at most 3 may be given beside the options; see "
                        "'iam-census pair --help'");
    assert_non_null(strstr(OPERANDS("-1a"), "unknown option '-1a'"));
}

/* A setting that the command does not take is not an option of it. */
static void test_no_other_settings(void **state)
{
    struct command_line line = {.own = {NULL}};
    struct error e;
    (void)state;
    assert_int_equal(READ(&line, &e, "thing", "--output", "x"), FLAGS_WRONG);
    assert_string_equal(e.text, "unknown option '--output' (allowed: --loud, --name, --format, "
                                "--role-name, --help, --version)");
    assert_null(command_find_flag(&thing, "--output"));
    assert_string_equal(command_find_flag(&thing, "--rol"), "role-name");
    assert_string_equal(command_find_flag(&collect_command, "--output"), "output");
    settings_release(&line.settings);
}

static void test_help(void **state)
{
    struct buffer help;
    (void)state;
    buffer_init(&help, 4096);
    command_write_help(&thing, &help);
    assert_string_equal(buffer_text(&help),
                        "Usage: iam-census thing [OPTION...]\n"
                        "Does a thing.\n"
                        "\n"
                        "  --loud                     says more\n"
                        "  --name NAME                of the thing\n"
                        "  --format FORMAT            csv, jsonl or sqlite [csv]\n"
                        "The role:\n"
                        "  --role-name NAME           role to assume in each account; required\n"
                        "  --help, --version\n"
                        "The end.\n");
    buffer_release(&help);
}

static void test_main(void **state)
{
    char *right[] = {"thing", "--loud", "--name", "x", "--role-name", "census"};
    char *wrong[] = {"thing", "--lout"};
    (void)state;
    assert_int_equal(command_main(&thing, 6, right), 3);
    assert_int_equal(command_main(&thing, 2, wrong), 2);
    assert_int_equal(runs, 1);
}

/* Every command of the program fits what its table may hold, and its help is text in lines. */
static void test_commands(void **state)
{
    static const struct command *const commands[] = {&collect_command, &history_command,
                                                     &policy_command};
    (void)state;
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        struct buffer help;
        assert_in_range(commands[i]->own_count, 0, COMMAND_OWN_MAX);
        buffer_init(&help, 16384);
        command_write_help(commands[i], &help);
        const char *line = buffer_text(&help);
        for (const char *end; (end = strchr(line, '\n')); line = end + 1)
            assert_in_range(end - line, 0, 80);
        assert_string_equal(line, "");
        buffer_release(&help);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operands),
        cmocka_unit_test(test_both_kinds_of_flags),
        cmocka_unit_test(test_no_other_settings),
        cmocka_unit_test(test_help),
        cmocka_unit_test(test_main),
        cmocka_unit_test(test_commands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
