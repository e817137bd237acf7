/* SPDX-License-Identifier: MIT */
/* Texts as words of a command: the shell must take each as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/shell_word.h"

static void check(struct view text, const char *word)
{
    struct buffer out;
    buffer_init(&out, 100);
    shell_word_add(&out, text);
    assert_string_equal(buffer_text(&out), word);
    buffer_release(&out);
}

static void test_plain_words(void **state)
{
    (void)state;
    check(VIEW_LITERAL("census"), "census");
    check(VIEW_LITERAL("arn:aws:iam::111111111111:role/a+b=c,d.e@f_g-h"),
          "arn:aws:iam::111111111111:role/a+b=c,d.e@f_g-h");
    check(VIEW_LITERAL("s3://reports/100%"), "s3://reports/100%");
}

static void test_quoted_words(void **state)
{
    (void)state;
    check(VIEW_LITERAL(""), "''");
    check(VIEW_LITERAL("two words"), "'two words'");
    check(VIEW_LITERAL("it's"), "'it'\\''s'");
    check(VIEW_LITERAL("$(id)`id`;&|<>*?~#!\\\""), "'$(id)`id`;&|<>*?~#!\\\"'");
    check(VIEW_LITERAL("=ls"), "'=ls'");
    check(VIEW_LITERAL("\xc3\xa4"), "'\xc3\xa4'");
}

/* What would be changed on its way to the terminal, and so be another word when it is pasted. */
static void test_words_that_may_not_be_shown(void **state)
{
    (void)state;
    check(VIEW_LITERAL("a\nb"), "$'a\\012b'");
    check(VIEW_LITERAL("\x1b[31m it's \\ $(id)"), "$'\\033[31m it\\047s \\134 $(id)'");
    check(VIEW_LITERAL("\xe2\x80\xae\xc3\xa4\xff"), "$'\\342\\200\\256\xc3\xa4\\377'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_words),
        cmocka_unit_test(test_quoted_words),
        cmocka_unit_test(test_words_that_may_not_be_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
