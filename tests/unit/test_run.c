/* SPDX-License-Identifier: MIT */
/* One census from its config to its output: what is asked in which order, and how it ends. */
#include "app_scene.h"

#include "app/document.h"
#include "app/run.h"

static const struct census_account two[] = {{.id = "111111111111"}, {.id = "222222222222"}};

static struct run *start(struct app_scene *s, const struct run_options *options)
{
    app_configure(s);
    return run_start(&s->platform, &s->config, options, app_on_done, s);
}

/* The bucket is asked first; the output is put when all is read, and after it the result. */
static void test_order(void **state)
{
    struct app_scene *s = *state;
    const struct run_options options = {
        .started_s = WIRE_NOON_S, .accounts = two, .account_count = 1, .run_id = "r1"};
    const struct error *e;
    struct run *run = start(s, &options);
    assert_int_equal(s->w->count, 0);
    app_run(s);
    if (run_status(run, &e) != RUN_OK)
        fail_msg("%s", e->text);
    const char *log = buffer_text(&s->log);
    assert_ptr_equal(strstr(log, "HEAD \nAssumeRole\n"), log);
    assert_non_null(strstr(log, "\nListUsers\n"));
    const char *name = "iam/IAM_USER_TAGS_o-0123456789_combined_2024-01-31_12-00-00.csv";
    assert_non_null(app_object(s, name));
    assert_memory_equal(app_object(s, name), "AccountID,", 10);
    const char *end =
        "PUT iam/IAM_USER_TAGS_o-0123456789_combined_2024-01-31_12-00-00.csv\n"
        "PUT iam/IAM_USER_TAGS_o-0123456789_combined_2024-01-31_12-00-00.result.json\n";
    assert_string_equal(log + strlen(log) - strlen(end), end);
    const struct result *result = run_result(run);
    assert_memory_equal(result->output, "s3://bucket/iam/", 16);
    assert_int_equal(result->successful.count, 1);
    assert_string_equal(result->run_id, "r1");
    struct buffer document;
    buffer_init(&document, 16384);
    document_write(result, DOCUMENT_FULL, &document);
    assert_string_equal(
        app_object(s, "iam/IAM_USER_TAGS_o-0123456789_combined_2024-01-31_12-00-00.result.json"),
        buffer_text(&document));
    buffer_release(&document);
    run_free(run);
}

#define SUPPRESSIONS_KEY "rules/accepted.csv"

/* The suppressions of the bucket are read before any account, and count as those of a file do. */
static void test_suppressions_of_the_bucket(void **state)
{
    struct app_scene *s = *state;
    const struct run_options options = {
        .started_s = WIRE_NOON_S, .accounts = two, .account_count = 1, .run_id = "r1"};
    const struct error *e;
    app_put(s, SUPPRESSIONS_KEY,
            "rule,account,user,tag,expires,reason,ticket\n"
            "user-admin,,,,,nobody is one,\n");
    app_set(s, SETTING_FINDINGS, "true");
    app_set(s, SETTING_SUPPRESS_KEY, SUPPRESSIONS_KEY);
    struct run *run = start(s, &options);
    app_run(s);
    if (run_status(run, &e) != RUN_OK)
        fail_msg("%s", e->text);
    const char *log = buffer_text(&s->log);
    assert_ptr_equal(strstr(log, "HEAD \nGET " SUPPRESSIONS_KEY "\nAssumeRole\n"), log);
    const struct findings_tally *tally = &run_result(run)->findings;
    assert_true(tally->judged);
    assert_int_equal(tally->unmatched_count, 1);
    assert_int_equal(tally->unmatched[0], 2);
    run_free(run);
}

static void assert_suppressions_refused(struct app_scene *s, const char *text)
{
    const struct run_options options = {
        .started_s = WIRE_NOON_S, .accounts = two, .account_count = 1, .run_id = "r1"};
    const struct error *e;
    app_set(s, SETTING_FINDINGS, "true");
    app_set(s, SETTING_SUPPRESS_KEY, SUPPRESSIONS_KEY);
    struct run *run = start(s, &options);
    app_run(s);
    assert_int_equal(run_status(run, &e), RUN_CONFIG);
    if (!strstr(e->text, text))
        fail_msg("%s", e->text);
    assert_null(strstr(buffer_text(&s->log), "AssumeRole"));
    assert_null(strstr(buffer_text(&s->log), "PUT"));
    run_free(run);
}

