/* SPDX-License-Identifier: MIT */
/* Whatever is made of the tables has all of them: help, manual page, completion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/commands.h"
#include "app/completion.h"
#include "app/manual.h"
#include "rules/rule.h"
#include "store/difference.h"

#include <stdio.h>
#include <string.h>

#define TEXT_MAX_BYTES ((size_t)1024 * 1024)

/* The texts that must name every flag. */
struct texts {
    struct buffer help, manual, scripts[3];
};

static int texts_begin(void **state)
{
    static struct texts t;
    buffer_init(&t.help, TEXT_MAX_BYTES);
    buffer_init(&t.manual, TEXT_MAX_BYTES);
    manual_write(commands_table, &t.manual);
    assert_int_equal(shell_count, 3);
    for (size_t i = 0; i < shell_count; i++) {
        buffer_init(&t.scripts[i], TEXT_MAX_BYTES);
        shells[i].write(commands_table, &t.scripts[i]);
        assert_string_equal(shells[i].name, shell_names[i]);
    }
    *state = &t;
    return 0;
}

static int texts_end(void **state)
{
    struct texts *t = *state;
    buffer_release(&t->help);
    buffer_release(&t->manual);
    for (size_t i = 0; i < shell_count; i++)
        buffer_release(&t->scripts[i]);
    return 0;
}

static void assert_has(const struct buffer *text, const char *from, const char *part)
{
    const char *begin = strstr(buffer_text(text), from);
    if (!begin)
        fail_msg("'%s' is missing", from);
    if (!strstr(begin, part))
        fail_msg("'%s' is missing after '%s'", part, from);
}

/* "role-name" as roff has it: "role\-name". */
static const char *in_roff(const char *name)
{
    static char text[128];
    size_t len = 0;
    for (; *name && len < sizeof(text) - 3; name++) {
        if (*name == '-')
            text[len++] = '\\';
        text[len++] = *name;
    }
    text[len] = '\0';
    return text;
}

static void check_flag(struct texts *t, const struct command *c, const struct flag *flag)
{
    char part[256], from[128];
    snprintf(part, sizeof(part), "--%s ", flag->name);
    assert_has(&t->help, "Usage", part);
    snprintf(from, sizeof(from), ".SS iam\\-census %s\n", c->name);
    snprintf(part, sizeof(part), "\\fB\\-\\-%s\\fP", in_roff(flag->name));
    assert_has(&t->manual, from, part);
    snprintf(from, sizeof(from), "\n    %s)\n", c->name);
    snprintf(part, sizeof(part), "--%s ", flag->name);
    assert_has(&t->scripts[0], from, part);
    snprintf(part, sizeof(part), "--%s%s", flag->name, flag->value_name ? "=" : "");
    assert_has(&t->scripts[1], from, part);
    snprintf(part, sizeof(part), "'__iam_census_verb %s' -l %s ", c->name, flag->name);
    assert_has(&t->scripts[2], "complete", part);
    if (!flag->letter)
        return;
    snprintf(part, sizeof(part), "  -%c, --%s", flag->letter, flag->name);
    assert_has(&t->help, "Usage", part);
    snprintf(part, sizeof(part), "-l %s -s %c ", flag->name, flag->letter);
    assert_has(&t->scripts[2], "complete", part);
}

static void test_every_flag(void **state)
{
    struct texts *t = *state;
    for (const struct command *const *c = commands_table; *c; c++) {
        struct command_flags all;
        command_list_flags(*c, &all);
        buffer_clear(&t->help);
        command_write_help(*c, COMMAND_HELP_ALL, &t->help);
        for (size_t i = 0; i < all.count; i++)
            check_flag(t, *c, &all.flags[i]);
    }
}

/* Every choice, rule and kind of difference is in every script; every variable in the manual. */
static void test_every_word(void **state)
{
    struct texts *t = *state;
    for (size_t shell = 0; shell < shell_count; shell++) {
        for (size_t i = 0; i < rules_count; i++)
            assert_has(&t->scripts[shell], "all ", rules_table[i].id);
        for (size_t i = 0; i < DIFFERENCE_COUNT; i++)
            assert_has(&t->scripts[shell], "only", difference_kinds[i].name);
    }
    for (size_t id = 0; id < SETTING_COUNT; id++)
        if (settings_table[id].variable)
            assert_has(&t->manual, ".SH ENVIRONMENT", settings_table[id].variable);
}

/* Every name that --framework offers is one. */
static void test_frameworks(void **state)
{
    const struct command *check = commands_find("check");
    size_t named = 0;
    (void)state;
    for (size_t i = 0; i < check->own_count; i++)
        for (const char *const *c = check->own[i].choices;
             c && *c && strcmp(check->own[i].name, "framework") == 0; c++, named++) {
            enum framework framework;
            assert_true(framework_parse(view_of(*c), &framework));
        }
    assert_int_equal(named, FRAMEWORK_COUNT);
}

/* No text is one that roff takes for a request, and no line is long (mandoc -Tlint). */
static void test_manual(void **state)
{
    struct texts *t = *state;
    static const char *const requests[] = {".TH", ".SH", ".SS", ".TP", ".PP",
                                           ".nf", ".fi", ".RS", ".RE", ".\\\""};
    for (const char *line = buffer_text(&t->manual); *line; line += strcspn(line, "\n") + 1) {
        bool known = *line != '.' && *line != '\'';
        for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
            known = known || strncmp(line, requests[i], 3) == 0;
        if (!known || strcspn(line, "\n") > 200)
            fail_msg("%.*s", (int)strcspn(line, "\n"), line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_flag),
        cmocka_unit_test(test_every_word),
        cmocka_unit_test(test_frameworks),
        cmocka_unit_test(test_manual),
    };
    return cmocka_run_group_tests(tests, texts_begin, texts_end);
}
