/* SPDX-License-Identifier: MIT */
/*
 * What a pace makes of single rounds: each rule of decision 0060 for itself. Time is a number here,
 * and each call is answered ten milliseconds after it is sent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/pace.h"

#include <stdio.h>

#define LATENCY_MS 10

struct run {
    struct pace pace;
    int64_t now_ms;
};

static int begin(void **state)
{
    static struct run r;
    r = (struct run){.now_ms = 5000};
    pace_init(&r.pace, 0.5);
    *state = &r;
    return 0;
}

/*
 * 'count' calls, evenly over 'span_ms', of which 'percent' are refused, evenly too. Ends early if
 * the pace changes: then a new round begins. Returns how many were answered.
 */
static unsigned play(struct run *r, unsigned count, unsigned percent, int64_t span_ms)
{
    bool limited = r->pace.limited;
    double per_second = r->pace.per_second;
    int64_t from_ms = r->now_ms;
    unsigned told = 0;
    for (unsigned i = 0; i < count; i++) {
        r->now_ms = from_ms + span_ms * (i + 1) / count;
        pace_sent(&r->pace, r->now_ms - LATENCY_MS);
        bool is_refused = (i + 1) * percent / 100 > told;
        told += is_refused;
        pace_answered(&r->pace, r->now_ms, r->now_ms - LATENCY_MS, is_refused);
        if (r->pace.limited != limited || r->pace.per_second != per_second)
            return i + 1;
    }
    return count;
}

/* One round at the pace that holds, if it lasts so long. */
static unsigned play_round(struct run *r, unsigned percent)
{
    double per_second = r->pace.per_second;
    unsigned count = per_second < 64 ? 64 : (unsigned)(per_second * 1.1) + 1;
    r->now_ms += LATENCY_MS;
    return play(r, count, percent, (int64_t)(count * 1000 / per_second) + 1);
}

/* A second and a little, unlimited. */
static void play_second(struct run *r, unsigned count, unsigned percent)
{
    play(r, count + count / 10, percent, 1100);
}

static void assert_pace(const struct run *r, double least, double most)
{
    if (!r->pace.limited || r->pace.per_second < least || r->pace.per_second > most)
        fail_msg("the pace is %s %.3f, and %.3f to %.3f was expected",
                 r->pace.limited ? "limited to" : "not limited, last", r->pace.per_second, least,
                 most);
}

/* A pace that has found its limit at about 100 calls a second, and begins to pass it. */
static void find_100(struct run *r)
{
    play_second(r, 125, 20);
    assert_pace(r, 85, 95);
    play_round(r, 0);
    assert_false(r->pace.trial);
    assert_pace(r, 90, 100);
    play_round(r, 0);
    assert_pace(r, 95, 102);
}

/* One in a hundred, second after second, is nothing to slow down for. */
static void test_a_few_are_nobodys_fault(void **state)
{
    struct run *r = *state;
    for (int i = 0; i < 20; i++)
        play_second(r, 200, 1);
    assert_false(r->pace.limited);
}

/* What begins to be refused within the first second is not yet measured. */
static void test_a_second_is_waited_for(void **state)
{
    struct run *r = *state;
    assert_int_equal(play(r, 500, 10, 900), 500);
    assert_false(r->pace.limited);
    assert_true(play(r, 500, 10, 900) < 100);
    assert_true(r->pace.limited);
    assert_true(r->pace.trial);
}

/* Few calls, but after a second too many of them refused: a whole round is not waited for. */
static void test_few_calls_are_heard(void **state)
{
    struct run *r = *state;
    assert_true(play(r, 30, 30, 2000) < 30);
    assert_true(r->pace.trial);
    assert_pace(r, 7, 14);
}

/* The less is refused, the less slower: that share and the margin of a tenth. */
static void test_the_loss_is_in_proportion(void **state)
{
    static const unsigned percent[] = {5, 10, 20, 40};
    for (size_t i = 0; i < sizeof(percent) / sizeof(percent[0]); i++) {
        begin(state);
        struct run *r = *state;
        play_second(r, 1000, percent[i]);
        double served = 10 * (100 - percent[i]);
        assert_pace(r, served * 0.9 * 0.98, served * 0.9 * 1.02);
    }
}

