/* SPDX-License-Identifier: MIT */
/* What is said of one account after the other is said to people once, and counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/repeats.h"

#include <stdio.h>

struct scene {
    struct repeats repeats;
    char lines[16384];
};

static void keep(void *arg, struct view line)
{
    struct scene *s = arg;
    size_t used = strlen(s->lines);
    /* Without the time. */
    snprintf(s->lines + used, sizeof(s->lines) - used, "%.*s", (int)line.len - 21, line.ptr + 21);
}

static bool wanted(void *arg, enum log_level level, const char *event,
                   const struct log_field *fields, size_t count)
{
    struct scene *s = arg;
    return repeats_is_new(&s->repeats, level, event, fields, count);
}

static int scene_begin(void **state)
{
    static struct scene s;
    static struct log_listener listener;
    s = (struct scene){0};
    listener = (struct log_listener){&s, wanted, keep};
    log_configure(LOG_WARN, LOG_TEXT, NULL);
    log_set_listener(&listener);
    *state = &s;
    return 0;
}

static int scene_end(void **state)
{
    struct scene *s = *state;
    repeats_release(&s->repeats);
    log_set_listener(NULL);
    log_configure(LOG_ERROR, LOG_TEXT, NULL);
    return 0;
}

static void fail_account(int number, const char *stage, const char *code)
{
    char id[16], reason[64];
    snprintf(id, sizeof(id), "%012d", number);
    snprintf(reason, sizeof(reason), "not authorized: %012d", number);
    log_event(LOG_ERROR, "account failed", FIELD("account_id", id), FIELD("stage", stage),
              FIELD("code", code), FIELD("reason", reason));
}

static void test_the_same_is_counted(void **state)
{
    struct scene *s = *state;
    for (int i = 1; i <= 477; i++)
        fail_account(i, "AssumeRole", "AccessDenied");
    fail_account(500, "ListUsers", "AccessDenied");
    fail_account(501, "AssumeRole", "ExpiredToken");
    fail_account(502, "AssumeRole", "ExpiredToken");
    log_event(LOG_WARN, "account failed", FIELD("account_id", "000000000503"));
    repeats_write(&s->repeats);
    assert_string_equal(
        s->lines,
        "ERROR account failed account_id=000000000001 stage=AssumeRole code=AccessDenied "
        "reason=\"not authorized: 000000000001\"\n"
        "ERROR account failed account_id=000000000500 stage=ListUsers code=AccessDenied "
        "reason=\"not authorized: 000000000500\"\n"
        "ERROR account failed account_id=000000000501 stage=AssumeRole code=ExpiredToken "
        "reason=\"not authorized: 000000000501\"\n"
        "WARN  account failed account_id=000000000503\n"
        "ERROR 476 more: account failed, stage AssumeRole, code AccessDenied (000000000002, "
        "000000000003, ... 474 more)\n"
        "ERROR 1 more: account failed, stage AssumeRole, code ExpiredToken (000000000502)\n");
    /* They are forgotten then. */
    s->lines[0] = '\0';
    repeats_write(&s->repeats);
    assert_string_equal(s->lines, "");
}

/* Whatever the causes, it is a screen. */
static void test_many_causes(void **state)
{
    struct scene *s = *state;
    size_t lines = 0;
    for (int i = 1; i <= 10000; i++) {
        char code[16];
        snprintf(code, sizeof(code), "Code%d", i % 500);
        fail_account(i, "AssumeRole", code);
    }
    repeats_write(&s->repeats);
    for (const char *c = s->lines; *c; c++)
        lines += *c == '\n';
    assert_int_equal(lines, 2 * REPEATS_KINDS + 1);
    assert_non_null(strstr(s->lines, "19 more: account failed, stage AssumeRole, code Code1 ("));
    assert_non_null(strstr(s->lines, "9840 more events of 192 other kinds"));
}

/* Others' events, and those about no account, are written as they come. */
static void test_what_is_not_counted(void **state)
{
    struct scene *s = *state;
    log_configure(LOG_INFO, LOG_TEXT, NULL);
    for (int i = 0; i < 2; i++) {
        log_event(LOG_INFO, "role assumed", FIELD("account_id", "111111111111"));
        log_event(LOG_WARN, "no account", FIELD("code", "x"));
        log_event(LOG_WARN, "a number", FIELD_NUMBER("account_id", 5));
    }
    repeats_write(&s->repeats);
    assert_string_equal(s->lines, "INFO  role assumed account_id=111111111111\n"
                                  "WARN  no account code=x\n"
                                  "WARN  a number account_id=5\n"
                                  "INFO  role assumed account_id=111111111111\n"
                                  "WARN  no account code=x\n"
                                  "WARN  a number account_id=5\n");
}

static void test_level_error_alone(void **state)
{
    struct scene *s = *state;
    log_configure(LOG_ERROR, LOG_TEXT, NULL);
    for (int i = 1; i <= 1000; i++) {
        char code[16];
        snprintf(code, sizeof(code), "Code%d", i % 20);
        fail_account(i, "AssumeRole", code);
        log_event(LOG_WARN, "account partial", FIELD("account_id", "111111111111"));
    }
    repeats_write(&s->repeats);
    assert_null(strstr(s->lines, "WARN"));
    assert_non_null(strstr(s->lines, "49 more: account failed"));
}

/* ---- the groups ---- */

static void test_groups(void **state)
{
    struct account_groups groups = {0};
    struct buffer out;
    (void)state;
    account_groups_add(&groups, "b", VIEW_LITERAL("222222222222"), "why");
    account_groups_add(&groups, "a", VIEW_LITERAL("111111111111"), "");
    account_groups_add(&groups, "b", VIEW_LITERAL("333333333333"), "why not");
    for (int i = 0; i < 4; i++)
        account_groups_add(&groups, "c", VIEW_LITERAL("444444444444"), "");
    account_groups_add(&groups, "d", VIEW_LITERAL("000000000000"), "");
    account_groups_sort(&groups);
    assert_int_equal(groups.count, 4);
    assert_string_equal(groups.items[0].shared, "c");
    assert_string_equal(groups.items[1].shared, "b");
    assert_string_equal(groups.items[1].detail, "why");
    assert_string_equal(groups.items[2].shared, "d");
    assert_string_equal(groups.items[3].shared, "a");
    buffer_init(&out, 1024);
    account_group_write_ids(&groups.items[0], 0, &out);
    buffer_add_char(&out, '|');
    account_group_write_ids(&groups.items[1], 0, &out);
    buffer_add_char(&out, '|');
    account_group_write_ids(&groups.items[1], 1, &out);
    assert_string_equal(buffer_text(&out), "444444444444, 444444444444, ... 2 more|"
                                           "222222222222, 333333333333|333333333333");
    buffer_release(&out);
    account_groups_release(&groups);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_same_is_counted), TEST(test_many_causes), TEST(test_what_is_not_counted),
        TEST(test_level_error_alone),   TEST(test_groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
