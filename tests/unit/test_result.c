/* SPDX-License-Identifier: MIT */
/* The result document: its fields, its order, and that it is JSON whatever the errors say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/document.h"
#include "app/result.h"
#include "app/summary.h"
#include "base/alloc.h"
#include "census/facts.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define STARTED_S 1706693400 /* 2024-01-31T09:30:00Z */

struct scene {
    struct result result;
    struct buffer text;
};

static int scene_begin(void **state)
{
    static struct scene s;
    result_init(&s.result, STARTED_S, "0123456789abcdef0123456789abcdef");
    buffer_init(&s.text, (size_t)64 * 1024 * 1024);
    *state = &s;
    return 0;
}

static int scene_end(void **state)
{
    struct scene *s = *state;
    result_release(&s->result);
    buffer_release(&s->text);
    return 0;
}

static struct account account_of(const char *id)
{
    struct account a = {.report_at_s = TIMESTAMP_NONE};
    snprintf(a.id, sizeof(a.id), "%s", id);
    return a;
}

static void add_good(struct scene *s, const char *id)
{
    const struct account a = account_of(id);
    result_add(&s->result, &a);
}

static void add_partial(struct scene *s, const char *id, struct call_failure *failures,
                        fact_set facts)
{
    struct account a = account_of(id);
    a.outcome = OUTCOME_PARTIAL;
    a.partial = facts;
    a.failures = failures;
    result_add(&s->result, &a);
}

static void add_failed(struct scene *s, const char *id, const char *stage, const char *code,
                       const char *text)
{
    struct account a = account_of(id);
    a.outcome = OUTCOME_FAILED;
    a.failed_stage = stage;
    error_set(&a.failed, ERROR_SERVICE, "%s", text);
    snprintf(a.failed.code, sizeof(a.failed.code), "%s", code);
    result_add(&s->result, &a);
}

static json_t *document(struct scene *s, bool brief)
{
    json_error_t where;
    buffer_clear(&s->text);
    document_write(&s->result, brief ? DOCUMENT_BRIEF : DOCUMENT_FULL, &s->text);
    json_t *root = json_loadb(buffer_text(&s->text), s->text.len, JSON_REJECT_DUPLICATES, &where);
    if (!root)
        fail_msg("%s at %d: %s", where.text, where.position, buffer_text(&s->text));
    return root;
}

static const char *text_at(const json_t *list, size_t i, const char *key)
{
    return json_string_value(json_object_get(json_array_get(list, i), key));
}

static void test_empty(void **state)
{
    struct scene *s = *state;
    buffer_clear(&s->text);
    document_write(&s->result, DOCUMENT_FULL, &s->text);
    assert_string_equal(
        buffer_text(&s->text),
        "{\"message\":\"Processing completed successfully. Successfully processed accounts: 0. "
        "Partially processed accounts: 0. Failed to process accounts: 0.\","
        "\"run_id\":\"0123456789abcdef0123456789abcdef\",\"started_at\":\"2024-01-31T09:30:00Z\","
        "\"duration_ms\":0,\"output\":null,\"rows\":0,\"users_with_second_active_key\":0,"
        "\"successful_accounts\":[],\"partial_accounts\":[],\"failed_accounts\":[],"
        "\"api_calls\":0,\"retries\":0,\"throttled\":0,\"oldest_report_at\":null,"
        "\"skipped_accounts\":[],\"users_gone\":0,\"users_with_password_age_from_creation\":0}");
}

static void fill(struct scene *s)
{
    static struct call_failure failures[2] = {
        {NULL, "ListGroupsForUser", {"AccessDenied", 12}, {"not \"allowed\"", 13}, 12},
        {NULL, "ListUserTags", {"Throttling", 10}, {"Rate exceeded", 13}, 1},
    };
    failures[0].next = &failures[1];
    add_good(s, "111111111111");
    add_partial(s, "222222222222", failures, FACT_BIT(FACT_GROUPS) | FACT_BIT(FACT_TAGS));
    add_good(s, "333333333333");
    add_failed(s, "444444444444", "AssumeRole", "AccessDenied", "no\nway");
    add_partial(s, "555555555555", NULL, FACT_BIT(FACT_ALIAS));
    add_failed(s, "666666666666", "Deadline", "", "out of time");
    s->result.output = xstrdup("s3://bucket/key");
    s->result.rows = 420;
    s->result.duration_ms = 812;
    s->result.counters = (struct aws_counters){1234, 3, 2};
}

