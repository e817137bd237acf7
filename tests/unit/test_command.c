/* SPDX-License-Identifier: MIT */
/* Subcommands as tables: what their command lines set, and what is made of the tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/collect_command.h"
#include "app/commands.h"

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
    assert_string_equal(e.text,
                        "unknown option '--output'; 'iam-census help --all thing' lists all");
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
    command_write_help(&thing, COMMAND_HELP_ALL, &help);
    assert_string_equal(buffer_text(&help),
                        "Usage: iam-census thing [OPTION...]\n"
                        "Does a thing.\n"
                        "\n"
                        "  --loud                     says more\n"
                        "  --name NAME                of the thing\n"
                        "  --format FORMAT            csv, jsonl or sqlite [csv]\n"
                        "The role:\n"
                        "  --role-name NAME           role to assume in each account; required\n"
                        "  -q, --quiet                only errors: no progress, no summary\n"
                        "  -v, --verbose              log what is done; -vv: every call and retry\n"
                        "  --color WHEN               auto, always or never [auto: on a terminal]\n"
                        "  -h, --help, -V, --version\n"
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

/* The lines of a help text, each of which must fit 80 columns. */
static size_t count_lines(const struct command *command, enum command_help extent)
{
    struct buffer help;
    size_t count = 0;
    buffer_init(&help, 16384);
    command_write_help(command, extent, &help);
    const char *line = buffer_text(&help);
    for (const char *end; (end = strchr(line, '\n')); line = end + 1, count++)
        if (end - line > 80)
            fail_msg("%s: more than 80 columns: %.*s", command->name, (int)(end - line), line);
    assert_string_equal(line, "");
    buffer_release(&help);
    return count;
}

/* Every command fits what its table may hold, and its short help a screen: mark flags as rare. */
static void test_commands(void **state)
{
    (void)state;
    for (const struct command *const *c = commands_table; *c; c++) {
        size_t screen = *c == &collect_command ? 40 : 24;
        assert_in_range((*c)->own_count, 0, COMMAND_OWN_MAX);
        size_t lines = count_lines(*c, COMMAND_HELP_SHORT);
        if (lines > screen)
            fail_msg("the help of %s has %zu lines, a screen %zu", (*c)->name, lines, screen);
        assert_in_range(count_lines(*c, COMMAND_HELP_ALL), 1, 80);
    }
}

/* A letter, and a name with a letter, mean the same in all commands; -h and -V are taken. */
static void test_letters(void **state)
{
    const char *names[128] = {['h'] = "help", ['V'] = "version"};
    (void)state;
    for (const struct command *const *c = commands_table; *c; c++) {
        struct command_flags all;
        command_list_flags(*c, &all);
        for (size_t i = 0; i < all.count; i++) {
            unsigned char letter = (unsigned char)all.flags[i].letter;
            if (strcmp(all.flags[i].name, "output") == 0 && letter != 'o')
                fail_msg("%s: --output without -o", (*c)->name);
            if (letter == 0)
                continue;
            assert_in_range(letter, 'A', 'z');
            if (!names[letter])
                names[letter] = all.flags[i].name;
            assert_string_equal(names[letter], all.flags[i].name);
        }
    }
    assert_string_equal(names['q'], "quiet");
    assert_string_equal(names['v'], "verbose");
}

/* Rare flags are only in the whole help, and the short one says how to see it. */
static void test_short_help(void **state)
{
    struct buffer help;
    char *asked[] = {"collect", "--help", "--all"};
    (void)state;
    buffer_init(&help, 16384);
    command_write_help(&collect_command, COMMAND_HELP_SHORT, &help);
    assert_non_null(strstr(buffer_text(&help), "\n  -o, --output PATH "));
    assert_null(strstr(buffer_text(&help), "--read-timeout"));
    assert_null(strstr(buffer_text(&help), "How accounts are read"));
    assert_non_null(strstr(buffer_text(&help), " more options: iam-census help --all collect\n"));
    assert_int_equal(command_main(&collect_command, 3, asked), 0);
    buffer_release(&help);
}

/* -q and -v are the log's levels, and the last of them counts. */
static void test_levels(void **state)
{
    static char *const rows[][4] = {
        {"-q", "error"},           {"-v", "info"},
        {"-vv", "debug"},          {"-qv", "info"},
        {"-v", "debug", "-v"},     {"--verbose", "warn", "--log-level", "warn"},
        {"-v", "error", "--quiet"}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *words[] = {"collect", rows[i][0], rows[i][2], rows[i][3]};
        struct command_line line = {.own = {NULL}};
        struct error e;
        int count = rows[i][3] ? 4 : rows[i][2] ? 3 : 2;
        assert_int_equal(command_read(&collect_command, count, words, &line, &e), FLAGS_READ);
        assert_string_equal(settings_text(&line.settings, SETTING_LOG_LEVEL), rows[i][1]);
        settings_release(&line.settings);
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
        cmocka_unit_test(test_letters),
        cmocka_unit_test(test_short_help),
        cmocka_unit_test(test_levels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
