/* SPDX-License-Identifier: MIT */
/* Times: RFC 3339, HTTP dates, the calendar of 9,999 years, and ages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/timestamp.h"

#include <stdio.h>

#define DAY        INT64_C(86400)
#define FIRST_DAY  INT64_C(-62135596800) /* 0001-01-01T00:00:00Z */
#define LAST       INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
#define UNTOUCHED  INT64_C(42)
#define LEAP_DAY   INT64_C(1709164800) /* 2024-02-29T00:00:00Z */
#define SOME_TIME  INT64_C(1706693400) /* 2024-01-31T09:30:00Z */
#define HTTP_EPOCH INT64_C(784111777)  /* RFC 9110's own example */

static void assert_parses(const char *text, int64_t expected)
{
    int64_t seconds = UNTOUCHED;
    if (timestamp_parse(view_of(text), &seconds) != 0)
        fail_msg("'%s' was refused", text);
    assert_true(seconds == expected);
}

static void test_rfc3339(void **state)
{
    (void)state;
    assert_parses("1970-01-01T00:00:00Z", 0);
    assert_parses("1969-12-31T23:59:59Z", -1);
    assert_parses("2024-01-31T09:30:00Z", SOME_TIME);
    assert_parses("2024-01-31t09:30:00z", SOME_TIME);
    assert_parses("2024-01-31T09:30:00.1Z", SOME_TIME);
    assert_parses("2024-01-31T09:30:00.999999999999Z", SOME_TIME);
    assert_parses("2024-01-31T09:30:00+00:00", SOME_TIME);
    assert_parses("2024-01-31T09:30:00-00:00", SOME_TIME);
    assert_parses("2024-01-31T10:30:00+01:00", SOME_TIME);
    assert_parses("2024-01-31T04:00:00.5-05:30", SOME_TIME);
    assert_parses("2024-02-01T09:29:00+23:59", SOME_TIME);
    assert_parses("2016-12-31T23:59:60Z", 1483228800); /* a leap second is the next one */
    assert_parses("2024-02-29T00:00:00Z", LEAP_DAY);
    assert_parses("2000-02-29T00:00:00Z", 951782400);
    assert_parses("0001-01-01T00:00:00Z", FIRST_DAY);
    assert_parses("9999-12-31T23:59:59Z", LAST);
    assert_parses("2038-01-19T03:14:08Z", INT64_C(1) << 31);
}

static void test_what_is_no_rfc3339(void **state)
{
    static const char *const texts[] = {
        "",
        "2024",
        "2024-01-31",
        "2024-01-31T09:30:00",
        "2024-01-31 09:30:00Z",
        "2024-01-31T09:30Z",
        "2024-01-31T09:30:00ZZ",
        "2024-01-31T09:30:00Z ",
        " 2024-01-31T09:30:00Z",
        "2024-01-31T09:30:00.Z",
        "2024-01-31T09:30:00,5Z",
        "2024-01-31T09:30:00.5",
        "2024-01-31T09:30:00+1:00",
        "2024-01-31T09:30:00+0100",
        "2024-01-31T09:30:00+24:00",
        "2024-01-31T09:30:00+01:60",
        "2024-01-31T09:30:00+01",
        "2024-01-31T09:30:00X",
        "2024-1-31T09:30:00Z",
        "24-01-31T09:30:00Z",
        "02024-01-31T09:30:00Z",
        "-2024-01-31T09:30:00Z",
        "+024-01-31T09:30:00Z",
        "2024-+1-31T09:30:00Z",
        "0000-01-01T00:00:00Z",
        "2024-00-31T09:30:00Z",
        "2024-13-31T09:30:00Z",
        "2024-01-00T09:30:00Z",
        "2024-01-32T09:30:00Z",
        "2024-04-31T09:30:00Z",
        "2023-02-29T09:30:00Z",
        "1900-02-29T09:30:00Z",
        "2100-02-29T09:30:00Z",
        "2024-02-30T09:30:00Z",
        "2024-01-31T24:00:00Z",
        "2024-01-31T09:60:00Z",
        "2024-01-31T09:30:61Z",
        "2024-01-31T09:30:0\xd9\xa0Z",
        "N/A",
        "no_information",
        "not_supported",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        int64_t seconds = UNTOUCHED;
        if (timestamp_parse(view_of(texts[i]), &seconds) != -1)
            fail_msg("'%s' was taken", texts[i]);
        assert_true(seconds == UNTOUCHED);
    }
    int64_t seconds = UNTOUCHED;
    assert_int_equal(timestamp_parse(VIEW_NONE, &seconds), -1);
    assert_int_equal(timestamp_parse((struct view){"2024-01-31T09:30:00Z", 19}, &seconds), -1);
    assert_int_equal(timestamp_parse(VIEW_LITERAL("2024-01-31T09:30:00Z\0"), &seconds), -1);
    assert_true(seconds == UNTOUCHED);
}

