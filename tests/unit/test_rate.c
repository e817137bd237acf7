/*
 * The pace of calls, against a service that counts tokens: each second 'rate' come in, at most
 * 'burst' lie there, a call takes one, and a call that finds none is asked to slow down.
 *
 * The loop's clock goes on by a millisecond a turn; no time passes but that.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/rate.h"
#include "base/random.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define CALLERS_MAX 64
#define LATENCY_MS  40 /* of an answer, give or take a half */
#define SETTLE_MS   60000
#define MEASURE_MS  120000

struct caller {
    struct world *world;
    struct rate_waiter waiter;
    struct loop_timer timer;
    int64_t sent_at_ms;
    bool waiting;
};

struct world {
    struct clock clock;
    int64_t now_ms;
    struct loop *loop;
    struct loop_watch ticker;
    struct rate limiter;
    struct random random;
    double rate, burst, tokens; /* the service's; rate 0: it never asks to slow down */
    int64_t filled_at_ms;
    uint64_t served, throttled;
    struct caller callers[CALLERS_MAX];
    size_t caller_count;
    bool done;
    char log[64];
};

static int64_t world_ms(void *arg)
{
    return ((struct world *)arg)->now_ms++;
}

static void on_tick(void *arg, unsigned events)
{
    (void)arg, (void)events;
}

static int world_begin(void **state)
{
    static struct world w;
    struct error e;
    w = (struct world){.now_ms = 5000};
    w.clock = (struct clock){world_ms, world_ms, &w};
    w.loop = loop_new(&w.clock, &e);
    assert_non_null(w.loop);
    w.ticker = (struct loop_watch){on_tick, NULL, eventfd(1, EFD_CLOEXEC)};
    assert_int_equal(loop_watch_start(w.loop, &w.ticker, EPOLLIN, &e), 0);
    rate_init(&w.limiter, w.loop);
    random_init(&w.random, 99);
    *state = &w;
    return 0;
}

static int world_end(void **state)
{
    struct world *w = *state;
    rate_release(&w->limiter);
    close(w->ticker.fd);
    loop_free(w->loop);
    return 0;
}

static void on_over(void *arg)
{
    *(bool *)arg = true;
}

static void pass(struct world *w, int64_t span_ms)
{
    struct loop_timer timer = {0};
    struct error e;
    bool over = false;
    loop_timer_start(w->loop, &timer, span_ms, on_over, &over);
    assert_int_equal(loop_run(w->loop, &over, &e), 0);
}

static void service_set(struct world *w, double rate, double burst)
{
    w->rate = rate;
    w->burst = burst;
    w->tokens = burst;
    w->filled_at_ms = loop_now_ms(w->loop);
}

/* The service's word on one call: true where it is served. */
static bool service_take(struct world *w)
{
    int64_t now_ms = loop_now_ms(w->loop);
    if (w->rate <= 0)
        return true;
    w->tokens += w->rate * (double)(now_ms - w->filled_at_ms) / 1000;
    w->filled_at_ms = now_ms;
    if (w->tokens > w->burst)
        w->tokens = w->burst;
    if (w->tokens < 1)
        return false;
    w->tokens -= 1;
    return true;
}

static void caller_next(struct caller *c);

static void on_answer(void *arg)
{
    struct caller *c = arg;
    struct world *w = c->world;
    if (service_take(w)) {
        w->served++;
        rate_served(&w->limiter);
        caller_next(c);
        return;
    }
    w->throttled++;
    rate_throttled(&w->limiter, c->sent_at_ms);
    caller_next(c);
}

static void on_pace(void *arg)
{
    struct caller *c = arg;
    struct world *w = c->world;
    c->waiting = false;
    c->sent_at_ms = loop_now_ms(w->loop);
    loop_timer_start(w->loop, &c->timer, LATENCY_MS / 2 + random_up_to(&w->random, LATENCY_MS),
                     on_answer, c);
}

static void caller_next(struct caller *c)
{
    if (rate_take(&c->world->limiter)) {
        on_pace(c);
        return;
    }
    c->waiting = true;
    rate_wait(&c->world->limiter, &c->waiter, on_pace, c);
}

/* Calls without pause from 'count' callers. */
static void callers_start(struct world *w, size_t count)
{
    w->caller_count = count;
    for (size_t i = 0; i < count; i++) {
        w->callers[i] = (struct caller){.world = w};
        caller_next(&w->callers[i]);
    }
}

static void callers_stop(struct world *w)
{
    for (size_t i = 0; i < w->caller_count; i++) {
        rate_leave(&w->limiter, &w->callers[i].waiter);
        loop_timer_stop(w->loop, &w->callers[i].timer);
    }
}

