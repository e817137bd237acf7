/* SPDX-License-Identifier: MIT */
/* Steps of the fan-out that go wrong: events that no plan has answered, and a bucket that refuses.
 */
#include "app_scene.h"

#include "app/fanout/fanout.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))
#define WORK       "iam/work/r1/"
#define OUTPUT     "iam/out.csv"
#define RUN                                                                                        \
    "\"run\":{\"run_id\":\"r1\",\"organization_id\":\"o-1\",\"output_key\":\"" OUTPUT "\","        \
    "\"started_at\":\"2024-01-31T12:00:00Z\"}"

static unsigned refused_request; /* its number, from 1; 0: none */
static char refused_method[16];

static void answer_or_refuse(struct wire *w, struct wire_request *r)
{
    if (refused_request == 0 || --refused_request > 0) {
        app_answer(w, r);
        return;
    }
    snprintf(refused_method, sizeof(refused_method), "%.*s", (int)strcspn(r->head, " "), r->head);
    wire_reply(r->peer, 403, "",
               "<Error><Code>AccessDenied</Code><Message>not you</Message></Error>");
}

static struct step *start(struct app_scene *s, const char *text)
{
    struct error e;
    const struct step_kind *kind;
    json_t *event = json_loads(text, 0, NULL);
    assert_non_null(event);
    app_configure(s);
    assert_int_equal(fanout_find(event, &kind, &e), 0);
    struct step *step = step_start(kind, &s->platform, &s->config, event, 0, app_on_done, s);
    json_decref(event);
    return step;
}

static const struct wrong {
    const char *event, *says;
} wrong[] = {
    {"{\"action\":\"plan\",\"batch_size\":0}", "'batch_size' must be a whole number from 1 to"},
    {"{\"action\":\"plan\",\"batch_size\":-1}", "'batch_size' must be"},
    {"{\"action\":\"plan\",\"batch_size\":1000000}", "'batch_size' must be"},
    {"{\"action\":\"plan\",\"batch_size\":\"5\"}", "'batch_size' must be"},
    {"{\"action\":\"plan\",\"batch_size\":1.5}", "'batch_size' must be"},
    {"{\"action\":\"plan\",\"run_id\":\"\"}", "'run_id' must be 1 to"},
    {"{\"action\":\"plan\",\"run_id\":\"../r1\"}", "'run_id' must be 1 to"},
    {"{\"action\":\"plan\",\"run_id\":"
     "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
     "'run_id' must be 1 to"},
    {"{\"action\":\"plan\",\"run_id\":7}", "'run_id' is not a string"},
    {"{\"action\":\"plan\",\"run_id\":null,\"started_at\":1700000000}",
     "'started_at' is not a string"},
    {"{\"action\":\"plan\",\"started_at\":\"yesterday\"}", "'started_at' is not a valid time"},
    {"{\"action\":\"combine\"}", "lacks 'run'"},
    {"{\"action\":\"combine\",\"run\":\"r1\"}", "lacks 'run'"},
    {"{\"action\":\"combine\",\"run\":{}}", "lacks 'run_id'"},
    {"{\"action\":\"combine\",\"run\":{\"run_id\":\"r1\"}}", "lacks 'organization_id'"},
    {"{\"action\":\"combine\",\"run\":{\"run_id\":\"r1\",\"organization_id\":\"o-1\"}}",
     "lacks 'output_key'"},
    {"{\"action\":\"combine\",\"run\":{\"run_id\":\"r1\",\"organization_id\":\"o-1\","
     "\"output_key\":\"k\"}}",
     "lacks 'started_at'"},
    {"{\"action\":\"combine\",\"run\":{\"run_id\":\"r1\",\"organization_id\":\"o-1\","
     "\"output_key\":\"k\",\"started_at\":\"x\"}}",
     "'run.started_at' is not a valid time: 'x'"},
    {"{\"action\":\"collect_batch\"}", "lacks 'run'"},
    {"{\"action\":\"collect_batch\"," RUN "}", "lacks 'part_key'"},
    {"{\"action\":\"collect_batch\"," RUN ",\"batch\":{\"part_key\":\"p\"}}", "'result_key'"},
    {"{\"action\":\"collect_batch\"," RUN ",\"batch\":{\"part_key\":\"p\",\"result_key\":\"r\"}}",
     "accounts"},
    {"{\"action\":\"collect_batch\"," RUN ",\"batch\":{\"part_key\":\"p\",\"result_key\":\"r\","
     "\"accounts\":[{\"id\":7}]}}",
     "accounts"},
};