static void test_http_date(void **state)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t seconds = UNTOUCHED;
    char text[64];
    char expected[64];
    char ours[TIMESTAMP_TEXT_SIZE];
    (void)state;
    assert_int_equal(timestamp_parse_http(VIEW_LITERAL("Sun, 06 Nov 1994 08:49:37 GMT"), &seconds),
                     0);
    assert_true(seconds == HTTP_EPOCH);
    for (int i = 0; i < 12; i++) {
        snprintf(text, sizeof(text), "Mon, 28 %s 2026 23:59:59 GMT", months[i]);
        snprintf(expected, sizeof(expected), "2026-%02d-28T23:59:59Z", i + 1);
        assert_int_equal(timestamp_parse_http(view_of(text), &seconds), 0);
        timestamp_format(seconds, ours);
        assert_string_equal(ours, expected);
    }
}

static void test_what_is_no_http_date(void **state)
{
    static const char *const texts[] = {
        "",
        "120",
        "1994-11-06T08:49:37Z",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 GMTx",
        "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Wed, 29 Feb 2023 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06 Nov 1994 -8:49:37 GMT",
        "Sun, 06 ovD 1994 08:49:37 GMT",
        "Sun, 06 Abc 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 08:49:37 GMT and a tail that makes it far too long",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        int64_t seconds = UNTOUCHED;
        if (timestamp_parse_http(view_of(texts[i]), &seconds) != -1)
            fail_msg("'%s' was taken", texts[i]);
        assert_true(seconds == UNTOUCHED);
    }
}

static void test_formats(void **state)
{
    char text[TIMESTAMP_TEXT_SIZE];
    (void)state;
    timestamp_format(SOME_TIME, text);
    assert_string_equal(text, "2024-01-31T09:30:00Z");
    timestamp_format_compact(SOME_TIME, text);
    assert_string_equal(text, "20240131T093000Z");
    timestamp_format_file(SOME_TIME, text);
    assert_string_equal(text, "2024-01-31_09-30-00");
    timestamp_format(-1, text);
    assert_string_equal(text, "1969-12-31T23:59:59Z");
    timestamp_format(FIRST_DAY, text);
    assert_string_equal(text, "0001-01-01T00:00:00Z");
    timestamp_format(LAST, text);
    assert_string_equal(text, "9999-12-31T23:59:59Z");
    timestamp_format_compact(LAST, text);
    assert_string_equal(text, "99991231T235959Z");
    timestamp_format_file(LAST, text);
    assert_string_equal(text, "9999-12-31_23-59-59");
}

/* Out of the calendar there is no text, rather than a wrong one or one that does not fit. */
static void test_formats_out_of_range(void **state)
{
    static const int64_t outside[] = {FIRST_DAY - 1, LAST + 1, INT64_MAX, INT64_MIN, INT64_MIN + 1};
    char text[TIMESTAMP_TEXT_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
        memset(text, 'x', sizeof(text));
        timestamp_format(outside[i], text);
        assert_string_equal(text, "");
    }
    memset(text, 'x', sizeof(text));
    timestamp_format_compact(INT64_MAX, text);
    assert_string_equal(text, "");
}

/*
 * Walks the calendar by counting, and looks at both ends of every month: the formats and the
 * parser must agree with the count.
 */
static void test_every_month_of_the_calendar(void **state)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t start = FIRST_DAY;
    char expected[64];
    char text[TIMESTAMP_TEXT_SIZE];
    (void)state;
    for (int year = 1; year <= 9999; year++) {
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        for (int month = 0; month < 12; month++) {
            int days = lengths[month] + (leap && month == 1);
            int64_t moments[] = {start, start + days * DAY - 1};
            for (int i = 0; i < 2; i++) {
                int64_t seconds = UNTOUCHED;
                snprintf(expected, sizeof(expected), "%04d-%02d-%02dT%s", year, month + 1,
                         i == 0 ? 1 : days, i == 0 ? "00:00:00Z" : "23:59:59Z");
                timestamp_format(moments[i], text);
                assert_string_equal(text, expected);
                assert_int_equal(timestamp_parse(view_of(text), &seconds), 0);
                assert_true(seconds == moments[i]);
            }
            start += days * DAY;
        }
    }
    assert_true(start == LAST + 1);
}

static void test_ages(void **state)
{
    (void)state;
    assert_int_equal(timestamp_age_days(SOME_TIME, SOME_TIME), 0);
    assert_int_equal(timestamp_age_days(SOME_TIME, SOME_TIME + DAY - 1), 0);
    assert_int_equal(timestamp_age_days(SOME_TIME, SOME_TIME + DAY), 1);
    assert_int_equal(timestamp_age_days(SOME_TIME, SOME_TIME + 2 * DAY - 1), 1);
    assert_int_equal(timestamp_age_days(SOME_TIME, SOME_TIME - 1), 0);
    assert_int_equal(timestamp_age_days(SOME_TIME, SOME_TIME - 10 * DAY), 0);
    assert_int_equal(timestamp_age_days(-DAY, DAY), 2);
    assert_int_equal(timestamp_age_days(FIRST_DAY, LAST), 3652058);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc3339),
        cmocka_unit_test(test_what_is_no_rfc3339),
        cmocka_unit_test(test_http_date),
        cmocka_unit_test(test_what_is_no_http_date),
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_formats_out_of_range),
        cmocka_unit_test(test_every_month_of_the_calendar),
        cmocka_unit_test(test_ages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
