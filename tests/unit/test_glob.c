/* SPDX-License-Identifier: MIT */
/* Patterns of whole names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rules/glob.h"

#include <stdlib.h>
#include <string.h>

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

static void test_patterns(void **state)
{
    static const struct {
        const char *pattern, *text;
        bool matches;
    } cases[] = {
        {"", "", true},
        {"", "a", false},
        {"a", "", false},
        {"*", "", true},
        {"***", "", true},
        {"*a", "", false},
        {"abc", "abc", true},
        {"abc", "abd", false},
        {"abc", "abcd", false},
        {"abc", "ab", false},
        {"ABC", "abc", false},
        {"a*", "abc", true},
        {"a**", "a", true},
        {"*c", "abc", true},
        {"*b*", "abc", true},
        {"a*c", "abcbc", true},
        {"a*d", "abcbc", false},
        {"*ab*ab", "abab", true},
        {"*ab*ab", "aab", false},
        {"?", "", false},
        {"?", "a", true},
        {"?", "ab", false},
        {"a?c", "abc", true},
        {"?", "\xc3\xab", true}, /* one character of two bytes */
        {"??", "\xc3\xab", false},
        {"Zo?", "Zo\xc3\xab", true},
        {"?b",
         "\xf0\x9f\x98\x80"
         "b",
         true},
        {"*?", "\xe2\x82\xac", true},
    };
    (void)state;
    for (size_t i = 0; i < LEN(cases); i++)
        if (glob_matches(view_of(cases[i].pattern), view_of(cases[i].text)) != cases[i].matches)
            fail_msg("'%s' and '%s'", cases[i].pattern, cases[i].text);
}

/* Many stars over a text that nearly matches: it ends, and soon. */
static void test_stars(void **state)
{
    char pattern[200], text[4000];
    (void)state;
    for (size_t i = 0; i < sizeof(pattern); i++)
        pattern[i] = i % 2 == 0 ? '*' : 'a';
    memset(text, 'a', sizeof(text));
    pattern[sizeof(pattern) - 1] = 'b';
    assert_false(
        glob_matches((struct view){pattern, sizeof(pattern)}, (struct view){text, sizeof(text)}));
    text[sizeof(text) - 1] = 'b';
    assert_true(
        glob_matches((struct view){pattern, sizeof(pattern)}, (struct view){text, sizeof(text)}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_patterns),
                                       cmocka_unit_test(test_stars)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
