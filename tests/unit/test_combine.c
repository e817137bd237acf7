/* SPDX-License-Identifier: MIT */
/* The step that puts the batches together: what it asks of S3, in which order, and what is left. */
#include "app_scene.h"

#include "app/fanout/fanout.h"

#define WORK   "iam/work/r1/"
#define OUTPUT "iam/out.csv"

static const char batches[] =
    "[{\"batch\":0,\"accounts\":[{\"id\":\"111111111111\",\"name\":null}],"
    "\"part_key\":\"" WORK "part-000000.csv\",\"result_key\":\"" WORK "result-000000.json\"},"
    "{\"batch\":1,\"accounts\":[{\"id\":\"222222222222\",\"name\":null}],"
    "\"part_key\":\"" WORK "part-000001.csv\",\"result_key\":\"" WORK "result-000001.json\"}]";

static const char one_good[] =
    "{\"rows\":2,\"successful_accounts\":[\"111111111111\"],\"partial_accounts\":[],"
    "\"failed_accounts\":[]}";

static struct step *start(struct app_scene *s)
{
    struct error e;
    const struct step_kind *kind;
    json_t *event = json_loads("{\"action\":\"combine\",\"run\":{\"run_id\":\"r1\",\"organization_"
                               "id\":\"o-1\",\"output_key\":\"" OUTPUT "\",\"started_at\":"
                               "\"2024-01-31T12:00:00Z\"}}",
                               0, NULL);
    app_configure(s);
    assert_int_equal(fanout_find(event, &kind, &e), 0);
    struct step *step = step_start(kind, &s->platform, &s->config, event, 0, app_on_done, s);
    json_decref(event);
    return step;
}

static void test_order(void **state)
{
    struct app_scene *s = *state;
    app_put(s, WORK "batches.json", batches);
    app_put(s, WORK "result-000000.json", one_good);
    app_put(s, WORK "part-000000.csv", "a\nb\n");
    struct step *step = start(s);
    app_run(s);
    assert_null(step_error(step));
    assert_string_equal(buffer_text(&s->log), "GET " WORK "result.json\n"
                                              "GET " WORK "batches.json\n"
                                              "GET " WORK "skipped.json\n"
                                              "GET " WORK "result-000000.json\n"
                                              "GET " WORK "part-000000.csv\n"
                                              "GET " WORK "result-000001.json\n"
                                              "PUT " OUTPUT "\n"
                                              "PUT iam/out.result.json\n"
                                              "PUT " WORK "result.json\n"
                                              "DELETE " WORK "part-000000.csv\n"
                                              "DELETE " WORK "result-000000.json\n"
                                              "DELETE " WORK "part-000001.csv\n"
                                              "DELETE " WORK "result-000001.json\n"
                                              "DELETE " WORK "skipped.json\n"
                                              "DELETE " WORK "batches.json\n");
    const char *rows = app_object(s, OUTPUT);
    assert_memory_equal(rows, "AccountID,", 10);
    assert_string_equal(strchr(rows, '\n'), "\na\nb\n");
    const struct result *result = step_result(step);
    assert_int_equal(result->rows, 2);
    assert_string_equal(result->output, "s3://bucket/" OUTPUT);
    assert_int_equal(result->failed.count, 1);
    assert_string_equal(app_object(s, WORK "result.json"), buffer_text(step_answer(step)));
    step_free(step);
}

/*
 * With an accounts file: its parts are put together too; the accounts of a batch that left nothing
 * have a row, in their order, between those that were left out.
 */
static void test_accounts_file(void **state)
{
    static const char planned[] =
        "[{\"batch\":0,\"accounts\":[{\"id\":\"111111111111\",\"name\":null}],\"skipped\":[],"
        "\"part_key\":\"" WORK "part-000000.csv\",\"result_key\":\"" WORK "result-000000.json\"},"
        "{\"batch\":1,\"accounts\":[{\"id\":\"222222222222\",\"name\":\"lost\"}],"
        "\"skipped\":[{\"id\":\"200000000000\",\"state\":\"SUSPENDED\"},"
        "{\"id\":\"300000000000\",\"state\":\"CLOSED\"}],"
        "\"part_key\":\"" WORK "part-000001.csv\",\"result_key\":\"" WORK "result-000001.json\"}]";
    struct app_scene *s = *state;
    app_set(s, SETTING_ACCOUNTS_FILE, "true");
    app_put(s, WORK "batches.json", planned);
    app_put(s, WORK "result-000000.json", one_good);
    app_put(s, WORK "part-000000.csv", "a\nb\n");
    app_put(s, WORK "part-000000.accounts.csv", "111111111111,\r\n");
    struct step *step = start(s);
    app_run(s);
    assert_null(step_error(step));
    const char *rows = app_object(s, "iam/out.accounts.csv");
    assert_memory_equal(rows, "AccountID,", 10);
    const char *first = strstr(rows, "\r\n111111111111,\r\n");
    const char *second = strstr(rows, "\r\n200000000000,");
    const char *third = strstr(rows, "\r\n222222222222,lost,");
    const char *fourth = strstr(rows, "\r\n300000000000,");
    assert_true(first && first < second && second < third && third < fourth);
    assert_non_null(strstr(third, "failed,Interrupted,BatchFailed,"));
    assert_string_equal(strchr(app_object(s, OUTPUT), '\n'), "\na\nb\n");
    assert_null(app_object(s, WORK "part-000000.accounts.csv"));
    step_free(step);
}

