/* SPDX-License-Identifier: MIT */
/* The log: one whole line an event, whatever its fields hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/log.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NOON_MS INT64_C(1706702400000) /* 2024-01-31T12:00:00Z */

static int64_t at_noon(void *arg)
{
    (void)arg;
    return NOON_MS;
}

static const struct clock noon = {at_noon, at_noon, NULL};

struct scene {
    int ends[2];
    int stderr_before;
    char text[65536];
};

static int scene_begin(void **state)
{
    static struct scene s;
    assert_int_equal(pipe(s.ends), 0);
    assert_int_equal(fcntl(s.ends[0], F_SETFL, O_NONBLOCK), 0);
    s.stderr_before = dup(STDERR_FILENO);
    *state = &s;
    return 0;
}

static int scene_end(void **state)
{
    struct scene *s = *state;
    close(s->ends[0]);
    close(s->ends[1]);
    close(s->stderr_before);
    log_configure(LOG_ERROR, LOG_TEXT, NULL);
    return 0;
}

/* What one event wrote to stderr. */
static const char *write_one(struct scene *s, enum log_level level, const char *event,
                             const struct log_field *fields, size_t count)
{
    dup2(s->ends[1], STDERR_FILENO);
    log_write(level, event, fields, count);
    dup2(s->stderr_before, STDERR_FILENO);
    ssize_t got = read(s->ends[0], s->text, sizeof(s->text) - 1);
    s->text[got > 0 ? got : 0] = '\0';
    return s->text;
}

#define WRITE(s, level, event, ...)                                                                \
    write_one(s, level, event, (const struct log_field[]){__VA_ARGS__},                            \
              sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

static void test_text(void **state)
{
    struct scene *s = *state;
    log_configure(LOG_DEBUG, LOG_TEXT, &noon);
    assert_string_equal(
        WRITE(s, LOG_INFO, "account read", FIELD("account_id", "111111111111"),
              FIELD_NUMBER("users", -12)),
        "2024-01-31T12:00:00Z INFO  account read account_id=111111111111 users=-12\n");
    assert_string_equal(WRITE(s, LOG_ERROR, "x", FIELD("a", "")),
                        "2024-01-31T12:00:00Z ERROR x a=\"\"\n");
}

/* No value can begin a line or a field of its own. */
static void test_text_is_quoted(void **state)
{
    struct scene *s = *state;
    log_configure(LOG_DEBUG, LOG_TEXT, &noon);
    static const char *const rows[][2] = {
        {"two words", "\"two words\""},
        {"a=b", "\"a=b\""},
        {"say \"hi\"", "\"say \\\"hi\\\"\""},
        {"a\nINFO  b", "\"a\\nINFO  b\""},
        {"a\rb", "\"a\\rb\""},
        {"\x1b[31m", "\"\\u001b[31m\""},
        {"back\\slash", "\"back\\\\slash\""},
        {"caf\xc3\xa9", "caf\xc3\xa9"},
        {"\x7f", "\"\\x7f\""},
        {"\xc2\x9b"
         "31m",
         "\"\\xc2\\x9b31m\""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char line[256];
        snprintf(line, sizeof(line), "2024-01-31T12:00:00Z WARN  x a=%s\n", rows[i][1]);
        assert_string_equal(WRITE(s, LOG_WARN, "x", FIELD("a", rows[i][0])), line);
    }
}

static void test_json(void **state)
{
    struct scene *s = *state;
    log_configure(LOG_DEBUG, LOG_JSON, &noon);
    assert_string_equal(
        WRITE(s, LOG_WARN, "say \"hi\"", FIELD("a", "x\ny\""), FIELD_NUMBER("n", INT64_MIN),
              FIELD_VIEW("none", VIEW_NONE)),
        "{\"time\":\"2024-01-31T12:00:00Z\",\"level\":\"warn\",\"event\":\"say \\\"hi\\\"\","
        "\"a\":\"x\\ny\\\"\",\"n\":-9223372036854775808,\"none\":null}\n");
}

static void test_levels(void **state)
{
    (void)state;
    for (int set = LOG_ERROR; set <= LOG_DEBUG; set++) {
        log_configure((enum log_level)set, LOG_TEXT, &noon);
        for (int level = LOG_ERROR; level <= LOG_DEBUG; level++)
            assert_int_equal(log_enabled((enum log_level)level), level <= set);
    }
    assert_int_equal(log_level_find("error", LOG_INFO), LOG_ERROR);
    assert_int_equal(log_level_find("warn", LOG_INFO), LOG_WARN);
    assert_int_equal(log_level_find("info", LOG_WARN), LOG_INFO);
    assert_int_equal(log_level_find("debug", LOG_WARN), LOG_DEBUG);
    assert_int_equal(log_level_find("DEBUG", LOG_WARN), LOG_WARN);
    assert_int_equal(log_level_find("", LOG_WARN), LOG_WARN);
    assert_int_equal(log_level_find(NULL, LOG_INFO), LOG_INFO);
}

/* What is not written costs nothing: its fields are not even made. */
static const char *costly(int *made)
{
    ++*made;
    return "x";
}

static void test_disabled(void **state)
{
    int made = 0;
    (void)state;
    log_configure(LOG_WARN, LOG_TEXT, &noon);
    log_event(LOG_DEBUG, "x", FIELD("a", costly(&made)));
    assert_int_equal(made, 0);
}

/* Longer than a line may be: it is cut, and stays one line. */
static void test_long_line(void **state)
{
    struct scene *s = *state;
    static char huge[40000];
    memset(huge, 'h', sizeof(huge) - 1);
    log_configure(LOG_DEBUG, LOG_TEXT, &noon);
    const char *line = WRITE(s, LOG_INFO, "x", FIELD("before", "1"), FIELD("a", huge));
    size_t len = strlen(line);
    assert_in_range(len, 30, 17000);
    assert_ptr_equal(strchr(line, '\n'), line + len - 1);
    assert_non_null(strstr(line, "before=1"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_text),   TEST(test_text_is_quoted), TEST(test_json),
        TEST(test_levels), TEST(test_disabled),       TEST(test_long_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
