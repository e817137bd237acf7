/* SPDX-License-Identifier: MIT */
/* The result for people: grouped by cause, a screen for any number of accounts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/document.h"
#include "app/summary.h"
#include "base/alloc.h"

#include <jansson.h>
#include <stdlib.h>

struct scene {
    json_t *document;
    struct buffer text;
    bool hides_keys;
};

static int scene_begin(void **state)
{
    static struct scene s;
    s.document = json_pack("{s:i, s:[s,s], s:[], s:[], s:i, s:i, s:i, s:i, s:s}", "rows", 904,
                           "successful_accounts", "111111111111", "222222222222",
                           "partial_accounts", "failed_accounts", "duration_ms", 1234, "api_calls",
                           847, "retries", 5, "throttled", 3, "output", "census.csv");
    assert_non_null(s.document);
    buffer_init(&s.text, (size_t)1024 * 1024);
    s.hides_keys = true;
    *state = &s;
    return 0;
}

static int scene_end(void **state)
{
    struct scene *s = *state;
    json_decref(s->document);
    buffer_release(&s->text);
    return 0;
}

static void add_failed(struct scene *s, int number, const char *stage, const char *code)
{
    char id[16], message[64];
    snprintf(id, sizeof(id), "%012d", number);
    snprintf(message, sizeof(message), "%s is refused", id);
    json_array_append_new(json_object_get(s->document, "failed_accounts"),
                          json_pack("{s:s, s:s, s:s, s:s}", "account_id", id, "stage", stage,
                                    "code", code, "message", message));
}

static void add_partial(struct scene *s, int number, const char *column, int count)
{
    char id[16];
    snprintf(id, sizeof(id), "%012d", number);
    json_array_append_new(json_object_get(s->document, "partial_accounts"),
                          json_pack("{s:s, s:[s], s:[{s:s, s:s, s:s, s:i}]}", "account_id", id,
                                    "unknown", column, "errors", "operation", "ListGroupsForUser",
                                    "code", "AccessDenied", "message", "it may not\x1b[2J", "count",
                                    count));
}

static const char *summary(struct scene *s)
{
    struct result r;
    struct error e;
    char *document = json_dumps(s->document, 0);
    result_init(&r, 0, "run");
    assert_int_equal(document_merge(&r, view_of(document), &e), 0);
    r.rows = r.merged_rows;
    r.duration_ms = json_integer_value(json_object_get(s->document, "duration_ms"));
    r.output = xstrdup(json_string_value(json_object_get(s->document, "output")));
    buffer_clear(&s->text);
    summary_write(&r, s->hides_keys, false, &s->text);
    result_release(&r);
    free(document);
    return buffer_text(&s->text);
}

static void test_all_is_well(void **state)
{
    struct scene *s = *state;
    assert_string_equal(summary(s), "904 users of 2 accounts: 2 complete, 0 partial, 0 failed\n"
                                    "1.2 s, 847 calls, 5 retries, 3 throttled\n"
                                    "written to census.csv\n");
}

static void test_one_of_each(void **state)
{
    struct scene *s = *state;
    json_object_set_new(s->document, "rows", json_integer(1));
    json_object_set_new(s->document, "api_calls", json_integer(1));
    json_object_set_new(s->document, "retries", json_integer(1));
    json_array_remove(json_object_get(s->document, "successful_accounts"), 0);
    assert_string_equal(summary(s), "1 user of 1 account: 1 complete, 0 partial, 0 failed\n"
                                    "1.2 s, 1 call, 1 retry, 3 throttled\n"
                                    "written to census.csv\n");
}

/* Messages name the account: they are no reason to tell two accounts apart. */
static void test_grouped_by_cause(void **state)
{
    struct scene *s = *state;
    add_failed(s, 500, "ListUsers", "AccessDenied");
    for (int i = 1; i <= 477; i++)
        add_failed(s, i, "AssumeRole", "AccessDenied");
    add_failed(s, 501, "AssumeRole", "ExpiredToken");
    add_failed(s, 502, "AssumeRole", "ExpiredToken");
    for (int i = 1; i <= 3; i++)
        add_partial(s, 600 + i, "Groups", i);
    add_partial(s, 700, "Tags", 7);
    assert_string_equal(
        summary(s),
        "904 users of 486 accounts: 2 complete, 4 partial, 480 failed\n"
        "failed:\n"
        "  477 at AssumeRole: AccessDenied (000000000001, 000000000002, ... 475 more)\n"
        "    000000000001 is refused\n"
        "    does the role exist there, does it trust the caller, and is its external id "
        "given (--external-id)?\n"
        "  2 at AssumeRole: ExpiredToken (000000000501, 000000000502)\n"
        "    000000000501 is refused\n"
        "  1 at ListUsers: AccessDenied (000000000500)\n"
        "partial:\n"
        "  3 with Groups unknown since ListGroupsForUser: AccessDenied (000000000601, "
        "000000000602, 000000000603)\n"
        "    it may not\\x1b[2J\n"
        "  1 with Tags unknown since ListGroupsForUser: AccessDenied (000000000700)\n"
        "1.2 s, 847 calls, 5 retries, 3 throttled\n"
        "written to census.csv\n");
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

static void test_a_screen(void **state)
{
    struct scene *s = *state;
    for (int i = 0; i < 10000; i++) {
        char code[16];
        snprintf(code, sizeof(code), "Code%d", i % 1000);
        add_failed(s, i, "AssumeRole", code);
        add_partial(s, i, code, 1);
    }
    const char *text = summary(s);
    assert_in_range(count_lines(text), 10, 24);
    assert_non_null(strstr(text, " other reasons (--json has each)\n"));
}

static void test_second_keys(void **state)
{
    struct scene *s = *state;
    json_object_set_new(s->document, "users_with_second_active_key", json_integer(2));
    assert_non_null(strstr(summary(s), "\n2 users have a second active key"));
    json_object_set_new(s->document, "users_with_second_active_key", json_integer(1));
    assert_non_null(strstr(summary(s), "\n1 user has a second active key"));
    s->hides_keys = false;
    assert_null(strstr(summary(s), "second active key"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_all_is_well), TEST(test_one_of_each), TEST(test_grouped_by_cause),
        TEST(test_a_screen),    TEST(test_second_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
