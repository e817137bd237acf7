/* SPDX-License-Identifier: MIT */
/* Text that is wrong at each of its places: times, and bytes that are not UTF-8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/character.h"
#include "base/json_writer.h"
#include "base/timestamp.h"

#include <stdio.h>
#include <string.h>

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

typedef int parser(struct view text, int64_t *seconds);

/* Every place changed to something that is not allowed there, and every length that is too short.
 */
static void wrong_everywhere(parser *parse, const char *good, const char *ignored)
{
    int64_t seconds;
    char text[64];
    size_t len = strlen(good);
    if (parse(view_of(good), &seconds) != 0)
        fail_msg("'%s' is good", good);
    for (size_t i = 0; i < len; i++) {
        if (ignored[i] == 'x')
            continue;
        snprintf(text, sizeof(text), "%s", good);
        text[i] = '#';
        if (parse((struct view){text, len}, &seconds) == 0)
            fail_msg("'%s' is taken", text);
        text[i] = '\0';
        if (parse((struct view){text, len}, &seconds) == 0)
            fail_msg("'%s' with a NUL at %zu is taken", good, i);
        if (parse((struct view){good, i}, &seconds) == 0)
            fail_msg("the first %zu characters of '%s' are taken", i, good);
    }
    snprintf(text, sizeof(text), "%s ", good);
    assert_int_equal(parse(view_of(text), &seconds), -1);
    assert_int_equal(parse(VIEW_NONE, &seconds), -1);
}

static void test_times(void **state)
{
    (void)state;
    wrong_everywhere(timestamp_parse, "2024-01-31T09:30:00Z", "....................");
    wrong_everywhere(timestamp_parse, "2024-01-31T09:30:00.5Z", "......................");
    wrong_everywhere(timestamp_parse, "2024-01-31T09:30:00+01:30", ".........................");
    /* The day of the week is not looked at. */
    wrong_everywhere(timestamp_parse_http, "Sun, 06 Nov 1994 08:49:37 GMT",
                     "xxx..........................");
}

static void test_times_that_no_calendar_has(void **state)
{
    static const char *const bad[] = {
        "2024-00-10T00:00:00Z",  "2024-13-10T00:00:00Z",      "2024-02-30T00:00:00Z",
        "2023-02-29T00:00:00Z",  "1900-02-29T00:00:00Z",      "2024-01-00T00:00:00Z",
        "2024-01-10T24:00:00Z",  "2024-01-10T00:60:00Z",      "2024-01-10T00:00:61Z",
        "0000-01-10T00:00:00Z",  "2024-01-10T00:00:00+24:00", "2024-01-10T00:00:00+01:60",
        "2024-01-10T00:00:00.Z", "2024-01-10T00:00:00",       "2024-01-10T00:00:00+0100",
    };
    int64_t seconds;
    (void)state;
    for (size_t i = 0; i < LEN(bad); i++)
        if (timestamp_parse(view_of(bad[i]), &seconds) == 0)
            fail_msg("'%s' is taken", bad[i]);
    assert_int_equal(timestamp_parse_http(view_of("Sun, 31 Feb 1994 08:49:37 GMT"), &seconds), -1);
    assert_int_equal(timestamp_parse(view_of("2000-02-29T00:00:60z"), &seconds), 0);
}

static void test_ages(void **state)
{
    (void)state;
    assert_int_equal(timestamp_age_days(TIMESTAMP_NONE, 1000), 0);
    assert_int_equal(timestamp_age_days(1000, 1000), 0);
    assert_int_equal(timestamp_age_days(2000, 1000), 0);
    assert_int_equal(timestamp_age_days(1000, 1000 + 86399), 0);
    assert_int_equal(timestamp_age_days(1000, 1000 + 86400), 1);
}

/* Each byte that does not belong to a letter becomes one U+FFFD. */
static void test_bytes_that_are_no_letters(void **state)
{
#define R "\xef\xbf\xbd"
    static const struct {
        const char *text, *quoted;
    } cases[] = {
        {"\x7f", "\"\x7f\""},
        {"\xc2\x80", "\"\xc2\x80\""},
        {"\xdf\xbf", "\"\xdf\xbf\""},
        {"\xe0\xa0\x80", "\"\xe0\xa0\x80\""},
        {"\xed\x9f\xbf", "\"\xed\x9f\xbf\""},
        {"\xee\x80\x80", "\"\xee\x80\x80\""},
        {"\xf0\x90\x80\x80", "\"\xf0\x90\x80\x80\""},
        {"\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\""},
        {"\x80", "\"" R "\""},                   /* goes on with nothing */
        {"\xc1\xbf", "\"" R R "\""},             /* overlong */
        {"\xe0\x9f\xbf", "\"" R R R "\""},       /* overlong */
        {"\xf0\x8f\xbf\xbf", "\"" R R R R "\""}, /* overlong */
        {"\xed\xa0\x80", "\"" R R R "\""},       /* a surrogate */
        {"\xf4\x90\x80\x80", "\"" R R R R "\""}, /* above U+10FFFF */
        {"\xf5\x80\x80\x80", "\"" R R R R "\""}, /* far above */
        {"\xff", "\"" R "\""},                   /* in no letter */
        {"\xc3", "\"" R "\""},                   /* cut short */
        {"\xe2\x82", "\"" R R "\""},             /* cut short */
        {"\xc3"
         "a",
         "\"" R "a\""}, /* the next letter begins */
        {"\xe2\x82"
         "a",
         "\"" R R "a\""},
        {"\xe2"
         "a\x82",
         "\"" R "a" R "\""},
    };
    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        struct buffer out;
        buffer_init(&out, 256);
        json_quote(&out, view_of(cases[i].text));
        if (strcmp(buffer_text(&out), cases[i].quoted) != 0)
            fail_msg("case %zu: got %s", i, buffer_text(&out));
        buffer_release(&out);
    }
#undef R
}

static void test_no_text(void **state)
{
    struct buffer out;
    (void)state;
    buffer_init(&out, 256);
    json_quote(&out, VIEW_NONE);
    assert_string_equal(buffer_text(&out), "\"\"");
    buffer_release(&out);
    assert_int_equal(character_length(VIEW_NONE), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times),   cmocka_unit_test(test_times_that_no_calendar_has),
        cmocka_unit_test(test_ages),    cmocka_unit_test(test_bytes_that_are_no_letters),
        cmocka_unit_test(test_no_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
