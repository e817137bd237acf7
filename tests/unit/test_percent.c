/* SPDX-License-Identifier: MIT */
#include "base/percent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

static void test_all_bytes(void **state)
{
    struct buffer out;
    char all[256];
    (void)state;
    buffer_init(&out, 4096);
    for (size_t i = 0; i < sizeof(all); i++)
        all[i] = (char)i;
    percent_encode(&out, (struct view){all, sizeof(all)}, 0);
    const char *at = buffer_text(&out);
    for (size_t i = 0; i < sizeof(all); i++) {
        bool plain = (i >= 'A' && i <= 'Z') || (i >= 'a' && i <= 'z') || (i >= '0' && i <= '9') ||
                     i == '-' || i == '_' || i == '.' || i == '~';
        char expected[4] = {(char)i, '\0'};
        if (!plain)
            snprintf(expected, sizeof(expected), "%%%02X", (unsigned)i);
        assert_memory_equal(at, expected, strlen(expected));
        at += strlen(expected);
    }
    assert_string_equal(at, "");
    buffer_release(&out);
}

static void expect_encoded(const char *text, unsigned options, const char *expected)
{
    struct buffer out;
    buffer_init(&out, 256);
    percent_encode(&out, view_of(text), options);
    assert_string_equal(buffer_text(&out), expected);
    buffer_release(&out);
}

static void test_options(void **state)
{
    (void)state;
    expect_encoded("", PERCENT_KEEP_SLASHES | PERCENT_ONCE, "");
    expect_encoded("/a b//c/", 0, "%2Fa%20b%2F%2Fc%2F");
    expect_encoded("/a b//c/", PERCENT_KEEP_SLASHES, "/a%20b//c/");
    /* What is encoded already, in either case, stays; a slash that is encoded is not a separator.
     */
    expect_encoded("%7e%c3%A9 %2f/", PERCENT_KEEP_SLASHES | PERCENT_ONCE, "~%C3%A9%20%2F/");
    expect_encoded("%7e", 0, "%257e");
    /* A '%' that begins nothing. */
    expect_encoded("%", PERCENT_ONCE, "%25");
    expect_encoded("%4", PERCENT_ONCE, "%254");
    expect_encoded("%g0%0g", PERCENT_ONCE, "%25g0%250g");
}

static void test_take(void **state)
{
    const struct view text = VIEW_LITERAL("a%41%4%");
    const struct {
        unsigned char byte;
        size_t next;
    } steps[] = {{'a', 1}, {'A', 4}, {'%', 5}, {'4', 6}, {'%', 7}};
    size_t at = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        assert_int_equal(percent_take(text, &at), steps[i].byte);
        assert_int_equal(at, steps[i].next);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_bytes),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_take),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
