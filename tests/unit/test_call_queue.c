/* SPDX-License-Identifier: MIT */
/* Many calls: bounds, order, room, and giving up in every state. */
#include "call_scene.h"

static void release(struct call_scene *s, size_t which)
{
    wire_reply(s->w->requests[which].peer, 200, "", "fine");
}

/* ---- bounds and order ---- */

static void test_bounded(void **state)
{
    struct call_scene *s = *state;
    s->answer = answer_never;
    for (size_t i = 0; i < 20; i++)
        call_start(s, i);
    wire_await(s->w, 4);
    wire_pass(s->w, 100);
    assert_int_equal(s->w->count, 4);
    assert_int_equal(aws_client_room(s->w->client), 4 - 4 - 16);
    for (size_t i = 0; i < 20; i++) {
        release(s, i);
        wire_run(s->w, &s->callers[i].over);
        wire_await(s->w, i + 5 < 20 ? i + 5 : 20);
        /* In the order of starting. */
        assert_int_equal(caller_of(&s->w->requests[i]), 'a' + (int)i);
    }
    assert_int_equal(s->w->most_open, 4);
    assert_string_equal(s->log, "abcdefghijklmnopqrst");
    assert_int_equal(aws_client_room(s->w->client), 4);
    /* No more connections than that were made. */
    assert_true(s->w->peer_count <= 4);
}

static void test_urgent_first(void **state)
{
    struct call_scene *s = *state;
    s->answer = answer_never;
    for (size_t i = 0; i < 6; i++)
        call_start(s, i);
    wire_await(s->w, 4);
    s->request.target.urgent = true;
    call_start(s, 6);
    call_start(s, 7);
    wire_pass(s->w, 50);
    s->answer = answer_ok;
    release(s, 0);
    wire_run(s->w, &s->callers[5].over);
    assert_string_equal(s->log, "aghef");
}

/* An urgent one takes a slot like any other: none is taken from those under way. */
static void test_urgent_is_bounded_too(void **state)
{
    struct call_scene *s = *state;
    s->answer = answer_never;
    s->request.target.urgent = true;
    for (size_t i = 0; i < 10; i++)
        call_start(s, i);
    wire_pass(s->w, 100);
    assert_int_equal(s->w->count, 4);
}

/* One that waits for its next attempt leaves its slot to others. */
static void answer_first_fails(struct call_scene *s, struct wire_request *r)
{
    (void)s;
    if (caller_of(r) == 'a')
        answer_error(r, 503, "Retry-After: 50\r\n", "ServiceUnavailable x");
    else
        wire_reply(r->peer, 200, "", "fine");
}

static void test_back_off_leaves_the_slot(void **state)
{
    struct call_scene *s = *state;
    s->answer = answer_first_fails;
    for (size_t i = 0; i < 12; i++)
        call_start(s, i);
    wire_run(s->w, &s->callers[11].over);
    wire_pass(s->w, 100);
    assert_false(s->callers[0].over);
    assert_int_equal(s->callers[0].call.state, CALL_BACKING_OFF);
    assert_int_equal(aws_client_room(s->w->client), 4);
    assert_int_equal(strlen(s->log), 11);
}

/* ---- room ---- */

static void on_room(void *arg)
{
    struct call_scene *s = arg;
    s->rooms++;
}

static void test_room_is_told(void **state)
{
    struct call_scene *s = *state;
    aws_client_on_room(s->w->client, on_room, s);
    assert_int_equal(aws_client_room(s->w->client), 4);
    for (size_t i = 0; i < 8; i++)
        call_start(s, i);
    wire_run(s->w, &s->callers[7].over);
    wire_pass(s->w, 10);
    assert_in_range(s->rooms, 1, 8);
    int before = s->rooms;
    s->answer = answer_never;
    call_start(s, 0);
    wire_pass(s->w, 50);
    assert_int_equal(s->rooms, before);
    aws_call_cancel(&s->callers[0].call);
    assert_int_equal(s->rooms, before); /* from the loop only */
    wire_pass(s->w, 10);
    assert_int_equal(s->rooms, before + 1);
}

/* ---- giving up, state by state ---- */

static void assert_cancelled(struct call_scene *s, size_t which, size_t requests)
{
    struct caller *c = &s->callers[which];
    aws_call_cancel(&c->call);
    assert_int_equal(c->call.state, CALL_IDLE);
    aws_call_cancel(&c->call);
    wire_pass(s->w, 3000);
    assert_int_equal(c->calls, 0);
    assert_int_equal(s->w->count, requests);
    assert_int_equal(aws_client_room(s->w->client), 4);
}

