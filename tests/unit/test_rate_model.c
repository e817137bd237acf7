/* SPDX-License-Identifier: MIT */
/*
 * The model of decision 0060: every scenario of rate_scenarios.h, and the time that refusals at
 * random cost, for several seeds each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rate_scenarios.h"

#include <stdio.h>

#ifndef SEEDS
#define SEEDS 3
#endif
#define SECONDS_MAX 600

static struct scene_counts seconds[SECONDS_MAX];

static void keep_second(void *arg, size_t i, struct scene_counts counts)
{
    (void)arg;
    seconds[i] = counts;
}

static int check_scenario(const struct scenario *sc, uint64_t seed)
{
    static struct scene s;
    int failed = 0;
    assert_int_equal(scene_begin(&s, seed), 0);
    scenario_run(&s, sc, keep_second, NULL);
    scene_end(&s);
    for (const struct wanted *w = sc->wanted; w < sc->wanted + WANTED_MAX && w->to_s > 0; w++) {
        struct did did = scenario_did(sc, seconds, w);
        bool good = did.served >= w->served_least && did.refused <= w->refused_most;
        failed += !good;
        print_message("%-15s %3.0f to %3.0f s: %.3f served, %.2f %% refused, %llu lost%s\n",
                      sc->name, w->from_s, w->to_s, did.served, did.refused * 100,
                      (unsigned long long)did.lost, good ? "" : "  <-- not as wanted");
    }
    return failed;
}

static void test_scenarios(void **state)
{
    (void)state;
    int failed = 0;
    for (size_t i = 0; i < SCENARIO_COUNT; i++)
        for (uint64_t seed = 1; seed <= SEEDS; seed++)
            failed += check_scenario(&scenarios[i], seed);
    assert_int_equal(failed, 0);
}

/* Seconds for 'calls' calls of which some are refused at random; 'unpaced': by back-off alone. */
static double time_of(uint64_t calls, double refused, bool unpaced, uint64_t seed)
{
    static struct scene s;
    assert_int_equal(scene_begin(&s, seed), 0);
    s.unpaced = unpaced;
    s.latency_ms = 20;
    scene_serve(&s, (struct service){.refused = refused});
    scene_call(&s, 64, calls);
    double took_s = scene_finish(&s, 600);
    scene_end(&s);
    return took_s < 0 ? 600 : took_s;
}

/*
 * Far below any limit, refusals at random cost their back-offs, and of the time beside these at
 * most a multiple of what the calls take when none is refused.
 */
static void assert_noise_costs(uint64_t calls, double refused, double times)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        double none_s = time_of(calls, 0, false, seed);
        double back_offs_s = time_of(calls, refused, true, seed) - none_s;
        double took_s = time_of(calls, refused, false, seed);
        print_message(
            "%llu calls, %.0f %% refused: %.2f s; none refused %.2f s, back-offs %.2f s\n",
            (unsigned long long)calls, refused * 100, took_s, none_s, back_offs_s);
        assert_true(took_s <= times * none_s + back_offs_s);
    }
}

static void test_noise_costs_little(void **state)
{
    (void)state;
    assert_noise_costs(300, 0.01, 2);
    assert_noise_costs(300, 0.05, 2);
    assert_noise_costs(300, 0.10, 3);
    assert_noise_costs(5000, 0.05, 2);
    assert_noise_costs(5000, 0.10, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_noise_costs_little),
        cmocka_unit_test(test_scenarios),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
