/* SPDX-License-Identifier: MIT */
/* Getting a credential report: what IAM may say, how long is waited, and when it is given up. */
#include "wire_scene.h"

#include "aws/query.h"
#include "census/report_fetch.h"

#define MINUTE_MS 60000
#define LIMIT_MS  (10 * MINUTE_MS)

#define STATE(word)                                                                                \
    200, "<GenerateCredentialReportResponse><GenerateCredentialReportResult><State>" word          \
         "</State></GenerateCredentialReportResult></GenerateCredentialReportResponse>"
#define FAILED(status, code)                                                                       \
    status, "<ErrorResponse><Error><Type>Sender</Type><Code>" code                                 \
            "</Code><Message>says IAM</Message></Error></ErrorResponse>"
#define CONTENT(text, at)                                                                          \
    200, "<GetCredentialReportResponse><GetCredentialReportResult><Content>" text                  \
         "</Content><ReportFormat>text/csv</ReportFormat>" at                                      \
         "</GetCredentialReportResult></GetCredentialReportResponse>"
#define AT "<GeneratedTime>2024-01-31T09:30:00Z</GeneratedTime>"
/* The header and one user, ann. */
#define REPORT_TEXT                                                                                \
    "dXNlcix1c2VyX2NyZWF0aW9uX3RpbWUscGFzc3dvcmRfZW5hYmxlZCxwYXNzd29yZF9sYXN0X3VzZWQscGFzc3dv"     \
    "cmRfbGFzdF9jaGFuZ2VkLG1mYV9hY3RpdmUsYWNjZXNzX2tleV8xX2xhc3Rfcm90YXRlZCxhY2Nlc3Nfa2V5XzFf"     \
    "bGFzdF91c2VkX2RhdGUsYWNjZXNzX2tleV8xX2xhc3RfdXNlZF9yZWdpb24sYWNjZXNzX2tleV8xX2xhc3RfdXNl"     \
    "ZF9zZXJ2aWNlLGFjY2Vzc19rZXlfMl9sYXN0X3JvdGF0ZWQsYWNjZXNzX2tleV8yX2xhc3RfdXNlZF9kYXRlLGFj"     \
    "Y2Vzc19rZXlfMl9sYXN0X3VzZWRfcmVnaW9uLGFjY2Vzc19rZXlfMl9sYXN0X3VzZWRfc2VydmljZSxjZXJ0XzFf"     \
    "bGFzdF9yb3RhdGVkLGNlcnRfMl9sYXN0X3JvdGF0ZWQKYW5uLDIwMjAtMDEtMDJUMDM6MDQ6MDVaLHRydWUsTi9B"     \
    "LDIwMjMtMDItMDNUMDQ6MDU6MDZaLGZhbHNlLE4vQSxOL0EsTi9BLE4vQSxOL0EsTi9BLE4vQSxOL0EsTi9BLE4v"     \
    "QQ=="
#define REPORT CONTENT(REPORT_TEXT, AT)

struct answer {
    int status;
    const char *body;
};

struct scene {
    struct wire *w;
    struct wire_keys keys;
    struct credentials_cache cache;
    struct report_fetch fetch;
    const struct answer *generate, *get; /* in their order; the last one for ever */
    size_t generate_count, get_count;    /* that there are */
    size_t generated, got;               /* calls */
    bool asked, done;
    int asked_calls, done_calls;
};

static void scene_answer(struct wire *w, struct wire_request *r)
{
    struct scene *s = w->arg;
    char value[1024];
    bool generates = strcmp(wire_param(r->body, "Action", value), "GenerateCredentialReport") == 0;
    const struct answer *answers = generates ? s->generate : s->get;
    size_t count = generates ? s->generate_count : s->get_count;
    size_t number = generates ? s->generated++ : s->got++;
    const struct answer *a = &answers[number < count ? number : count - 1];
    if (!generates)
        assert_string_equal(value, "GetCredentialReport");
    wire_reply(r->peer, a->status, "", a->body);
}

static int scene_begin(void **state)
{
    struct scene *s = xcalloc(1, sizeof(*s));
    s->w = wire_new(scene_answer);
    s->w->arg = s;
    wire_client(s->w, 4);
    wire_keys_init(&s->keys, s->w);
    credentials_cache_init(&s->cache, s->w->loop, &s->keys.base);
    *state = s;
    return 0;
}

