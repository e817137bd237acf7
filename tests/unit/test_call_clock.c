/* SPDX-License-Identifier: MIT */
/* One call and the clock: ours, and those of the services. */
#include "call_scene.h"

/* What a service does that looks at its own clock, which is right. */
static void answer_by_time(struct call_scene *s, struct wire_request *r)
{
    char signed_at[1024], right[32], date[64];
    struct tm parts;
    time_t now = (time_t)(WIRE_NOON_S + s->w->now_ms / 1000);
    gmtime_r(&now, &parts);
    strftime(right, sizeof(right), "%Y%m%dT%H%M", &parts);
    wire_date_line(now, date);
    wire_header(r->head, "X-Amz-Date", signed_at);
    if (strncmp(signed_at, right, strlen(right)) == 0)
        wire_reply(r->peer, 200, date, "fine");
    else if (s->w->step == 0)
        answer_error(r, 403, date, "SignatureDoesNotMatch Signature expired: x");
    else
        answer_error(r, 403, date, "RequestTimeTooSkewed x");
}

static void test_clock_is_off(void **state)
{
    struct call_scene *s = *state;
    s->answer = answer_by_time;
    s->w->wall_off_ms = -7200000;
    assert_fine(call_run(s));
    assert_counters(s, 2, 1, 0);
    assert_in_range(service_now_s(s), WIRE_NOON_S, WIRE_NOON_S + 60);
    /* From then on right at once. */
    assert_fine(call_run(s));
    assert_counters(s, 3, 1, 0);
    /* The system sets its clock right meanwhile: found out in the same way. */
    s->w->wall_off_ms = 0;
    s->w->step = 1;
    assert_fine(call_run(s));
    assert_counters(s, 5, 2, 0);
}

static void test_clock_is_right(void **state)
{
    struct call_scene *s = *state;
    char date[64];
    static struct line line;
    wire_date_line(WIRE_NOON_S + 200, date);
    line = (struct line){403, date, "RequestTimeTooSkewed x"};
    script = &line;
    script_len = 1;
    s->answer = answer_script;
    const struct caller *c = call_run(s);
    assert_true(error_is_code(&c->error, "RequestTimeTooSkewed"));
    assert_int_equal(s->w->count, 1);
    /* Without a date there is nothing to set it by. */
    line.headers = "";
    call_run(s);
    line.headers = "Date: yesterday\r\n";
    call_run(s);
    assert_int_equal(s->w->count, 3);
    assert_in_range(service_now_s(s), WIRE_NOON_S, WIRE_NOON_S + 60);
}

/* A service whose date is wrong itself: it is believed for two attempts of one call alone. */
static void test_clock_is_tried_twice(void **state)
{
    struct call_scene *s = *state;
    PLAY(s, {403, "Date: Wed, 31 Jan 2024 15:00:00 GMT\r\n", "RequestExpired x"},
         {403, "Date: Wed, 31 Jan 2024 19:00:00 GMT\r\n", "RequestExpired x"});
    const struct caller *c = call_run(s);
    assert_true(error_is_code(&c->error, "RequestExpired"));
    assert_int_equal(s->w->count, 3);
    assert_in_range(service_now_s(s), WIRE_NOON_S, WIRE_NOON_S + 60);
}

/* The second answer disagrees with the first, and is the one that is right. */
static void test_clock_second_answer_decides(void **state)
{
    struct call_scene *s = *state;
    char signed_at[1024], right[1024];
    static char headers[64];
    PLAY(s, {403, "Date: Wed, 31 Jan 2024 19:00:00 GMT\r\n", "RequestExpired x"},
         {403, headers, "RequestExpired x"}, FINE);
    wire_date_line(WIRE_NOON_S, headers);
    assert_fine(call_run(s));
    assert_counters(s, 3, 2, 0);
    wire_header(s->w->requests[1].head, "X-Amz-Date", signed_at);
    assert_true(strncmp(signed_at, "20240131T19", 11) == 0);
    wire_header(s->w->requests[2].head, "X-Amz-Date", right);
    assert_true(strncmp(right, "20240131T1200", 13) == 0);
    assert_in_range(service_now_s(s), WIRE_NOON_S, WIRE_NOON_S + 60);
}

/* A Date that no clock is off by: nobody's clock is moved, not even for the call itself. */
static void test_clock_beyond_belief(void **state)
{
    struct call_scene *s = *state;
    PLAY(s, {403, "Date: Thu, 01 Jan 2099 00:00:00 GMT\r\n", "RequestTimeTooSkewed x"});
    const struct caller *c = call_run(s);
    assert_true(error_is_code(&c->error, "RequestTimeTooSkewed"));
    assert_int_equal(s->w->count, 1);
    assert_in_range(service_now_s(s), WIRE_NOON_S, WIRE_NOON_S + 60);
}