static void test_whole(void **state)
{
    struct scene *s = *state;
    fill(s);
    json_t *root = document(s, false);
    assert_string_equal(json_string_value(json_object_get(root, "message")),
                        "Processing completed successfully. Successfully processed accounts: 2. "
                        "Partially processed accounts: 2. Failed to process accounts: 2.");
    assert_string_equal(json_string_value(json_object_get(root, "output")), "s3://bucket/key");
    assert_int_equal(json_integer_value(json_object_get(root, "rows")), 420);
    assert_int_equal(json_integer_value(json_object_get(root, "duration_ms")), 812);
    assert_int_equal(json_integer_value(json_object_get(root, "api_calls")), 1234);
    assert_int_equal(json_integer_value(json_object_get(root, "retries")), 3);
    assert_int_equal(json_integer_value(json_object_get(root, "throttled")), 2);
    const json_t *good = json_object_get(root, "successful_accounts");
    assert_int_equal(json_array_size(good), 2);
    assert_string_equal(json_string_value(json_array_get(good, 1)), "333333333333");
    json_decref(root);
}

static void test_partial_accounts(void **state)
{
    struct scene *s = *state;
    fill(s);
    json_t *root = document(s, false);
    const json_t *partial = json_object_get(root, "partial_accounts");
    assert_int_equal(json_array_size(partial), 2);
    char *first = json_dumps(json_array_get(partial, 0), JSON_COMPACT);
    assert_string_equal(first,
                        "{\"account_id\":\"222222222222\",\"unknown\":[\"Tags\",\"Groups\"],"
                        "\"errors\":[{\"operation\":\"ListGroupsForUser\",\"code\":"
                        "\"AccessDenied\",\"message\":\"not \\\"allowed\\\"\",\"count\":12},"
                        "{\"operation\":\"ListUserTags\",\"code\":\"Throttling\",\"message\":"
                        "\"Rate exceeded\",\"count\":1}]}");
    free(first);
    assert_string_equal(text_at(partial, 1, "account_id"), "555555555555");
    json_decref(root);
}

static void test_failed_accounts(void **state)
{
    struct scene *s = *state;
    fill(s);
    json_t *root = document(s, false);
    const json_t *failed = json_object_get(root, "failed_accounts");
    assert_int_equal(json_array_size(failed), 2);
    assert_string_equal(text_at(failed, 0, "account_id"), "444444444444");
    assert_string_equal(text_at(failed, 0, "stage"), "AssumeRole");
    assert_string_equal(text_at(failed, 0, "code"), "AccessDenied");
    assert_string_equal(text_at(failed, 0, "message"), "no way");
    assert_string_equal(text_at(failed, 1, "stage"), "Deadline");
    assert_true(json_string_length(json_object_get(json_array_get(failed, 1), "code")) > 0);
    json_decref(root);
    /* The first of them is named if no account was read at all. */
    assert_non_null(
        strstr(s->result.first_failure.ptr, "account 444444444444, AssumeRole: no way"));
    assert_non_null(strstr(s->result.first_failure.ptr, "; does the role exist there, does it"));
}

/* Brief, the ids of all stay. */
static void test_brief(void **state)
{
    struct scene *s = *state;
    fill(s);
    json_t *root = document(s, true);
    const json_t *partial = json_object_get(root, "partial_accounts");
    const json_t *failed = json_object_get(root, "failed_accounts");
    assert_int_equal(json_array_size(partial), 2);
    assert_int_equal(json_array_size(failed), 2);
    assert_int_equal(json_object_size(json_array_get(partial, 0)), 1);
    assert_string_equal(text_at(partial, 1, "account_id"), "555555555555");
    assert_int_equal(json_object_size(json_array_get(failed, 0)), 1);
    assert_string_equal(text_at(failed, 1, "account_id"), "666666666666");
    assert_int_equal(json_array_size(json_object_get(root, "successful_accounts")), 2);
    json_decref(root);
}

static void test_oldest_report(void **state)
{
    struct scene *s = *state;
    static const int64_t ages_s[] = {100, 300, 200};
    for (size_t i = 0; i < 3; i++) {
        struct account a = account_of("111111111111");
        a.report_at_s = STARTED_S - ages_s[i];
        a.outcome = i == 1 ? OUTCOME_PARTIAL : OUTCOME_SUCCEEDED;
        result_add(&s->result, &a);
    }
    /* A report of an account that failed was not used. */
    struct account a = account_of("222222222222");
    a.outcome = OUTCOME_FAILED;
    a.failed_stage = "ListUsers";
    a.report_at_s = STARTED_S - 9000;
    result_add(&s->result, &a);
    add_good(s, "333333333333");
    json_t *root = document(s, false);
    assert_string_equal(json_string_value(json_object_get(root, "oldest_report_at")),
                        "2024-01-31T09:25:00Z");
    json_decref(root);
}