static void test_suppressions_that_are_not_there(void **state)
{
    assert_suppressions_refused(*state, "'" SUPPRESSIONS_KEY "' can't be read");
}

static void test_suppressions_that_are_wrong(void **state)
{
    app_put(*state, SUPPRESSIONS_KEY,
            "rule,account,user,tag,expires,reason,ticket\n"
            "user-admin,,,,,,\n");
    assert_suppressions_refused(*state, "the object '" SUPPRESSIONS_KEY "'");
}

static void answer_without_results(struct wire *w, struct wire_request *r)
{
    if (strncmp(r->head, "PUT ", 4) == 0 && strstr(r->head, ".result.json"))
        wire_reply(r->peer, 403, "", "<Error><Code>AccessDenied</Code></Error>");
    else
        app_answer(w, r);
}

static void hold_results(struct wire *w, struct wire_request *r)
{
    if (strncmp(r->head, "PUT ", 4) != 0 || !strstr(r->head, ".result.json"))
        app_answer(w, r);
}

/* Nobody waits for it beyond the deadline. */
static void test_result_document_held(void **state)
{
    struct app_scene *s = *state;
    const struct run_options options = {
        .started_s = WIRE_NOON_S, .accounts = two, .account_count = 1};
    s->w->answer = hold_results;
    struct run *run = start(s, &options);
    int64_t deadline_ms = loop_now_ms(s->w->loop) + 20000;
    run_set_deadline(run, 20000);
    app_run(s);
    assert_true(loop_now_ms(s->w->loop) < deadline_ms);
    assert_int_equal(run_status(run, NULL), RUN_OK);
    assert_non_null(run_result(run)->output);
    run_free(run);
}

/* The output can't be taken back any more, and that is said. */
static void test_abandoned_at_the_result_document(void **state)
{
    struct app_scene *s = *state;
    const struct run_options options = {
        .started_s = WIRE_NOON_S, .accounts = two, .account_count = 1};
    const struct error *e;
    s->w->answer = hold_results;
    struct run *run = start(s, &options);
    while (!run_result(run)->output)
        wire_pass(s->w, 4);
    wire_pass(s->w, 4);
    assert_false(run_finished(run));
    run_abandon(run);
    app_run(s);
    assert_int_equal(run_status(run, &e), RUN_FAILED);
    assert_non_null(strstr(e->text, "was complete already and is kept"));
    run_free(run);
}

/* The output is there: the run went well, and a warning names the object that is not. */
static void test_result_document_refused(void **state)
{
    struct app_scene *s = *state;
    const struct run_options options = {
        .started_s = WIRE_NOON_S, .accounts = two, .account_count = 1};
    s->w->answer = answer_without_results;
    struct run *run = start(s, &options);
    app_run(s);
    assert_int_equal(run_status(run, NULL), RUN_OK);
    assert_non_null(run_result(run)->output);
    run_free(run);
}

static void test_nobody_could_be_read(void **state)
{
    struct app_scene *s = *state;
    const struct run_options options = {
        .started_s = WIRE_NOON_S, .accounts = two, .account_count = 1};
    const struct error *e;
    s->refused = "111111111111";
    struct run *run = start(s, &options);
    app_run(s);
    assert_int_equal(run_status(run, &e), RUN_FAILED);
    assert_non_null(strstr(e->text, "no account could be read; the first to fail was account "
                                    "111111111111, AssumeRole: "));
    assert_null(strstr(buffer_text(&s->log), "PUT"));
    assert_null(run_result(run)->output);
    run_free(run);
}

/* A part without rows is an output all the same: 'combine' looks for it. */
static void test_a_part_that_read_nobody(void **state)
{
    struct app_scene *s = *state;
    const struct run_options options = {.started_s = WIRE_NOON_S,
                                        .accounts = two,
                                        .account_count = 1,
                                        .key = "work/part-000000.csv",
                                        .part = true};
    s->refused = "111111111111";
    struct run *run = start(s, &options);
    app_run(s);
    assert_int_equal(run_status(run, NULL), RUN_OK);
    assert_string_equal(app_object(s, "work/part-000000.csv"), "");
    run_free(run);
}