/* One call's refusals, three hours ahead, while the others' answers are right. */
static void answer_one_liar(struct call_scene *s, struct wire_request *r)
{
    (void)s;
    char signed_at[1024], date[64];
    wire_header(r->head, "X-Amz-Date", signed_at);
    wire_date_line(WIRE_NOON_S + (caller_of(r) == 'a' ? 10800 : 0), date);
    if (caller_of(r) == 'a')
        answer_error(r, 403, date, "RequestTimeTooSkewed x");
    else if (strncmp(signed_at, "20240131T12", 11) == 0)
        wire_reply(r->peer, 200, date, "fine");
    else
        fail_msg("signed at %s", signed_at);
}

static void test_clock_of_the_others(void **state)
{
    struct call_scene *s = *state;
    s->answer = answer_one_liar;
    for (size_t i = 0; i < 20; i++)
        call_start(s, i);
    for (size_t i = 0; i < 20; i++)
        if (!s->callers[i].over)
            wire_run(s->w, &s->callers[i].over);
    assert_true(error_is_code(&s->callers[0].error, "RequestTimeTooSkewed"));
    for (size_t i = 1; i < 20; i++)
        assert_fine(&s->callers[i]);
    assert_int_equal(*aws_client_skew_s(s->w->client, &s->w->endpoint), 0);
}

/* What one host's clock shows says nothing of another's. */
static void test_clock_of_another_host(void **state)
{
    struct call_scene *s = *state;
    struct endpoint other = s->w->endpoint;
    s->answer = answer_by_time;
    s->w->wall_off_ms = -7200000;
    assert_fine(call_run(s));
    assert_int_equal(*aws_client_skew_s(s->w->client, &s->w->endpoint), 7200);
    snprintf(other.host, sizeof(other.host), "other.test");
    assert_int_equal(*aws_client_skew_s(s->w->client, &other), 0);
}

/* How far AWS's clock is ahead, after one answer whose Date is 'off_s' from our time. */
static int64_t ahead_after(int64_t off_s, int64_t answer_after_ms)
{
    struct call_scene *s = call_scene_new(4);
    char date[64];
    wire_date_line(WIRE_NOON_S + s->w->now_ms / 1000 + off_s, date);
    s->answer = answer_never;
    const struct caller *c = call_start(s, 0);
    wire_await(s->w, 1);
    assert_int_equal(aws_client_ahead_s(s->w->client), 0);
    wire_pass(s->w, answer_after_ms);
    wire_reply(s->w->requests[0].peer, 200, date, "fine");
    wire_run(s->w, &c->over);
    assert_fine(c);
    int64_t ahead_s = aws_client_ahead_s(s->w->client);
    call_scene_free(s);
    return ahead_s;
}

static void test_clock_ahead(void **state)
{
    (void)state;
    assert_int_equal(ahead_after(0, 0), 0);
    assert_int_equal(ahead_after(58, 0), 0);
    assert_int_equal(ahead_after(-59, 0), 0);
    assert_in_range(ahead_after(75, 0), 73, 76);
    assert_int_equal(ahead_after(-90, 0), -90);
    /* An answer that took long was made at any time since. */
    assert_int_equal(ahead_after(50, 50000), 0);
    assert_in_range(ahead_after(200, 50000), 148, 151);
    /* Accepted, and yet hours off: that Date is wrong. */
    assert_int_equal(ahead_after(10800, 0), 0);
}

/* The first answer that was accepted counts: neither the refusal before it nor what comes later. */
static void test_clock_ahead_of_the_first(void **state)
{
    struct call_scene *s = *state;
    s->answer = answer_by_time;
    s->w->wall_off_ms = -7200000;
    assert_fine(call_run(s));
    assert_int_equal(aws_client_ahead_s(s->w->client), 7200);
    s->w->wall_off_ms = 0;
    assert_fine(call_run(s));
    assert_int_equal(aws_client_ahead_s(s->w->client), 7200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_clock_is_off),
        TEST(test_clock_is_right),
        TEST(test_clock_is_tried_twice),
        TEST(test_clock_second_answer_decides),
        TEST(test_clock_beyond_belief),
        TEST(test_clock_of_the_others),
        TEST(test_clock_of_another_host),
        cmocka_unit_test(test_clock_ahead),
        TEST(test_clock_ahead_of_the_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