/* Nearly all refused at once: not even a second is waited for. */
static void test_most_refused_is_heard_at_once(void **state)
{
    struct run *r = *state;
    assert_int_equal(play(r, 16, 100, 16), 8);
    assert_true(r->pace.limited);
    assert_true(r->pace.searching);
    assert_pace(r, 0.5, 20);
}

/* Refused as much at a slower pace: back to where it was, and so much is expected from now on. */
static void test_noise_is_not_obeyed(void **state)
{
    struct run *r = *state;
    play_second(r, 1000, 10);
    double trial = r->pace.per_second;
    assert_int_equal(play_round(r, 10), 64);
    assert_true(r->pace.trial);
    assert_pace(r, trial * 0.7, trial * 0.9);
    assert_int_equal(play_round(r, 10), 64);
    assert_false(r->pace.limited);
    assert_true(r->pace.noise > 0.07 && r->pace.noise < 0.12);
    for (int i = 0; i < 3; i++)
        play_second(r, 1000, 10);
    assert_false(r->pace.limited);
}

/* The same for a pace that had a limit: it goes back to that. */
static void test_noise_beside_a_limit(void **state)
{
    struct run *r = *state;
    find_100(r);
    double before = r->pace.per_second;
    assert_true(play_round(r, 10) < 64);
    assert_pace(r, before * 0.7, before * 0.9);
    play_round(r, 10);
    assert_true(r->pace.trial);
    play_round(r, 10);
    assert_false(r->pace.trial);
    assert_pace(r, before, before);
}

/* Not refused at a slower pace: that was the limit. */
static void test_a_limit_is_found(void **state)
{
    struct run *r = *state;
    play_second(r, 125, 20);
    double trial = r->pace.per_second;
    assert_int_equal(play_round(r, 0), 64);
    assert_false(r->pace.trial);
    assert_true(r->pace.aim > trial * 1.1 && r->pace.aim < trial * 1.12);
    assert_true(r->pace.noise < 0.001);
}

/* A trial that is refused less than half as much as before is slowed down once more. */
static void test_a_limit_that_is_lower_still(void **state)
{
    struct run *r = *state;
    play_second(r, 200, 40);
    assert_true(play_round(r, 24) < 64);
    assert_true(r->pace.trial);
    double trial = r->pace.per_second;
    assert_int_equal(play_round(r, 8), 64);
    assert_true(r->pace.trial);
    assert_pace(r, trial * 0.8, trial * 0.86);
    play_round(r, 0);
    assert_false(r->pace.trial);
    assert_pace(r, trial * 0.8, trial * 0.95);
}

/* More than a quarter refused is never put up with, even if slowing down does not help. */
static void test_much_noise_is_obeyed(void **state)
{
    struct run *r = *state;
    play_second(r, 1000, 40);
    for (int i = 0; i < 8; i++) {
        double before = r->pace.per_second;
        play_round(r, 40);
        assert_true(r->pace.trial);
        assert_pace(r, before * 0.4, before * 0.7);
    }
}

/* Back to the limit by halves, then past it: 2 %, 3 %, 4.5 %... */
static void test_growth(void **state)
{
    struct run *r = *state;
    double steps[12], before;
    play_second(r, 125, 20);
    for (size_t i = 0; i < 12; i++) {
        before = r->pace.per_second;
        play_round(r, 0);
        steps[i] = r->pace.per_second / before;
    }
    assert_true(steps[0] > 1.05 && steps[0] < 1.06);
    assert_true(steps[1] > 1.025 && steps[1] < 1.03);
    assert_true(steps[2] > 1.0199 && steps[2] < 1.0201);
    assert_true(steps[3] > 1.0299 && steps[3] < 1.0301);
    for (size_t i = 4; i < 12; i++)
        assert_true(steps[i] > steps[i - 1] && steps[i] <= 2);
    for (int i = 0; i < 12 && r->pace.limited; i++)
        play_round(r, 0);
    assert_false(r->pace.limited);
}