/* Each is refused before anything is asked of anybody. */
static void test_wrong_events(void **state)
{
    struct app_scene *s = *state;
    for (const struct wrong *c = wrong; c < wrong + LEN(wrong); c++) {
        struct step *step = start(s, c->event);
        app_run(s);
        const struct error *e = step_error(step);
        if (!e || e->kind != ERROR_CONFIG || !strstr(e->text, c->says))
            fail_msg("%s: want '%s', got '%s'", c->event, c->says, e ? e->text : "no error");
        assert_int_equal(s->w->count, 0);
        step_free(step);
        config_release(&s->config);
        s->config = (struct config){0};
    }
}

static void test_actions_that_are_no_text(void **state)
{
    static const char *const events[] = {"{\"action\":7}", "{\"action\":[\"plan\"]}"};
    const struct step_kind *kind;
    struct error e;
    (void)state;
    for (size_t i = 0; i < LEN(events); i++) {
        json_t *event = json_loads(events[i], 0, NULL);
        assert_int_equal(fanout_find(event, &kind, &e), -1);
        assert_non_null(strstr(e.text, "'action' is not a string: allowed are census"));
        json_decref(event);
    }
}

static void fill_bucket(struct app_scene *s)
{
    for (size_t i = 0; i < APP_OBJECTS_MAX; i++)
        if (s->objects[i].key)
            app_delete(s, s->objects[i].key);
    app_put(
        s, WORK "batches.json",
        "[{\"batch\":0,\"accounts\":[{\"id\":\"111111111111\",\"name\":null}],"
        "\"part_key\":\"" WORK "part-000000.csv\",\"result_key\":\"" WORK "result-000000.json\"},"
        "{\"batch\":1,\"accounts\":[{\"id\":\"222222222222\",\"name\":null}],"
        "\"part_key\":\"" WORK "part-000001.csv\",\"result_key\":\"" WORK "result-000001.json\"}]");
    app_put(s, WORK "result-000000.json",
            "{\"rows\":2,\"successful_accounts\":[\"111111111111\"],\"partial_accounts\":[],"
            "\"failed_accounts\":[]}");
    app_put(s, WORK "part-000000.csv", "a\nb\n");
}

/*
 * The bucket refuses one request of 'combine', whichever it is: the step fails and says so, and
 * what is not complete is not there. Only what is left over may stay: it costs nothing but its
 * room.
 */
static void test_combine_is_refused(void **state)
{
    struct app_scene *s = *state;
    unsigned failures = 0, kept = 0;
    s->w->answer = answer_or_refuse;
    for (unsigned n = 1; n < 100; n++) {
        fill_bucket(s);
        refused_request = n;
        refused_method[0] = '\0';
        struct step *step = start(s, "{\"action\":\"combine\"," RUN "}");
        app_run(s);
        const struct error *e = step_error(step);
        bool was_refused = refused_method[0] != '\0';
        refused_request = 0;
        if (!was_refused || strcmp(refused_method, "DELETE") == 0) {
            assert_null(e);
            assert_non_null(app_object(s, OUTPUT));
            assert_non_null(app_object(s, WORK "result.json"));
            kept += was_refused;
        } else {
            if (!e || !strstr(e->text, "not you"))
                fail_msg("request %u, %s: %s", n, refused_method, e ? e->text : "no error");
            assert_null(app_object(s, WORK "result.json"));
            assert_non_null(app_object(s, WORK "batches.json")); /* it can be repeated */
            failures++;
        }
        step_free(step);
        config_release(&s->config);
        s->config = (struct config){0};
        if (!was_refused)
            break;
    }
    assert_int_equal(failures, 9);
    assert_int_equal(kept, 6);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, app_begin, app_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_wrong_events),
        cmocka_unit_test(test_actions_that_are_no_text),
        TEST(test_combine_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