/* What is counted of users: those of accounts that failed have no rows. */
static void test_users_counted(void **state)
{
    struct scene *s = *state;
    struct user from_creation = {.has_password = true, .password_age_from_creation = true};
    struct user other = {.has_password = true};
    struct user *users[] = {&from_creation, &other, &from_creation};
    struct account a = account_of("111111111111");
    a.users = users;
    a.user_count = 3;
    a.users_gone = 2;
    result_add(&s->result, &a);
    a.outcome = OUTCOME_PARTIAL;
    a.user_count = 1;
    a.users_gone = 1;
    result_add(&s->result, &a);
    json_t *root = document(s, false);
    assert_int_equal(json_integer_value(json_object_get(root, "users_gone")), 3);
    assert_int_equal(
        json_integer_value(json_object_get(root, "users_with_password_age_from_creation")), 3);
    json_decref(root);
}

static void test_skipped_accounts(void **state)
{
    struct scene *s = *state;
    result_add_skipped(
        &s->result,
        &(const struct skipped_account){.id = "111111111111", .state = VIEW_LITERAL("SUSPENDED")},
        1);
    result_add_skipped(&s->result,
                       &(const struct skipped_account){
                           .id = "222222222222", .state = VIEW_LITERAL("a \"state\" to come")},
                       1);
    for (int brief = 0; brief < 2; brief++) {
        json_t *root = document(s, brief);
        char *skipped = json_dumps(json_object_get(root, "skipped_accounts"), JSON_COMPACT);
        assert_string_equal(skipped,
                            "[{\"account_id\":\"111111111111\",\"state\":\"SUSPENDED\"},"
                            "{\"account_id\":\"222222222222\",\"state\":\"a \\\"state\\\" to "
                            "come\"}]");
        free(skipped);
        json_decref(root);
    }
}

/* The documents of two batches and the plan's list: every account and user is counted once. */
static void test_merged(void **state)
{
    struct scene *s = *state;
    struct error e;
    fill(s);
    s->result.users_gone = 2;
    s->result.ages_from_creation = 5;
    json_decref(document(s, false));
    struct result merged;
    result_init(&merged, STARTED_S, "all");
    assert_int_equal(document_merge(&merged, buffer_view(&s->text), &e), 0);
    assert_int_equal(document_merge(&merged, buffer_view(&s->text), &e), 0);
    assert_int_equal(
        document_merge_skipped(
            &merged, VIEW_LITERAL("[{\"account_id\":\"777777777777\",\"state\":\"CLOSED\"}]"), &e),
        0);
    assert_int_equal(merged.users_gone, 4);
    assert_int_equal(merged.ages_from_creation, 10);
    assert_int_equal(merged.successful.count, 4);
    assert_int_equal(merged.skipped.count, 1);
    buffer_clear(&s->text);
    document_write_skipped(&merged, &s->text);
    assert_string_equal(buffer_text(&s->text),
                        "[{\"account_id\":\"777777777777\",\"state\":\"CLOSED\"}]");
    assert_int_equal(document_merge_skipped(&merged, VIEW_LITERAL("{}"), &e), -1);
    assert_int_equal(document_merge_skipped(&merged, VIEW_LITERAL("[{"), &e), -1);
    assert_int_equal(e.kind, ERROR_PROTOCOL);
    result_release(&merged);
}

static void test_every_fact_has_a_name(void **state)
{
    struct scene *s = *state;
    for (size_t fact = 0; fact < FACT_COUNT; fact++)
        add_partial(s, "111111111111", NULL, FACT_BIT(fact));
    json_t *root = document(s, false);
    const json_t *partial = json_object_get(root, "partial_accounts");
    for (size_t fact = 0; fact < FACT_COUNT; fact++) {
        const json_t *names = json_object_get(json_array_get(partial, fact), "unknown");
        if (fact != FACT_MANAGEMENT) /* no output shows it, and no call can fail to tell it */
            assert_true(json_array_size(names) > 0);
        if (fact == FACT_ROOT_MFA_KIND || fact == FACT_PASSWORD_POLICY) /* of the accounts file */
            assert_string_equal(json_string_value(json_array_get(names, 0)),
                                fact == FACT_PASSWORD_POLICY ? "PasswordPolicy" : "RootMFAKind");
    }
    json_decref(root);
}