/* Nobody could be read: nothing appears, and the batches stay for another try. */
static void test_nobody_could_be_read(void **state)
{
    struct app_scene *s = *state;
    app_put(s, WORK "batches.json", batches);
    struct step *step = start(s);
    app_run(s);
    assert_string_equal(step_error(step)->text,
                        "no account could be read; the first to fail was account 111111111111, "
                        "Interrupted: batch 0, which holds this account, left no result");
    assert_null(strstr(buffer_text(&s->log), "PUT"));
    assert_null(strstr(buffer_text(&s->log), "DELETE"));
    assert_null(step_result(step));
    step_free(step);
}

/* A step that comes again finds the answer of the one before, and removes what that one left. */
static void test_again(void **state)
{
    struct app_scene *s = *state;
    app_put(s, WORK "result.json", "{\"kept\":1}");
    app_put(s, WORK "batches.json", batches);
    app_put(s, WORK "part-000001.csv", "x");
    struct step *step = start(s);
    app_run(s);
    assert_null(step_error(step));
    assert_string_equal(buffer_text(step_answer(step)), "{\"kept\":1}");
    assert_null(step_result(step));
    assert_null(app_object(s, WORK "batches.json"));
    assert_null(app_object(s, WORK "part-000001.csv"));
    assert_non_null(app_object(s, WORK "result.json"));
    assert_null(strstr(buffer_text(&s->log), "PUT"));
    step_free(step);
}

static void test_a_result_that_is_none(void **state)
{
    struct app_scene *s = *state;
    app_put(s, WORK "batches.json", batches);
    app_put(s, WORK "result-000000.json", "{\"rows\":2}");
    struct step *step = start(s);
    app_run(s);
    assert_string_equal(step_error(step)->text, "a batch's result can't be read");
    assert_null(strstr(buffer_text(&s->log), "PUT"));
    step_free(step);
}

/* However far it was: no output, one call of 'done', never from within. */
static void test_abandoned(void **state)
{
    struct app_scene *s = *state;
    app_configure(s);
    app_put(s, WORK "batches.json", batches);
    app_put(s, WORK "result-000000.json", one_good);
    app_put(s, WORK "part-000000.csv", "a\nb\n");
    for (size_t requests = 0; requests < 6; requests++) {
        size_t before = s->w->count;
        config_release(&s->config);
        struct step *step = start(s);
        while (s->w->count < before + requests)
            wire_pass(s->w, 4); /* enough for the loop to look at its descriptors */
        step_abandon(step);
        assert_int_equal(s->calls, 0);
        app_run(s);
        assert_true(step_finished(step));
        assert_string_equal(step_error(step)->text, "the step was given up: nothing was written");
        step_free(step);
        assert_null(app_object(s, OUTPUT));
    }
}

static void test_actions(void **state)
{
    static const struct {
        const char *event, *action;
    } cases[] = {{"{}", NULL},
                 {"{\"action\":null}", NULL},
                 {"{\"action\":\"census\"}", NULL},
                 {"{\"action\":\"plan\"}", "plan"},
                 {"{\"action\":\"collect_batch\"}", "collect_batch"},
                 {"{\"action\":\"combine\"}", "combine"}};
    struct error e;
    const struct step_kind *kind;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_t *event = json_loads(cases[i].event, 0, NULL);
        assert_int_equal(fanout_find(event, &kind, &e), 0);
        if (cases[i].action)
            assert_string_equal(kind->action, cases[i].action);
        else
            assert_null(kind);
        json_decref(event);
    }
    json_t *event = json_loads("{\"action\":\"Plan\"}", 0, NULL);
    assert_int_equal(fanout_find(event, &kind, &e), -1);
    assert_string_equal(e.text, "the event's 'action' is 'Plan': allowed are census, plan, "
                                "collect_batch, combine");
    json_decref(event);
}

/* A format that can't be put together from parts is refused before anything is asked. */
static void test_format_refused(void **state)
{
    static const struct writer_format whole = {.name = "whole"};
    struct app_scene *s = *state;
    struct step *step = start(s);
    s->config.format = &whole;
    app_run(s);
    assert_int_equal(step_error(step)->kind, ERROR_CONFIG);
    assert_non_null(strstr(step_error(step)->text, "can't write the format 'whole'"));
    assert_int_equal(s->w->count, 0);
    step_free(step);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, app_begin, app_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_order),          TEST(test_accounts_file),
        TEST(test_format_refused), TEST(test_nobody_could_be_read),
        TEST(test_again),          TEST(test_a_result_that_is_none),
        TEST(test_abandoned),      cmocka_unit_test(test_actions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