/* If most was refused, nobody knows the limit: the pace doubles up to where the trouble began. */
static void test_search(void **state)
{
    struct run *r = *state;
    find_100(r);
    double before = r->pace.per_second;
    while (r->pace.per_second > before / 10)
        play_round(r, 100);
    assert_true(r->pace.searching);
    for (int i = 0; i < 12 && r->pace.searching; i++) {
        double pace = r->pace.per_second;
        play_round(r, 0);
        assert_true(r->pace.per_second > pace);
        assert_true(r->pace.per_second <= before);
    }
    assert_false(r->pace.searching);
    assert_pace(r, before * 0.89, before * 0.91);
    /* Then with care. */
    play_round(r, 0);
    assert_pace(r, before * 0.94, before * 0.96);
}

/* Answers to calls that were sent before a round say nothing about its pace. */
static void test_what_was_sent_before_does_not_count(void **state)
{
    struct run *r = *state;
    play_second(r, 125, 20);
    int64_t cut_ms = r->now_ms;
    double pace = r->pace.per_second;
    assert_true(r->pace.limited);
    for (int i = 0; i < 1000; i++)
        pace_answered(&r->pace, cut_ms + i, cut_ms - i % 100, i % 2);
    assert_pace(r, pace, pace);
    assert_int_equal(r->pace.answered, 0);
}

/* A pause in the calls is no slow pace. */
static void test_a_pause_is_no_measure(void **state)
{
    struct run *r = *state;
    play(r, 50, 0, 500);
    r->now_ms += 60000;
    play_second(r, 1000, 10);
    assert_pace(r, 750, 850);
}

/* A pace that the callers do not use says nothing: slower than that is what they really sent. */
static void test_an_unused_pace(void **state)
{
    struct run *r = *state;
    find_100(r);
    assert_true(play(r, 64, 25, 3200) < 64);
    assert_pace(r, 10, 20);
}

/* The least is the least, and a trial that could not be slower proves nothing. */
static void test_least(void **state)
{
    struct run *r = *state;
    pace_init(&r->pace, 50);
    play_second(r, 66, 20);
    for (int i = 0; i < 4; i++) {
        assert_pace(r, 50, 50);
        assert_true(r->pace.trial);
        play(r, 64, 10, 1280);
    }
    assert_true(r->pace.noise < 0.001);
    for (int i = 0; i < 100; i++)
        play(r, 64, 100, 1280);
    assert_pace(r, 50, 50);
}

/* Noise that has gone is forgotten, so that what looks like it is looked at again. */
static void test_noise_is_forgotten(void **state)
{
    struct run *r = *state;
    play_second(r, 1000, 10);
    play_round(r, 10);
    play_round(r, 10);
    assert_false(r->pace.limited);
    assert_true(r->pace.noise > 0.07);
    for (int i = 0; i < 200; i++)
        play_second(r, 1000, 0);
    assert_true(r->pace.noise < 0.01);
    play_second(r, 1000, 10);
    assert_true(r->pace.trial);
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_few_are_nobodys_fault),
        TEST(test_a_second_is_waited_for),
        TEST(test_few_calls_are_heard),
        TEST(test_the_loss_is_in_proportion),
        TEST(test_most_refused_is_heard_at_once),
        TEST(test_noise_is_not_obeyed),
        TEST(test_noise_beside_a_limit),
        TEST(test_a_limit_is_found),
        TEST(test_a_limit_that_is_lower_still),
        TEST(test_much_noise_is_obeyed),
        TEST(test_growth),
        TEST(test_search),
        TEST(test_what_was_sent_before_does_not_count),
        TEST(test_a_pause_is_no_measure),
        TEST(test_an_unused_pace),
        TEST(test_least),
        TEST(test_noise_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