static void test_cancel_waiting_for_credentials(void **state)
{
    struct call_scene *s = *state;
    s->keys.delay_ms = 500;
    call_start(s, 0);
    assert_int_equal(s->callers[0].call.state, CALL_WAITING_CREDENTIALS);
    assert_cancelled(s, 0, 0);
    assert_fine(call_run(s));
    assert_int_equal(s->keys.starts, 1);
}

static void test_cancel_waiting_for_rate(void **state)
{
    struct call_scene *s = *state;
    assert_fine(call_run(s));
    s->request.target.rate = &s->rate;
    call_scene_slow_down(s, &s->rate);
    call_start(s, 1);
    call_start(s, 2);
    assert_int_equal(s->callers[1].call.state, CALL_WAITING_RATE);
    aws_call_cancel(&s->callers[1].call);
    wire_run(s->w, &s->callers[2].over);
    assert_fine(&s->callers[2]);
    call_start(s, 3);
    assert_int_equal(s->callers[3].call.state, CALL_WAITING_RATE);
    assert_cancelled(s, 3, 2);
    assert_int_equal(s->callers[1].calls, 0);
}

static void test_cancel_ready(void **state)
{
    struct call_scene *s = *state;
    s->answer = answer_never;
    for (size_t i = 0; i < 8; i++)
        call_start(s, i);
    wire_await(s->w, 4);
    for (size_t i = 4; i < 8; i++)
        assert_int_equal(s->callers[i].call.state, CALL_READY);
    aws_call_cancel(&s->callers[5].call); /* in between */
    aws_call_cancel(&s->callers[7].call); /* the last */
    aws_call_cancel(&s->callers[4].call); /* the first */
    call_start(s, 8);
    assert_int_equal(aws_client_room(s->w->client), -2);
    s->answer = answer_ok;
    for (size_t i = 0; i < 4; i++)
        release(s, i);
    wire_run(s->w, &s->callers[8].over);
    wire_pass(s->w, 50);
    assert_int_equal(strlen(s->log), 6);
    assert_non_null(strstr(s->log, "gi"));
    assert_int_equal(s->callers[4].calls + s->callers[5].calls + s->callers[7].calls, 0);
    assert_int_equal(aws_client_room(s->w->client), 4);
}

static void test_cancel_in_flight(void **state)
{
    struct call_scene *s = *state;
    s->answer = answer_never;
    call_start(s, 0);
    wire_await(s->w, 1);
    assert_int_equal(s->callers[0].call.state, CALL_IN_FLIGHT);
    assert_cancelled(s, 0, 1);
    /* Before anything has gone out. */
    call_start(s, 0);
    assert_int_equal(s->callers[0].call.state, CALL_IN_FLIGHT);
    assert_cancelled(s, 0, 1);
}

/* In the middle of the answer's body. */
static void test_cancel_half_answered(void **state)
{
    struct call_scene *s = *state;
    s->answer = answer_never;
    call_start(s, 0);
    wire_await(s->w, 1);
    struct wire_peer *p = s->w->requests[0].peer;
    buffer_add_text(&p->out, "HTTP/1.1 200 X\r\nContent-Length: 900\r\n\r\nhalf");
    wire_flush(p);
    wire_pass(s->w, 50);
    assert_string_equal(buffer_text(&s->callers[0].text), "half");
    assert_cancelled(s, 0, 1);
    assert_true(p->watch.fd < 0); /* such a connection is of no more use */
}

/* The slot of one that is given up goes to the next in line. */
static void test_cancel_frees_the_slot(void **state)
{
    struct call_scene *s = *state;
    s->answer = answer_never;
    for (size_t i = 0; i < 5; i++)
        call_start(s, i);
    wire_await(s->w, 4);
    aws_call_cancel(&s->callers[2].call);
    wire_await(s->w, 5);
    assert_int_equal(caller_of(&s->w->requests[4]), 'e');
}

/* Nothing is sent for calls that are given up together with those before them. */
static void test_cancel_all(void **state)
{
    struct call_scene *s = *state;
    s->answer = answer_never;
    for (size_t i = 0; i < 8; i++)
        call_start(s, i);
    wire_await(s->w, 4);
    for (size_t i = 0; i < 7; i++)
        aws_call_cancel(&s->callers[i].call);
    wire_await(s->w, 5);
    assert_int_equal(caller_of(&s->w->requests[4]), 'h');
    assert_int_equal(aws_client_counters(s->w->client)->requests, 5);
    assert_int_equal(s->callers[6].calls, 0);
}

