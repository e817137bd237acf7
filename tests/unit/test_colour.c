/* SPDX-License-Identifier: MIT */
/* Colours: who gets them, and what is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/colour.h"

#include <pty.h>
#include <stdlib.h>
#include <unistd.h>

struct row {
    const char *term, *no_color, *forced;
    bool terminal, pipe; /* who gets colours, if --color is not given */
};

static const struct row rows[] = {
    {"xterm", NULL, NULL, true, false}, {"xterm", "", NULL, true, false},
    {"xterm", "1", NULL, false, false}, {"xterm", "0", NULL, false, false},
    {"dumb", NULL, NULL, false, false}, {NULL, NULL, NULL, false, false},
    {"", NULL, NULL, false, false},     {"xterm", NULL, "1", true, true},
    {"xterm", NULL, "0", true, false},  {"xterm", "1", "1", false, false},
};

static void set(const char *name, const char *value)
{
    if (value)
        setenv(name, value, 1);
    else
        unsetenv(name);
}

static void set_all(const struct row *row)
{
    set("TERM", row->term);
    set("NO_COLOR", row->no_color);
    set("CLICOLOR_FORCE", row->forced);
}

static void test_who(void **state)
{
    int ours, theirs, pipes[2];
    (void)state;
    assert_int_equal(openpty(&ours, &theirs, NULL, NULL, NULL), 0);
    assert_int_equal(pipe(pipes), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        set_all(&rows[i]);
        colour_choose(COLOUR_AUTO);
        if (colour_wanted(theirs) != rows[i].terminal || colour_wanted(pipes[1]) != rows[i].pipe)
            fail_msg("row %zu", i);
        colour_choose(COLOUR_ALWAYS);
        assert_true(colour_wanted(pipes[1]));
        colour_choose(COLOUR_NEVER);
        assert_false(colour_wanted(theirs));
    }
    colour_choose(COLOUR_AUTO);
    close(ours);
    close(theirs);
    close(pipes[0]);
    close(pipes[1]);
}

static void test_written(void **state)
{
    struct buffer out;
    (void)state;
    buffer_init(&out, 100);
    colour_begin(&out, true, COLOUR_BAD);
    buffer_add_text(&out, "x");
    colour_end(&out, true);
    colour_begin(&out, false, COLOUR_BAD);
    colour_end(&out, false);
    assert_string_equal(buffer_text(&out), "\033[31mx\033[0m");
    for (enum colour_style style = 0; style < COLOUR_STYLE_COUNT; style++)
        assert_int_equal(colour_on(true, style)[0], '\033');
    assert_string_equal(colour_on(false, COLOUR_GOOD), "");
    assert_string_equal(colour_off(false), "");
    buffer_release(&out);
}

static void test_names(void **state)
{
    enum colour_choice choice = COLOUR_AUTO;
    (void)state;
    assert_true(colour_find("Never", &choice));
    assert_int_equal(choice, COLOUR_NEVER);
    assert_true(colour_find("always", &choice));
    assert_int_equal(choice, COLOUR_ALWAYS);
    assert_false(colour_find("yes", &choice));
    assert_int_equal(choice, COLOUR_ALWAYS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who),
        cmocka_unit_test(test_written),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
