/* SPDX-License-Identifier: MIT */
/* The event loop: order of timers, watches that come and go, and what ends a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "net/loop.h"

#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define TIMERS 500

/* A clock that only the test moves. */
struct hands {
    struct clock clock;
    int64_t now_ms;
};

static int64_t hands_ms(void *arg)
{
    return ((struct hands *)arg)->now_ms;
}

struct bench {
    struct hands hands;
    struct loop *loop;
    bool done;
    char log[256]; /* letters, in the order in which things were called */
};

struct letter {
    struct bench *bench;
    struct loop_timer timer;
    char letter;
    int64_t again_ms; /* 0: does not restart itself */
    struct letter *stops, *starts;
    bool ends;
};

static int bench_begin(void **state)
{
    static struct bench b;
    struct error e;
    b = (struct bench){0};
    b.hands.clock = (struct clock){hands_ms, hands_ms, &b.hands};
    b.loop = loop_new(&b.hands.clock, &e);
    assert_non_null(b.loop);
    *state = &b;
    return 0;
}

static int bench_end(void **state)
{
    loop_free(((struct bench *)*state)->loop);
    return 0;
}

static void note(struct bench *b, char letter)
{
    size_t len = strlen(b->log);
    assert_true(len + 1 < sizeof(b->log));
    b->log[len] = letter;
    b->log[len + 1] = '\0';
}

static void on_letter(void *arg)
{
    struct letter *l = arg;
    note(l->bench, l->letter);
    if (l->again_ms > 0)
        loop_timer_start(l->bench->loop, &l->timer, l->again_ms - 1, on_letter, l);
    if (l->stops)
        loop_timer_stop(l->bench->loop, &l->stops->timer);
    if (l->starts)
        loop_timer_start(l->bench->loop, &l->starts->timer, 0, on_letter, l->starts);
    if (l->ends)
        l->bench->done = true;
}

static void start(struct bench *b, struct letter *l, char letter, int64_t delay_ms)
{
    l->bench = b;
    l->letter = letter;
    loop_timer_start(b->loop, &l->timer, delay_ms, on_letter, l);
}

static void run(struct bench *b)
{
    struct error e;
    b->done = false;
    if (loop_run(b->loop, &b->done, &e) != 0)
        fail_msg("%s", e.text);
}

static void test_order(void **state)
{
    struct bench *b = *state;
    struct letter a = {0}, c = {0}, d = {0}, x = {0}, early = {0};
    start(b, &x, 'x', 30);
    start(b, &c, 'c', 20);
    start(b, &a, 'a', 10);
    start(b, &d, 'd', 20);
    start(b, &early, 'e', -5);
    x.ends = true;
    b->hands.now_ms = 100;
    run(b);
    assert_string_equal(b->log, "eacdx");
}

static void test_restart_moves_it(void **state)
{
    struct bench *b = *state;
    struct letter a = {0}, c = {0};
    start(b, &a, 'a', 10);
    start(b, &c, 'c', 20);
    start(b, &a, 'a', 30);
    a.ends = true;
    b->hands.now_ms = 100;
    run(b);
    assert_string_equal(b->log, "ca");
    assert_false(loop_timer_running(&a.timer));
}

static void test_stop_from_a_callback(void **state)
{
    struct bench *b = *state;
    struct letter a = {0}, c = {0}, d = {0};
    start(b, &a, 'a', 10);
    start(b, &c, 'c', 10);
    start(b, &d, 'd', 10);
    a.stops = &c;
    d.ends = true;
    b->hands.now_ms = 10;
    run(b);
    assert_string_equal(b->log, "ad");
    loop_timer_stop(b->loop, &c.timer);
    loop_timer_stop(b->loop, &c.timer);
}

/* A timer of no delay that starts itself anew each time lets others and descriptors go on. */
static void on_readable(void *arg, unsigned events)
{
    struct bench *b = arg;
    assert_true(events & EPOLLIN);
    note(b, 'r');
    b->done = true;
}