struct measure {
    double per_second, throttled_share;
};

static struct measure measure(struct world *w, int64_t span_ms)
{
    w->served = w->throttled = 0;
    pass(w, span_ms);
    double sent = (double)(w->served + w->throttled);
    return (struct measure){(double)w->served * 1000 / (double)span_ms,
                            sent > 0 ? (double)w->throttled / sent : 0};
}

static void assert_settles(struct world *w, double rate, double burst, size_t callers,
                           int64_t settle_ms, double throttled_most)
{
    service_set(w, rate, burst);
    callers_start(w, callers);
    const struct measure first = measure(w, settle_ms);
    const struct measure m = measure(w, MEASURE_MS);
    callers_stop(w);
    print_message("r=%.0f b=%.0f, %zu callers: first %.2f/s %.2f %% throttled; "
                  "then %.2f/s (%.3f r), %.2f %%\n",
                  rate, burst, callers, first.per_second, first.throttled_share * 100, m.per_second,
                  m.per_second / rate, m.throttled_share * 100);
    assert_true(m.per_second >= 0.93 * rate);
    assert_true(m.throttled_share < throttled_most);
    /* Also while it settles, the service is not hammered: no more refused than served. */
    assert_true(first.throttled_share < 0.5);
    assert_true(first.per_second > 0.5 * rate);
}

static void test_settles_20_40(void **state)
{
    assert_settles(*state, 20, 40, 32, SETTLE_MS, 0.02);
}

static void test_settles_5_10(void **state)
{
    assert_settles(*state, 5, 10, 32, SETTLE_MS, 0.02);
}

static void test_settles_100_100(void **state)
{
    assert_settles(*state, 100, 100, CALLERS_MAX, SETTLE_MS, 0.02);
}

/* At two calls a second each of them weighs: one refused in 30 is what the search costs. */
static void test_settles_2_2(void **state)
{
    assert_settles(*state, 2, 2, 16, 3 * SETTLE_MS, 0.04);
}

/* Callers that cannot go faster than the service never notice it. */
static void test_slow_callers_are_not_held(void **state)
{
    struct world *w = *state;
    service_set(w, 100, 10);
    callers_start(w, 2);
    const struct measure m = measure(w, 20000);
    callers_stop(w);
    assert_int_equal(w->throttled, 0);
    assert_true(m.per_second > 40);
    assert_false(w->limiter.limited);
}

/* The service becomes five times as fast: the pace follows, and in the end there is none. */
static void test_recovers(void **state)
{
    struct world *w = *state;
    service_set(w, 20, 40);
    callers_start(w, 32);
    measure(w, SETTLE_MS);
    assert_true(w->limiter.limited);
    service_set(w, 0, 0);
    int64_t until_100_ms = 0;
    while (until_100_ms < 120000 && measure(w, 1000).per_second < 100)
        until_100_ms += 1000;
    print_message("100/s %lld ms after throttling ended\n", (long long)until_100_ms);
    assert_true(until_100_ms < 60000);
    pass(w, 60000);
    const struct measure m = measure(w, 5000);
    callers_stop(w);
    assert_false(w->limiter.limited);
    assert_true(m.per_second > 500);
}

/* A service that becomes slower is followed too. */
static void test_follows_downward(void **state)
{
    struct world *w = *state;
    service_set(w, 100, 100);
    callers_start(w, CALLERS_MAX);
    measure(w, SETTLE_MS);
    service_set(w, 10, 10);
    measure(w, SETTLE_MS);
    const struct measure m = measure(w, MEASURE_MS);
    callers_stop(w);
    assert_true(m.per_second >= 0.93 * 10);
    assert_true(m.throttled_share < 0.02);
}

/* One account's answers that were on their way when it was slowed down do not slow it again. */
static void test_one_cut_a_burst(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < 100; i++) {
        assert_true(rate_take(&w->limiter));
        rate_served(&w->limiter);
    }
    int64_t sent_at_ms = loop_now_ms(w->loop);
    rate_throttled(&w->limiter, sent_at_ms);
    double pace = w->limiter.per_second;
    assert_true(w->limiter.limited);
    pass(w, 20);
    for (int i = 0; i < 30; i++)
        rate_throttled(&w->limiter, sent_at_ms);
    assert_true(w->limiter.per_second >= pace);
    rate_throttled(&w->limiter, loop_now_ms(w->loop));
    assert_true(w->limiter.per_second < pace);
    /* However often it is asked to slow down, it goes on. */
    for (int i = 0; i < 100; i++) {
        pass(w, 5);
        rate_throttled(&w->limiter, loop_now_ms(w->loop));
    }
    assert_true(w->limiter.per_second >= 0.5);
}