static void test_many(void **state)
{
    struct scene *s = *state;
    char id[16];
    for (int i = 0; i < 30000; i++) {
        snprintf(id, sizeof(id), "%012d", i);
        if (i % 3 == 0)
            add_good(s, id);
        else if (i % 3 == 1)
            add_partial(s, id, NULL, FACT_BIT(FACT_TAGS));
        else
            add_failed(s, id, "AssumeRole", "AccessDenied", "no");
    }
    json_t *root = document(s, false);
    assert_int_equal(json_array_size(json_object_get(root, "successful_accounts")), 10000);
    assert_int_equal(json_array_size(json_object_get(root, "partial_accounts")), 10000);
    assert_int_equal(json_array_size(json_object_get(root, "failed_accounts")), 10000);
    json_decref(root);
}

/* ---- for people ---- */

static void test_summary(void **state)
{
    struct scene *s = *state;
    struct buffer out;
    fill(s);
    json_decref(document(s, false));
    buffer_init(&out, 65536);
    summary_write(&s->result, true, false, &out);
    assert_string_equal(
        buffer_text(&out),
        "420 users of 6 accounts: 2 complete, 2 partial, 2 failed\n"
        "failed:\n"
        "  1 at AssumeRole: AccessDenied (444444444444)\n"
        "    no way\n"
        "    does the role exist there, does it trust the caller, and is its external id given "
        "(--external-id)?\n"
        "  1 at Deadline: Service (666666666666)\n"
        "    out of time\n"
        "partial:\n"
        "  1 with Tags, Groups unknown since ListGroupsForUser: AccessDenied, ListUserTags: "
        "Throttling (222222222222)\n"
        "    not \"allowed\"\n"
        "  1 with AccountAlias unknown (555555555555)\n"
        "0.8 s, 1234 calls, 3 retries, 2 throttled\n"
        "written to s3://bucket/key\n");
    buffer_release(&out);
}

/* What a reader of the rows has to know beside them. */
static void test_summary_of_what_was_found(void **state)
{
    struct scene *s = *state;
    struct buffer out;
    add_good(s, "111111111111");
    s->result.rows = 3;
    s->result.second_keys = 1;
    s->result.ages_from_creation = 2;
    s->result.users_gone = 4;
    s->result.oldest_report_s = STARTED_S - 3 * 3600 - 59;
    result_add_skipped(
        &s->result,
        &(const struct skipped_account){.id = "222222222222", .state = VIEW_LITERAL("SUSPENDED")},
        1);
    result_add_further(&s->result, "accounts_file", "accounts file", "a\x1b.csv");
    json_t *root = document(s, false);
    assert_string_equal(json_string_value(json_object_get(root, "accounts_file")), "a\x1b.csv");
    json_decref(root);
    buffer_init(&out, 65536);
    summary_write(&s->result, true, false, &out);
    assert_string_equal(
        buffer_text(&out),
        "3 users of 1 account: 1 complete, 0 partial, 0 failed\n"
        "1 account left out, not ACTIVE (--json has each)\n"
        "1 user has a second active key: --columns extended shows it\n"
        "2 users: PasswordAge counts from when the password was first made\n"
        "4 users deleted while being read, without a row\n"
        "oldest credential report used: 2024-01-31T06:29:01Z, 3 h 0 min before the start\n"
        "0.0 s, 0 calls, 0 retries, 0 throttled\n"
        "written to \n"
        "accounts file: a\\x1b.csv\n");
    buffer_release(&out);
}

static void test_summary_is_short(void **state)
{
    struct scene *s = *state;
    struct buffer out;
    for (int i = 0; i < 100; i++)
        add_failed(s, "111111111111", "AssumeRole", "AccessDenied", "no");
    json_decref(document(s, false));
    buffer_init(&out, 65536);
    summary_write(&s->result, true, false, &out);
    size_t lines = 0;
    for (const char *at = buffer_text(&out); *at; at++)
        lines += *at == '\n';
    assert_int_equal(lines, 1 + 1 + 3 + 2);
    assert_non_null(strstr(buffer_text(&out), "  100 at AssumeRole: AccessDenied (111111111111, "
                                              "111111111111, ... 98 more)\n    no\n    does"));
    buffer_release(&out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_empty),
        TEST(test_whole),
        TEST(test_partial_accounts),
        TEST(test_failed_accounts),
        TEST(test_brief),
        TEST(test_oldest_report),
        TEST(test_users_counted),
        TEST(test_skipped_accounts),
        TEST(test_merged),
        TEST(test_every_fact_has_a_name),
        TEST(test_many),
        TEST(test_summary),
        TEST(test_summary_of_what_was_found),
        TEST(test_summary_is_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