static int scene_end(void **state)
{
    struct scene *s = *state;
    report_fetch_release(&s->fetch);
    report_fetch_release(&s->fetch); /* harmless */
    credentials_cache_release(&s->cache);
    wire_free(s->w);
    free(s);
    return 0;
}

static void on_asked(void *arg)
{
    struct scene *s = arg;
    s->asked = true;
    s->asked_calls++;
}

static void on_done(void *arg)
{
    struct scene *s = arg;
    s->done = true;
    s->done_calls++;
}

#define ANSWERS(which, ...)                                                                        \
    do {                                                                                           \
        static const struct answer list[] = {__VA_ARGS__};                                         \
        s->which = list;                                                                           \
        s->which##_count = sizeof(list) / sizeof(list[0]);                                         \
    } while (0)

static void ask(struct scene *s)
{
    const struct aws_target target = {
        .client = s->w->client, .endpoint = &s->w->endpoint, .credentials = &s->cache};
    report_fetch_ask(&s->fetch, &target, LIMIT_MS, on_asked, on_done, s);
    assert_false(s->asked);
    wire_run(s->w, &s->asked);
    assert_int_equal(s->asked_calls, 1);
    assert_int_equal(s->got, 0); /* nothing is fetched before it is wanted */
}

/* Milliseconds until it is over. */
static int64_t get(struct scene *s)
{
    int64_t before_ms = s->w->now_ms;
    report_fetch_get(&s->fetch);
    assert_false(s->done);
    wire_run(s->w, &s->done);
    assert_int_equal(s->done_calls, 1);
    return s->w->now_ms - before_ms;
}

static int64_t ask_and_get(struct scene *s)
{
    ask(s);
    return get(s);
}

static void assert_ready(const struct scene *s)
{
    if (s->fetch.state != FETCH_READY)
        fail_msg("%s", s->fetch.error ? s->fetch.error->text : "neither ready nor failed");
    assert_null(s->fetch.error);
    assert_int_equal(s->fetch.report.generated_s, WIRE_NOON_S - 9000);
    assert_int_equal(s->fetch.report.count, 1);
    assert_true(view_is(s->fetch.report.lines[0].user, "ann"));
    assert_int_equal(s->asked_calls + s->done_calls, 2);
}

static void assert_failed(const struct scene *s, const char *operation, const char *code)
{
    assert_int_equal(s->fetch.state, FETCH_FAILED);
    assert_string_equal(s->fetch.operation, operation);
    assert_string_equal(error_code(s->fetch.error), code);
}

#define assert_between(value, low, high)                                                           \
    do {                                                                                           \
        long long is = (long long)(value);                                                         \
        if (is < (low) || is > (high))                                                             \
            fail_msg("%lld is not between %lld and %lld", is, (long long)(low),                    \
                     (long long)(high));                                                           \
    } while (0)

/* ---- well ---- */

static void test_there_already(void **state)
{
    struct scene *s = *state;
    ANSWERS(generate, {STATE("COMPLETE")});
    ANSWERS(get, {REPORT});
    assert_between(ask_and_get(s), 0, 200);
    assert_ready(s);
    assert_int_equal(s->w->count, 2);
}

static void test_that_takes_its_time(void **state)
{
    struct scene *s = *state;
    ANSWERS(generate, {STATE("STARTED")});
    ANSWERS(get, {FAILED(404, "ReportInProgress")}, {FAILED(404, "ReportInProgress")}, {REPORT});
    /* 250, 250 and 500 ms */
    assert_between(ask_and_get(s), 950, 1300);
    assert_ready(s);
    assert_int_equal(s->generated, 1);
    assert_int_equal(s->got, 3);
}

/* What passed since it was asked for counts: others were served meanwhile. */
static void test_that_was_asked_for_long_ago(void **state)
{
    struct scene *s = *state;
    ANSWERS(generate, {STATE("INPROGRESS")});
    ANSWERS(get, {REPORT});
    ask(s);
    wire_pass(s->w, 20 * MINUTE_MS);
    assert_int_equal(s->w->count, 1);
    assert_between(get(s), 0, 200);
    assert_ready(s);
}

