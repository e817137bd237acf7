/* SPDX-License-Identifier: MIT */
/*
 * One rate before a service (rate_scene.h): the limits it settles on, and the line of those who
 * wait. What it makes of other services, test_rate_model asks; what it makes of single answers,
 * test_pace.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rate_scene.h"

#include <stdio.h>

#define SETTLE_S  60
#define MEASURE_S 120

static int begin(void **state)
{
    static struct scene s;
    *state = &s;
    return scene_begin(&s, 99);
}

static int end(void **state)
{
    scene_end(*state);
    return 0;
}

static void assert_settles(struct scene *s, double rate, double burst, size_t callers,
                           double settle_s, double throttled_most)
{
    scene_serve(s, (struct service){.per_second = rate, .burst = burst});
    scene_call(s, callers, UINT64_MAX);
    const struct scene_counts first = scene_watch(s, settle_s), then = scene_watch(s, MEASURE_S);
    double first_served = (double)first.served / settle_s, served = (double)then.served / MEASURE_S;
    print_message("r=%.0f b=%.0f, %zu callers: first %.2f/s %.2f %% throttled; "
                  "then %.2f/s (%.3f r), %.2f %%\n",
                  rate, burst, callers, first_served, refused_share_of(first) * 100, served,
                  served / rate, refused_share_of(then) * 100);
    assert_true(served >= 0.93 * rate);
    assert_true(refused_share_of(then) < throttled_most);
    /* Also while it settles, the service is not hammered: no more refused than served. */
    assert_true(refused_share_of(first) < 0.5);
    assert_true(first_served > 0.5 * rate);
    /* No call is given up because the limit was looked for. */
    assert_int_equal(first.lost + then.lost, 0);
}

static void test_settles_20_40(void **state)
{
    assert_settles(*state, 20, 40, 32, SETTLE_S, 0.02);
}

static void test_settles_20_5(void **state)
{
    assert_settles(*state, 20, 5, 64, SETTLE_S, 0.02);
}

static void test_settles_5_10(void **state)
{
    assert_settles(*state, 5, 10, 32, SETTLE_S, 0.02);
}

static void test_settles_100_100(void **state)
{
    assert_settles(*state, 100, 100, 64, SETTLE_S, 0.02);
}

static void test_settles_500_500(void **state)
{
    assert_settles(*state, 500, 500, 64, SETTLE_S, 0.02);
}

/* At two calls a second each of them weighs: one refused in 30 is what the search costs. */
static void test_settles_2_2(void **state)
{
    assert_settles(*state, 2, 2, 16, 3 * SETTLE_S, 0.04);
}

/* Callers that cannot go faster than the service never notice it. */
static void test_slow_callers_are_not_held(void **state)
{
    struct scene *s = *state;
    scene_serve(s, (struct service){.per_second = 100, .burst = 10});
    scene_call(s, 2, UINT64_MAX);
    const struct scene_counts counts = scene_watch(s, 20);
    assert_int_equal(counts.refused, 0);
    assert_true(counts.served > 40 * 20);
    assert_false(s->rate.pace.limited);
}

/* The limit goes: the pace follows, and in the end there is none. */
static void test_recovers(void **state)
{
    struct scene *s = *state;
    scene_serve(s, (struct service){.per_second = 20, .burst = 40});
    scene_call(s, 32, UINT64_MAX);
    scene_pass(s, SETTLE_S);
    assert_true(s->rate.pace.limited);
    scene_serve(s, (struct service){.per_second = 0});
    unsigned until_100_s = 0;
    while (until_100_s < 120 && scene_watch(s, 1).served < 100)
        until_100_s++;
    print_message("100/s %u s after throttling ended\n", until_100_s);
    assert_true(until_100_s < 60);
    scene_pass(s, 60);
    assert_true(scene_watch(s, 5).served > 500 * 5);
    assert_false(s->rate.pace.limited);
}

/* A service that becomes slower is followed too. */
static void test_follows_downward(void **state)
{
    struct scene *s = *state;
    scene_serve(s, (struct service){.per_second = 100, .burst = 100});
    scene_call(s, 64, UINT64_MAX);
    scene_pass(s, SETTLE_S);
    scene_serve(s, (struct service){.per_second = 10, .burst = 10});
    scene_pass(s, SETTLE_S);
    const struct scene_counts counts = scene_watch(s, MEASURE_S);
    assert_true((double)counts.served >= 0.93 * 10 * MEASURE_S);
    assert_true(refused_share_of(counts) < 0.02);
}

/* However often it is asked to slow down, it goes on. */
static void test_never_stops(void **state)
{
    struct scene *s = *state;
    scene_serve(s, (struct service){.refused = 1});
    scene_call(s, 8, UINT64_MAX);
    scene_pass(s, 600);
    assert_true(s->rate.pace.limited);
    assert_true(s->rate.pace.per_second >= 0.5);
    assert_true(scene_watch(s, 60).refused >= 20);
}

/* A service whose quota is known is never asked slower than that, whatever it refuses. */
static void test_least(void **state)
{
    struct scene *s = *state;
    rate_set_least(&s->rate, 50);
    scene_serve(s, (struct service){.refused = 1});
    scene_call(s, 200, UINT64_MAX);
    scene_pass(s, 30);
    assert_true(s->rate.pace.limited);
    assert_true(s->rate.pace.per_second >= 50);
}