static void test_one_of_two(void **state)
{
    struct app_scene *s = *state;
    const struct run_options options = {
        .started_s = WIRE_NOON_S, .accounts = two, .account_count = 2};
    s->refused = "111111111111";
    struct run *run = start(s, &options);
    app_run(s);
    assert_int_equal(run_status(run, NULL), RUN_OK);
    assert_int_equal(run_result(run)->successful.count, 1);
    assert_int_equal(run_result(run)->failed.count, 1);
    run_free(run);
}

/* A dry run whose accounts are given contacts nobody. */
static void test_dry(void **state)
{
    struct app_scene *s = *state;
    const struct run_options options = {.goal = RUN_DRY};
    size_t count;
    app_set(s, SETTING_ACCOUNTS, "111111111111,222222222222");
    struct run *run = start(s, &options);
    app_run(s);
    assert_int_equal(run_status(run, NULL), RUN_OK);
    run_accounts(run, &count);
    assert_int_equal(count, 2);
    assert_int_equal(s->w->count, 0);
    run_free(run);
}

/* A plan needs the time, which the caller's identity is asked for. */
static void test_plan(void **state)
{
    struct app_scene *s = *state;
    const struct run_options options = {.goal = RUN_PLAN};
    app_set(s, SETTING_ACCOUNTS, "111111111111");
    struct run *run = start(s, &options);
    app_run(s);
    assert_int_equal(run_status(run, NULL), RUN_OK);
    assert_string_equal(buffer_text(&s->log), "GetCallerIdentity\n");
    assert_string_equal(run_organization_id(run), "o-0123456789");
    run_free(run);
}

static void test_no_account_is_left(void **state)
{
    struct app_scene *s = *state;
    const struct run_options options = {.goal = RUN_DRY};
    const struct error *e;
    app_set(s, SETTING_ACCOUNTS, "111111111111");
    app_set(s, SETTING_EXCLUDE, "111111111111");
    struct run *run = start(s, &options);
    app_run(s);
    assert_int_equal(run_status(run, &e), RUN_CONFIG);
    assert_non_null(strstr(e->text, "there is no account to read"));
    run_free(run);
}

/* Whatever has begun by then, nothing is left, and 'done' is called from the loop, once. */
static void test_abandoned(void **state)
{
    struct app_scene *s = *state;
    const struct run_options options = {
        .started_s = WIRE_NOON_S, .accounts = two, .account_count = 2};
    const struct error *e;
    app_configure(s);
    for (size_t requests = 0; requests < 4; requests++) {
        size_t before = s->w->count;
        struct run *run = run_start(&s->platform, &s->config, &options, app_on_done, s);
        while (s->w->count < before + requests)
            wire_pass(s->w, 4); /* enough for the loop to look at its descriptors */
        assert_false(run_finished(run));
        run_abandon(run);
        assert_int_equal(s->calls, 0);
        app_run(s);
        assert_true(run_finished(run));
        assert_int_equal(run_status(run, &e), RUN_FAILED);
        assert_string_equal(e->text, "the run was given up: nothing was written");
        assert_false(run_unsettled(run, &(struct error){.kind = ERROR_NONE}));
        run_free(run);
    }
    assert_null(strstr(buffer_text(&s->log), "PUT"));
}

static void test_stopped_before_anything_is_read(void **state)
{
    struct app_scene *s = *state;
    const struct run_options options = {.accounts = two, .account_count = 2};
    const struct error *e;
    struct run *run = start(s, &options);
    run_stop(run, "Interrupted", "the run was interrupted");
    app_run(s);
    assert_int_equal(run_status(run, &e), RUN_FAILED);
    assert_string_equal(e->text, "the run was interrupted before any account was read");
    run_free(run);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, app_begin, app_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_order),
        TEST(test_suppressions_of_the_bucket),
        TEST(test_suppressions_that_are_not_there),
        TEST(test_suppressions_that_are_wrong),
        TEST(test_result_document_refused),
        TEST(test_result_document_held),
        TEST(test_abandoned_at_the_result_document),
        TEST(test_nobody_could_be_read),
        TEST(test_a_part_that_read_nobody),
        TEST(test_one_of_two),
        TEST(test_dry),
        TEST(test_plan),
        TEST(test_no_account_is_left),
        TEST(test_abandoned),
        TEST(test_stopped_before_anything_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
