/* SPDX-License-Identifier: MIT */
/* Text from outside is shown so that it can neither hide nor change what a person reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/printable.h"

static void assert_shown(struct view text, size_t most, const char *expected)
{
    struct buffer out;
    buffer_init(&out, 1024);
    printable_add_cut(&out, text, most);
    assert_string_equal(buffer_text(&out), expected);
    buffer_release(&out);
}

static void test_what_is_shown_as_it_is(void **state)
{
    static const char *const texts[] = {
        "", "plain text", "\\x1b", "caf\xc3\xa9 \xe2\x82\xac", "\xf0\x9f\x99\x82", "\xc2\xa0", "~"};
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_shown(view_of(texts[i]), 100, texts[i]);
}

static void test_what_is_escaped(void **state)
{
    static const struct {
        struct view text;
        const char *shown;
    } rows[] = {
        {{"a\0b\x1b[31m\n\x7f", 10}, "a\\x00b\\x1b[31m\\x0a\\x7f"},
        {{"\xc2\x9b"
          "31m",
          5},
         "\\xc2\\x9b31m"}, /* a terminal's CSI, in UTF-8 */
        {{"a\xe2\x80\xae"
          "b",
          5},
         "a\\xe2\\x80\\xaeb"}, /* from right to left */
        {{"\xef\xbb\xbf"
          "1",
          4},
         "\\xef\\xbb\\xbf1"},                              /* byte order mark */
        {{"\xe2\x80\x8b", 3}, "\\xe2\\x80\\x8b"},          /* of no width */
        {{"\xff\xfe", 2}, "\\xff\\xfe"},                   /* not UTF-8 */
        {{"\xc3", 1}, "\\xc3"},                            /* cut off */
        {{"\xc0\xaf", 2}, "\\xc0\\xaf"},                   /* longer than need be */
        {{"\xe0\x80\xaf", 3}, "\\xe0\\x80\\xaf"},          /* the same */
        {{"\xed\xa0\x80", 3}, "\\xed\\xa0\\x80"},          /* half of UTF-16 */
        {{"\xf4\x90\x80\x80", 4}, "\\xf4\\x90\\x80\\x80"}, /* beyond Unicode */
        {{"\xe2\x82"
          "x",
          3},
         "\\xe2\\x82x"}, /* broken off */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_shown(rows[i].text, 100, rows[i].shown);
}

static void test_cut(void **state)
{
    (void)state;
    assert_shown(VIEW_LITERAL("abcdef"), 6, "abcdef");
    assert_shown(VIEW_LITERAL("abcdef"), 5, "abcde...");
    assert_shown(VIEW_LITERAL("ab\xe2\x82\xac"), 4, "ab...");
    assert_shown(VIEW_LITERAL("\x01\x02"), 1, "\\x01...");
    assert_shown(VIEW_LITERAL("x"), 0, "...");
}

/* An error is one line, whatever was put into it. */
static void test_errors(void **state)
{
    struct error e;
    (void)state;
    error_set(&e, ERROR_CONFIG, "a\nb\t%s\xc2\x9b", "\x1b[2J\xc3\xa9");
    assert_string_equal(e.text, "a b \\x1b[2J\xc3\xa9\\xc2\\x9b");
    error_prefix(&e, "x\x7f");
    assert_string_equal(e.text, "x\\x7f: a b \\x1b[2J\xc3\xa9\\xc2\\x9b");
}

static void test_long_errors(void **state)
{
    struct error e;
    char text[2048];
    (void)state;
    memset(text, 0x1b, sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    error_set(&e, ERROR_CONFIG, "%s", text);
    assert_int_equal(strlen(e.text), 1021); /* whole escapes, and " ... " */
    assert_string_equal(e.text + 1017, "\\x1b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_shown_as_it_is),
        cmocka_unit_test(test_what_is_escaped),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_long_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