/* ---- the line ---- */

struct place {
    struct scene *scene;
    struct rate_waiter waiter;
    char letter;
    struct place *again, *leaves;
};

static void place_wait(struct scene *s, struct place *p, char letter);

static void on_turn(void *arg)
{
    struct place *p = arg;
    size_t len = strlen(p->scene->log);
    assert_true(len + 1 < sizeof(p->scene->log));
    p->scene->log[len] = p->letter;
    if (p->leaves)
        rate_leave(&p->scene->rate, &p->leaves->waiter);
    if (p->again)
        place_wait(p->scene, p->again, p->again->letter);
}

static void place_wait(struct scene *s, struct place *p, char letter)
{
    p->scene = s;
    p->letter = letter;
    rate_wait(&s->rate, &p->waiter, on_turn, p);
}

/* A limiter that lets about ten a second go. */
static void slow_down(struct scene *s)
{
    for (int i = 0; i < 19; i++)
        assert_true(rate_take(&s->rate));
    for (int i = 0; i < 9; i++)
        rate_served(&s->rate, loop_now_ms(s->loop));
    for (int i = 0; i < 10; i++)
        rate_throttled(&s->rate, loop_now_ms(s->loop));
    assert_true(s->rate.pace.per_second > 9 && s->rate.pace.per_second < 11);
}

static void test_line_is_in_order(void **state)
{
    struct scene *s = *state;
    struct place places[6] = {0};
    slow_down(s);
    for (size_t i = 0; i < 6; i++)
        place_wait(s, &places[i], (char)('a' + i));
    assert_string_equal(s->log, "");
    /* Nobody overtakes those in line, even if a token lies there. */
    scene_pass(s, 0.105);
    assert_false(rate_take(&s->rate));
    scene_pass(s, 5);
    assert_string_equal(s->log, "abcdef");
}

static void test_pace_of_the_line(void **state)
{
    struct scene *s = *state;
    struct place places[10] = {0};
    slow_down(s);
    for (size_t i = 0; i < 10; i++)
        place_wait(s, &places[i], (char)('a' + i));
    scene_pass(s, 0.55);
    assert_in_range(strlen(s->log), 4, 6);
    scene_pass(s, 0.5);
    assert_in_range(strlen(s->log), 9, 10);
}

static void test_leaving_the_line(void **state)
{
    struct scene *s = *state;
    struct place places[5] = {0};
    slow_down(s);
    for (size_t i = 0; i < 5; i++)
        place_wait(s, &places[i], (char)('a' + i));
    rate_leave(&s->rate, &places[0].waiter); /* the first */
    rate_leave(&s->rate, &places[2].waiter); /* one in between */
    rate_leave(&s->rate, &places[4].waiter); /* the last */
    rate_leave(&s->rate, &places[4].waiter);
    struct place late = {0};
    place_wait(s, &late, 'z');
    scene_pass(s, 3);
    assert_string_equal(s->log, "bdz");
    rate_leave(&s->rate, &late.waiter);
}

static void test_leaving_in_a_turn(void **state)
{
    struct scene *s = *state;
    struct place a = {0}, b = {0}, c = {0}, d = {0};
    slow_down(s);
    a.leaves = &b;
    c.again = &d;
    d.letter = 'd';
    place_wait(s, &a, 'a');
    place_wait(s, &b, 'b');
    place_wait(s, &c, 'c');
    scene_pass(s, 3);
    assert_string_equal(s->log, "acd");
}

static void test_all_leave(void **state)
{
    struct scene *s = *state;
    struct place a = {0}, b = {0};
    slow_down(s);
    place_wait(s, &a, 'a');
    place_wait(s, &b, 'b');
    rate_leave(&s->rate, &b.waiter);
    rate_leave(&s->rate, &a.waiter);
    assert_false(loop_timer_running(&s->rate.timer));
    scene_pass(s, 1);
    assert_string_equal(s->log, "");
    assert_true(rate_take(&s->rate));
}

static void test_release_drops_the_line(void **state)
{
    struct scene *s = *state;
    struct place a = {0}, b = {0};
    slow_down(s);
    place_wait(s, &a, 'a');
    place_wait(s, &b, 'b');
    rate_release(&s->rate);
    assert_false(loop_timer_running(&s->rate.timer));
    assert_false(a.waiter.waits);
    assert_false(b.waiter.waits);
    struct rate never = {0};
    rate_release(&never);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_settles_20_40),
        TEST(test_settles_20_5),
        TEST(test_settles_5_10),
        TEST(test_settles_100_100),
        TEST(test_settles_500_500),
        TEST(test_settles_2_2),
        TEST(test_slow_callers_are_not_held),
        TEST(test_recovers),
        TEST(test_follows_downward),
        TEST(test_never_stops),
        TEST(test_least),
        TEST(test_line_is_in_order),
        TEST(test_pace_of_the_line),
        TEST(test_leaving_the_line),
        TEST(test_leaving_in_a_turn),
        TEST(test_all_leave),
        TEST(test_release_drops_the_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