static void test_zero_delay_starves_nobody(void **state)
{
    struct bench *b = *state;
    struct letter spin = {0};
    struct error e;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    struct loop_watch watch = {on_readable, b, ends[0]};
    assert_int_equal(loop_watch_start(b->loop, &watch, EPOLLIN, &e), 0);
    spin.again_ms = 1;
    start(b, &spin, 's', 0);
    run(b);
    assert_string_equal(b->log, "sr");
    loop_watch_stop(b->loop, &watch);
    loop_timer_stop(b->loop, &spin.timer);
    close(ends[0]);
    close(ends[1]);
}

/* What a callback starts without delay runs in the next turn, not in this one. */
static void test_started_in_a_callback(void **state)
{
    struct bench *b = *state;
    struct letter a = {0}, c = {0}, d = {0};
    start(b, &a, 'a', 0);
    start(b, &d, 'd', 0);
    c.bench = b;
    c.letter = 'c';
    c.ends = true;
    a.starts = &c;
    run(b);
    assert_string_equal(b->log, "adc");
}

static void test_done_ends_at_once(void **state)
{
    struct bench *b = *state;
    struct letter a = {0}, c = {0};
    start(b, &a, 'a', 0);
    start(b, &c, 'c', 0);
    a.ends = true;
    run(b);
    assert_string_equal(b->log, "a");
    c.ends = true;
    run(b);
    assert_string_equal(b->log, "ac");
}

static void test_nothing_left(void **state)
{
    struct bench *b = *state;
    struct error e = {0};
    assert_int_equal(loop_run(b->loop, &b->done, &e), -1);
    assert_int_equal(e.kind, ERROR_SYSTEM);
    assert_non_null(strstr(e.text, "nothing left to wait for"));
    b->done = true;
    assert_int_equal(loop_run(b->loop, &b->done, &e), 0);
}

/* Two descriptors are ready in one turn: the first callback stops the other's watch. */
struct pair {
    struct bench *bench;
    struct loop_watch watch;
    struct pair *other;
};

static void on_pair(void *arg, unsigned events)
{
    struct pair *p = arg;
    (void)events;
    note(p->bench, 'p');
    loop_watch_stop(p->bench->loop, &p->other->watch);
    close(p->other->watch.fd);
    loop_watch_stop(p->bench->loop, &p->watch);
}

static void test_stopped_watch_is_not_called(void **state)
{
    struct bench *b = *state;
    struct pair pairs[2];
    struct letter end = {0}, last = {0};
    int ends[2][2];
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pipe(ends[i]), 0);
        assert_int_equal(write(ends[i][1], "x", 1), 1);
        pairs[i] = (struct pair){b, {on_pair, &pairs[i], ends[i][0]}, &pairs[1 - i]};
        assert_int_equal(loop_watch_start(b->loop, &pairs[i].watch, EPOLLIN, NULL), 0);
    }
    /* Two turns: one in which both are ready, one more. */
    start(b, &end, 'e', 0);
    end.starts = &last;
    last.bench = b;
    last.letter = 'l';
    last.ends = true;
    run(b);
    assert_string_equal(b->log, "epl");
    for (int i = 0; i < 2; i++) {
        close(ends[i][1]);
        if (fcntl(ends[i][0], F_GETFD) >= 0)
            close(ends[i][0]);
    }
}

static void on_writable(void *arg, unsigned events)
{
    struct bench *b = arg;
    assert_true(events & EPOLLOUT);
    assert_false(events & EPOLLIN);
    note(b, 'w');
    b->done = true;
}

static void test_watch_changes_its_events(void **state)
{
    struct bench *b = *state;
    int ends[2];
    struct error e;
    assert_int_equal(pipe(ends), 0);
    struct loop_watch watch = {on_writable, b, ends[1]};
    assert_int_equal(loop_watch_start(b->loop, &watch, EPOLLIN, &e), 0);
    assert_int_equal(loop_watch_start(b->loop, &watch, EPOLLOUT, &e), 0);
    run(b);
    assert_string_equal(b->log, "w");
    loop_watch_stop(b->loop, &watch);
    loop_watch_stop(b->loop, &watch);
    /* The second start was no second watch: nothing is left to wait for. */
    b->done = false;
    assert_int_equal(loop_run(b->loop, &b->done, &e), -1);
    close(ends[0]);
    close(ends[1]);
}