/* ---- the line ---- */

struct place {
    struct world *world;
    struct rate_waiter waiter;
    char letter;
    struct place *again, *leaves;
};

static void place_wait(struct world *w, struct place *p, char letter);

static void on_turn(void *arg)
{
    struct place *p = arg;
    size_t len = strlen(p->world->log);
    assert_true(len + 1 < sizeof(p->world->log));
    p->world->log[len] = p->letter;
    if (p->leaves)
        rate_leave(&p->world->limiter, &p->leaves->waiter);
    if (p->again)
        place_wait(p->world, p->again, p->again->letter);
}

static void place_wait(struct world *w, struct place *p, char letter)
{
    p->world = w;
    p->letter = letter;
    rate_wait(&w->limiter, &p->waiter, on_turn, p);
}

/* A limiter that lets about ten a second go. */
static void slow_down(struct world *w)
{
    for (int i = 0; i < 20; i++)
        rate_served(&w->limiter);
    rate_throttled(&w->limiter, loop_now_ms(w->loop));
    assert_true(w->limiter.per_second > 9 && w->limiter.per_second < 11);
}

static void test_line_is_in_order(void **state)
{
    struct world *w = *state;
    struct place places[6] = {0};
    slow_down(w);
    for (size_t i = 0; i < 6; i++)
        place_wait(w, &places[i], (char)('a' + i));
    assert_string_equal(w->log, "");
    /* Nobody overtakes those in line, even where a token lies there. */
    pass(w, 105);
    assert_false(rate_take(&w->limiter));
    pass(w, 5000);
    assert_string_equal(w->log, "abcdef");
}

static void test_pace_of_the_line(void **state)
{
    struct world *w = *state;
    struct place places[10] = {0};
    slow_down(w);
    for (size_t i = 0; i < 10; i++)
        place_wait(w, &places[i], (char)('a' + i));
    pass(w, 550);
    assert_in_range(strlen(w->log), 4, 6);
    pass(w, 500);
    assert_in_range(strlen(w->log), 9, 10);
}

static void test_leaving_the_line(void **state)
{
    struct world *w = *state;
    struct place places[5] = {0};
    slow_down(w);
    for (size_t i = 0; i < 5; i++)
        place_wait(w, &places[i], (char)('a' + i));
    rate_leave(&w->limiter, &places[0].waiter); /* the first */
    rate_leave(&w->limiter, &places[2].waiter); /* one in between */
    rate_leave(&w->limiter, &places[4].waiter); /* the last */
    rate_leave(&w->limiter, &places[4].waiter);
    struct place late = {0};
    place_wait(w, &late, 'z');
    pass(w, 3000);
    assert_string_equal(w->log, "bdz");
    rate_leave(&w->limiter, &late.waiter);
}

static void test_leaving_in_a_turn(void **state)
{
    struct world *w = *state;
    struct place a = {0}, b = {0}, c = {0}, d = {0};
    slow_down(w);
    a.leaves = &b;
    c.again = &d;
    d.letter = 'd';
    place_wait(w, &a, 'a');
    place_wait(w, &b, 'b');
    place_wait(w, &c, 'c');
    pass(w, 3000);
    assert_string_equal(w->log, "acd");
}

static void test_all_leave(void **state)
{
    struct world *w = *state;
    struct place a = {0}, b = {0};
    slow_down(w);
    place_wait(w, &a, 'a');
    place_wait(w, &b, 'b');
    rate_leave(&w->limiter, &b.waiter);
    rate_leave(&w->limiter, &a.waiter);
    assert_true(w->limiter.timer.heap_place == 0);
    pass(w, 1000);
    assert_string_equal(w->log, "");
    assert_true(rate_take(&w->limiter));
}

static void test_release_drops_the_line(void **state)
{
    struct world *w = *state;
    struct place a = {0}, b = {0};
    slow_down(w);
    place_wait(w, &a, 'a');
    place_wait(w, &b, 'b');
    rate_release(&w->limiter);
    assert_true(w->limiter.timer.heap_place == 0);
    assert_null(a.waiter.place);
    assert_null(b.waiter.place);
    struct rate never = {0};
    rate_release(&never);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_settles_20_40),
        TEST(test_settles_5_10),
        TEST(test_settles_100_100),
        TEST(test_settles_2_2),
        TEST(test_slow_callers_are_not_held),
        TEST(test_recovers),
        TEST(test_follows_downward),
        TEST(test_one_cut_a_burst),
        TEST(test_line_is_in_order),
        TEST(test_pace_of_the_line),
        TEST(test_leaving_the_line),
        TEST(test_leaving_in_a_turn),
        TEST(test_all_leave),
        TEST(test_release_drops_the_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