static void test_that_is_gone(void **state)
{
    struct scene *s = *state;
    ANSWERS(generate, {STATE("COMPLETE")}, {STATE("STARTED")}, {STATE("STARTED")});
    ANSWERS(get, {FAILED(410, "ReportExpired")}, {FAILED(410, "ReportNotPresent")}, {REPORT});
    assert_between(ask_and_get(s), 1000, 6000);
    assert_ready(s);
    assert_int_equal(s->generated, 3);
    assert_int_equal(s->got, 3);
}

static void test_at_capacity(void **state)
{
    struct scene *s = *state;
    ANSWERS(generate, {FAILED(409, "LimitExceeded")}, {FAILED(409, "LimitExceeded")},
            {STATE("COMPLETE")});
    ANSWERS(get, {REPORT});
    /* Seconds, for it is about more than this account. */
    assert_between(ask_and_get(s), 3900, 4500);
    assert_ready(s);
    assert_int_equal(s->generated, 3);
    assert_int_equal(s->got, 1);
}

static void test_faults_that_pass(void **state)
{
    struct scene *s = *state;
    ANSWERS(generate, {FAILED(500, "ServiceFailure")}, {FAILED(400, "Throttling")},
            {STATE("COMPLETE")});
    ANSWERS(get, {200, "<html>"}, {FAILED(503, "ServiceUnavailable")}, {REPORT});
    ask_and_get(s);
    assert_ready(s);
    assert_int_equal(s->w->count, 6);
}

/* ---- never ---- */

/* Ten minutes, and no more calls than patience needs. */
static void never(struct scene *s, const char *operation, int64_t calls_most)
{
    int64_t took_ms = ask_and_get(s);
    assert_between(took_ms, LIMIT_MS - 11000, LIMIT_MS);
    assert_int_equal(s->fetch.state, FETCH_FAILED);
    assert_int_equal(s->fetch.error->kind, ERROR_TIMEOUT);
    assert_non_null(strstr(s->fetch.error->text, "not complete after 59"));
    if (operation)
        assert_string_equal(s->fetch.operation, operation);
    assert_between(s->w->count, 60, calls_most);
}

static void test_never_complete(void **state)
{
    struct scene *s = *state;
    ANSWERS(generate, {STATE("STARTED")});
    ANSWERS(get, {FAILED(404, "ReportInProgress")});
    never(s, "GetCredentialReport", 130);
    assert_int_equal(s->generated, 1);
}

static void test_never_room(void **state)
{
    struct scene *s = *state;
    ANSWERS(generate, {FAILED(409, "LimitExceeded")});
    ANSWERS(get, {REPORT});
    never(s, "GenerateCredentialReport", 130);
    assert_int_equal(s->got, 0);
}

static void test_complete_and_always_expired(void **state)
{
    struct scene *s = *state;
    ANSWERS(generate, {STATE("COMPLETE")});
    ANSWERS(get, {FAILED(410, "ReportExpired")});
    never(s, NULL, 260);
}

static void test_always_started_and_never_there(void **state)
{
    struct scene *s = *state;
    ANSWERS(generate, {STATE("STARTED")});
    ANSWERS(get, {FAILED(410, "ReportNotPresent")});
    never(s, NULL, 260);
}

/* ---- refused, or not understood ---- */

static void test_may_not_be_asked_for(void **state)
{
    struct scene *s = *state;
    ANSWERS(generate, {FAILED(403, "AccessDenied")});
    ANSWERS(get, {REPORT});
    ask(s);
    assert_failed(s, "GenerateCredentialReport", "AccessDenied");
    assert_int_equal(s->done_calls, 0);
    get(s); /* who waits all the same is told */
    assert_failed(s, "GenerateCredentialReport", "AccessDenied");
    assert_int_equal(s->w->count, 1);
}

static void test_may_not_be_fetched(void **state)
{
    struct scene *s = *state;
    ANSWERS(generate, {STATE("COMPLETE")});
    ANSWERS(get, {FAILED(403, "AccessDenied")});
    ask_and_get(s);
    assert_failed(s, "GetCredentialReport", "AccessDenied");
    assert_int_equal(s->w->count, 2);
}