static void on_kept_readable(void *arg, unsigned events)
{
    struct bench *b = arg;
    assert_true(events & EPOLLIN);
    note(b, 'r');
    b->done = true;
}

static void run_again(struct bench *b)
{
    b->done = false;
    run(b);
}

/*
 * What came while a kept descriptor was not watched is not lost: the next watch of it is told,
 * whether the kernel still watches it or the loop has met an event of it meanwhile.
 */
static void test_kept_descriptor(void **state)
{
    struct bench *b = *state;
    struct error e;
    int ends[2], other[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(pipe(other), 0);
    struct loop_watch first = {on_kept_readable, b, ends[0]}, second = first;
    struct loop_watch another = {on_writable, b, other[1]};
    loop_keep(b->loop, ends[0]);
    assert_int_equal(loop_watch_start(b->loop, &first, EPOLLIN, &e), 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    loop_watch_stop(b->loop, &first);
    assert_int_equal(loop_watch_start(b->loop, &second, EPOLLIN, &e), 0);
    loop_watch_stop(b->loop, &first); /* not the one that runs: does nothing */
    run(b);
    assert_string_equal(b->log, "r");
    loop_watch_stop(b->loop, &second);
    assert_int_equal(loop_watch_start(b->loop, &another, EPOLLOUT, &e), 0);
    for (int i = 0; i < 3; i++)
        run_again(b);
    assert_string_equal(b->log, "rwww");
    loop_watch_stop(b->loop, &another);
    assert_int_equal(loop_watch_start(b->loop, &first, EPOLLIN, &e), 0);
    run_again(b);
    assert_string_equal(b->log, "rwwwr");
    loop_forget(b->loop, ends[0]);
    close(ends[0]);
    close(ends[1]);
    close(other[0]);
    close(other[1]);
}

/* The next descriptor of the same number is another one, whether the loop was told of the end or
 * not. */
static void test_new_descriptor_of_a_number(void **state)
{
    struct bench *b = *state;
    struct error e;
    for (int told = 0; told < 2; told++) {
        int ends[2], again[2];
        assert_int_equal(pipe(ends), 0);
        struct loop_watch watch = {on_writable, b, ends[1]};
        loop_keep(b->loop, ends[1]);
        assert_int_equal(loop_watch_start(b->loop, &watch, EPOLLOUT, &e), 0);
        if (told) {
            loop_watch_stop(b->loop, &watch);
            loop_forget(b->loop, ends[1]);
        }
        close(ends[0]);
        close(ends[1]);
        assert_int_equal(pipe(again), 0);
        assert_int_equal(again[1], ends[1]);
        loop_keep(b->loop, again[1]);
        if (told)
            assert_int_equal(loop_watch_start(b->loop, &watch, EPOLLOUT, &e), 0);
        run_again(b);
        loop_watch_stop(b->loop, &watch);
        close(again[0]);
        close(again[1]);
    }
    assert_string_equal(b->log, "ww");
}

/* It is watched for EPOLLOUT alone as long as it is not connected, and may be closed without a
 * word. */
static void test_kept_for_reading_alone(void **state)
{
    struct bench *b = *state;
    struct error e;
    int ends[2], again[2];
    assert_int_equal(pipe(ends), 0);
    struct loop_watch watch = {on_writable, b, ends[1]};
    loop_keep(b->loop, ends[1]);
    assert_int_equal(loop_watch_start(b->loop, &watch, EPOLLOUT, &e), 0);
    loop_watch_stop(b->loop, &watch);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(pipe(again), 0); /* somebody else's, of whom the loop is told nothing */
    assert_int_equal(again[1], ends[1]);
    assert_int_equal(loop_watch_start(b->loop, &watch, EPOLLOUT, &e), 0);
    run(b);
    assert_string_equal(b->log, "w");
    loop_watch_stop(b->loop, &watch);
    close(again[0]);
    close(again[1]);
}

static void test_watch_of_no_descriptor(void **state)
{
    struct bench *b = *state;
    struct error e = {0};
    struct loop_watch watch = {on_writable, b, 900};
    assert_int_equal(loop_watch_start(b->loop, &watch, EPOLLIN, &e), -1);
    assert_int_equal(e.kind, ERROR_SYSTEM);
    loop_watch_stop(b->loop, &watch);
    watch.fd = -1;
    loop_watch_stop(b->loop, &watch);
}

/* Against the plainest model: a list that is searched for the least. */
struct many {
    struct loop_timer timer;
    struct crowd *crowd;
    int64_t due_ms;
    uint64_t order;
    bool running;
};

struct crowd {
    struct bench *bench;
    struct many many[TIMERS];
    uint64_t orders;
    size_t fired, running;
};

static void on_many(void *arg)
{
    struct many *m = arg;
    struct crowd *c = m->crowd;
    assert_true(m->running);
    for (size_t i = 0; i < TIMERS; i++) {
        const struct many *other = &c->many[i];
        if (other->running && other != m)
            assert_true(other->due_ms > m->due_ms ||
                        (other->due_ms == m->due_ms && other->order > m->order));
    }
    m->running = false;
    c->fired++;
    c->bench->done = --c->running == 0;
}

static void many_start(struct crowd *c, struct many *m, int64_t delay_ms)
{
    c->running += !m->running;
    m->crowd = c;
    m->due_ms = loop_now_ms(c->bench->loop) + delay_ms;
    m->order = c->orders++;
    m->running = true;
    loop_timer_start(c->bench->loop, &m->timer, delay_ms, on_many, m);
}

static void test_many_timers(void **state)
{
    static struct crowd c;
    struct random random;
    c = (struct crowd){.bench = *state};
    random_init(&random, 7);
    for (size_t round = 0; round < 4 * TIMERS; round++) {
        struct many *m = &c.many[random_up_to(&random, TIMERS - 1)];
        if (random_up_to(&random, 3) == 0) {
            loop_timer_stop(c.bench->loop, &m->timer);
            c.running -= m->running;
            m->running = false;
        } else {
            many_start(&c, m, random_up_to(&random, 50));
        }
    }
    size_t expected = c.running;
    assert_true(expected > TIMERS / 2);
    c.bench->hands.now_ms = 1000;
    run(c.bench);
    assert_int_equal(c.fired, expected);
}

/* The real clock: it waits as long as it was asked to. */
static void test_waits(void **state)
{
    struct error e;
    struct bench b = {0};
    struct letter a = {0};
    (void)state;
    b.loop = loop_new(clock_system(), &e);
    assert_non_null(b.loop);
    start(&b, &a, 'a', 30);
    a.ends = true;
    int64_t before_ms = clock_steady_ms(clock_system());
    run(&b);
    int64_t took_ms = clock_steady_ms(clock_system()) - before_ms;
    assert_true(took_ms >= 29 && took_ms < 5000);
    loop_free(b.loop);
    loop_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_begin, bench_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_order),
        TEST(test_restart_moves_it),
        TEST(test_stop_from_a_callback),
        TEST(test_zero_delay_starves_nobody),
        TEST(test_started_in_a_callback),
        TEST(test_done_ends_at_once),
        TEST(test_nothing_left),
        TEST(test_stopped_watch_is_not_called),
        TEST(test_watch_changes_its_events),
        TEST(test_kept_descriptor),
        TEST(test_new_descriptor_of_a_number),
        TEST(test_kept_for_reading_alone),
        TEST(test_watch_of_no_descriptor),
        TEST(test_many_timers),
        cmocka_unit_test(test_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
