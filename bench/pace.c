/* SPDX-License-Identifier: MIT */
/*
 * Runs the scenarios of tests/unit/rate_scenarios.h on their own clock, and prints as JSON what was
 * served and refused: between the moments at which something is wanted, for several seeds, and in
 * each second of the first. The same on every machine.
 */
#include "rate_scenarios.h"

#include <stdio.h>
#include <stdlib.h>

#define SEEDS       5
#define SECONDS_MAX 600

struct recording {
    const struct scene *scene;
    struct scene_counts counts[SECONDS_MAX];
    double pace[SECONDS_MAX]; /* 0: unlimited */
};

static void record(void *arg, size_t i, struct scene_counts counts)
{
    struct recording *r = arg;
    const struct pace *pace = &r->scene->rate.pace;
    r->counts[i] = counts;
    r->pace[i] = pace->limited ? pace->per_second : 0;
}

static void print_seconds(const struct scenario *sc, const struct recording *r)
{
    size_t count = (size_t)scenario_span_s(sc);
    for (size_t i = 0; i < count; i++) {
        const struct service *service = scenario_service(sc, (double)i);
        printf("%s[%llu,%llu,%.2f,%.2f]", i > 0 ? "," : "", (unsigned long long)r->counts[i].served,
               (unsigned long long)r->counts[i].refused,
               service->per_second > 0 ? service_left(service, (double)i + 0.5) : 0, r->pace[i]);
    }
}

static void print_did(const struct scenario *sc, const struct recording *r)
{
    for (const struct wanted *w = sc->wanted; w < sc->wanted + WANTED_MAX && w->to_s > 0; w++) {
        struct did did = scenario_did(sc, r->counts, w);
        printf("%s{\"from_s\":%g,\"to_s\":%g,\"served\":%.4f,\"refused\":%.5f,\"lost\":%llu}",
               w > sc->wanted ? "," : "", w->from_s, w->to_s, did.served, did.refused,
               (unsigned long long)did.lost);
    }
}

static void run(const struct scenario *sc, uint64_t seed, struct recording *r)
{
    static struct scene scene;
    if (scene_begin(&scene, seed) != 0)
        exit(1);
    r->scene = &scene;
    scenario_run(&scene, sc, record, r);
    scene_end(&scene);
}

static void print_scenario(const struct scenario *sc)
{
    static struct recording recordings[SEEDS];
    printf("\"%s\":{\"title\":\"%s\",\"runs\":[", sc->name, sc->title);
    for (size_t i = 0; i < SEEDS; i++) {
        run(sc, i + 1, &recordings[i]);
        printf("%s[", i > 0 ? "," : "");
        print_did(sc, &recordings[i]);
        printf("]");
    }
    printf("],\"seconds\":[");
    print_seconds(sc, &recordings[0]);
    printf("]}");
}

int main(void)
{
    printf("{");
    for (size_t i = 0; i < SCENARIO_COUNT; i++) {
        printf("%s", i > 0 ? ",\n" : "");
        print_scenario(&scenarios[i]);
    }
    printf("}\n");
    return 0;
}