static void test_refused_when_asked_for_again(void **state)
{
    struct scene *s = *state;
    ANSWERS(generate, {STATE("STARTED")}, {FAILED(403, "AccessDenied")});
    ANSWERS(get, {FAILED(410, "ReportExpired")});
    ask_and_get(s);
    assert_failed(s, "GenerateCredentialReport", "AccessDenied");
}

/* Made again like any malformed answer, and then given up. */
static void not_understood(struct scene *s)
{
    ANSWERS(generate, {STATE("COMPLETE")});
    ask_and_get(s);
    assert_failed(s, "GetCredentialReport", "MalformedResponse");
    assert_int_equal(s->generated, 1);
}

static void test_no_report_in_the_answer(void **state)
{
    struct scene *s = *state;
    ANSWERS(get, {CONTENT("", AT)});
    not_understood(s);
}

static void test_no_time_in_the_answer(void **state)
{
    struct scene *s = *state;
    ANSWERS(get, {CONTENT(REPORT_TEXT, "")});
    not_understood(s);
}

static void test_no_base64_in_the_answer(void **state)
{
    struct scene *s = *state;
    ANSWERS(get, {CONTENT("not*base64", AT)});
    not_understood(s);
}

static void test_another_table_in_the_answer(void **state)
{
    struct scene *s = *state;
    ANSWERS(get, {CONTENT("YSxiCjEsMgo=", AT)});
    not_understood(s);
    assert_non_null(strstr(s->fetch.error->text, "no column 'user'"));
}

static void test_no_state_in_the_answer(void **state)
{
    struct scene *s = *state;
    ANSWERS(generate, {STATE("")});
    ANSWERS(get, {REPORT});
    ask(s);
    assert_failed(s, "GenerateCredentialReport", "MalformedResponse");
}

/* A state that nobody has seen means wait, as any but COMPLETE. */
static void test_another_state(void **state)
{
    struct scene *s = *state;
    ANSWERS(generate, {STATE("PONDERING")});
    ANSWERS(get, {REPORT});
    assert_between(ask_and_get(s), 150, 400);
    assert_ready(s);
}

/* ---- given up from outside ---- */

static void test_released_at_any_moment(void **state)
{
    struct scene *s = *state;
    ANSWERS(generate, {STATE("STARTED")});
    ANSWERS(get, {FAILED(404, "ReportInProgress")});
    const struct aws_target target = {
        .client = s->w->client, .endpoint = &s->w->endpoint, .credentials = &s->cache};
    for (int64_t span_ms = 0; span_ms < 60; span_ms += 3) {
        report_fetch_ask(&s->fetch, &target, LIMIT_MS, on_asked, on_done, s);
        wire_pass(s->w, span_ms + 1);
        if (s->fetch.state == FETCH_ASKED) {
            report_fetch_get(&s->fetch);
            wire_pass(s->w, 200 + span_ms * 2);
        }
        report_fetch_release(&s->fetch);
        assert_int_equal(s->fetch.state, FETCH_IDLE);
    }
    size_t count = s->w->count;
    wire_pass(s->w, MINUTE_MS);
    assert_int_equal(s->w->count, count);
    assert_int_equal(s->done_calls, 0);
    assert_true(s->asked_calls > 0);
    assert_true(s->got > 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)
    const struct CMUnitTest tests[] = {
        TEST(test_there_already),
        TEST(test_that_takes_its_time),
        TEST(test_that_was_asked_for_long_ago),
        TEST(test_that_is_gone),
        TEST(test_at_capacity),
        TEST(test_faults_that_pass),
        TEST(test_never_complete),
        TEST(test_never_room),
        TEST(test_complete_and_always_expired),
        TEST(test_always_started_and_never_there),
        TEST(test_may_not_be_asked_for),
        TEST(test_may_not_be_fetched),
        TEST(test_refused_when_asked_for_again),
        TEST(test_no_report_in_the_answer),
        TEST(test_no_time_in_the_answer),
        TEST(test_no_base64_in_the_answer),
        TEST(test_another_table_in_the_answer),
        TEST(test_no_state_in_the_answer),
        TEST(test_another_state),
        TEST(test_released_at_any_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