static void answer_fails(struct call_scene *s, struct wire_request *r)
{
    (void)s;
    answer_error(r, 503, "Retry-After: 1\r\n", "SlowDown x");
}

static void test_cancel_backing_off(void **state)
{
    struct call_scene *s = *state;
    s->answer = answer_fails;
    call_start(s, 0);
    wire_await(s->w, 1);
    wire_pass(s->w, 50);
    assert_int_equal(s->callers[0].call.state, CALL_BACKING_OFF);
    assert_cancelled(s, 0, 1);
}

/* ---- from a callback ---- */

static void cancel_others(struct caller *c)
{
    for (size_t i = 0; i < CALLERS_MAX; i++)
        if (&c->scene->callers[i] != c && c->scene->callers[i].call.client)
            aws_call_cancel(&c->scene->callers[i].call);
}

/* One call's end takes all others with it: those under way, in line, and in back-off. */
static void test_cancel_from_a_callback(void **state)
{
    struct call_scene *s = *state;
    s->answer = answer_first_fails; /* 'a' backs off */
    call_start(s, 0);
    wire_await(s->w, 1);
    wire_pass(s->w, 50);
    assert_int_equal(s->callers[0].call.state, CALL_BACKING_OFF);
    s->answer = answer_never;
    for (size_t i = 1; i < 10; i++)
        call_start(s, i);
    s->callers[1].then = cancel_others;
    wire_await(s->w, 5);
    release(s, 1);
    wire_run(s->w, &s->callers[1].over);
    wire_pass(s->w, 60000);
    assert_string_equal(s->log, "b");
    assert_int_equal(aws_client_room(s->w->client), 4);
}

static void start_again(struct caller *c)
{
    c->then = NULL;
    aws_call_start(&c->call, &c->scene->request, caller_done, c);
}

static void test_start_again_from_the_callback(void **state)
{
    struct call_scene *s = *state;
    s->callers[0].then = start_again;
    call_start(s, 0);
    wire_await(s->w, 2);
    wire_pass(s->w, 50);
    assert_int_equal(s->callers[0].calls, 2);
    assert_string_equal(s->log, "aa");
}

/* A call whose credentials fail ends in a callback that gives up the others that wait for them. */
static void test_cancel_among_those_who_wait(void **state)
{
    struct call_scene *s = *state;
    s->keys.delay_ms = 100;
    error_set(&s->keys.error, ERROR_CREDENTIALS, "lost");
    for (size_t i = 0; i < 5; i++)
        call_start(s, i);
    s->callers[0].then = cancel_others;
    wire_run(s->w, &s->callers[0].over);
    wire_pass(s->w, 500);
    assert_string_equal(s->log, "a");
}

/* ---- rate ---- */

/* Each account has its own pace: one that is slowed down does not slow the others. */
static void test_one_pace_does_not_slow_another(void **state)
{
    struct call_scene *s = *state;
    struct rate slow;
    assert_fine(call_run(s));
    rate_init(&slow, s->w->loop);
    call_scene_slow_down(s, &slow);
    s->request.target.rate = &slow;
    for (size_t i = 1; i < 9; i++)
        call_start(s, i);
    s->request.target.rate = &s->rate;
    for (size_t i = 9; i < 20; i++)
        call_start(s, i);
    wire_run(s->w, &s->callers[19].over);
    size_t others = 0;
    for (size_t i = 9; i < 20; i++)
        others += s->callers[i].over;
    assert_true(others >= 8);
    assert_false(s->callers[2].over);
    for (size_t i = 1; i < 9; i++)
        aws_call_cancel(&s->callers[i].call);
    rate_release(&slow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_bounded),
        TEST(test_urgent_first),
        TEST(test_urgent_is_bounded_too),
        TEST(test_back_off_leaves_the_slot),
        TEST(test_room_is_told),
        TEST(test_cancel_waiting_for_credentials),
        TEST(test_cancel_waiting_for_rate),
        TEST(test_cancel_ready),
        TEST(test_cancel_in_flight),
        TEST(test_cancel_half_answered),
        TEST(test_cancel_all),
        TEST(test_cancel_frees_the_slot),
        TEST(test_cancel_backing_off),
        TEST(test_cancel_from_a_callback),
        TEST(test_start_again_from_the_callback),
        TEST(test_cancel_among_those_who_wait),
        TEST(test_one_pace_does_not_slow_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
