/* SPDX-License-Identifier: MIT */
/* iam-census-sim: a simulated AWS organization. */
#include "options.h"
#include "services/dispatch.h"
#include "services/session.h"
#include "services/sigv4.h"
#include "services/sim.h"
#include "wire/digest.h"
#include "wire/server.h"
#include "world/world_dump.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define VERSION      "1.0.0"
#define ROUND_MS     250 /* a signal is seen after this time at the latest */
#define EXIT_USAGE   2
#define FINAL_ROUNDS 8 /* so that the last answers are sent before the end */

static volatile sig_atomic_t stopped;

static void main_on_signal(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

/* Writes the port to a file, which appears under its name only when it is complete. */
static int write_port(const char *path, uint16_t port, struct error *error)
{
    char temporary[PATH_MAX];
    snprintf(temporary, sizeof(temporary), "%.4000s.tmp", path);
    FILE *file = fopen(temporary, "we");
    if (!file)
        return error_set(error, ERROR_CONFIG, "cannot write '%.300s'", path);
    fprintf(file, "%u\n", port);
    if (fclose(file) != 0 || rename(temporary, path) != 0)
        return error_set(error, ERROR_CONFIG, "cannot write '%.300s'", path);
    return 0;
}

static int open_world(struct sim *sim, const struct options *options, struct error *error)
{
    const struct scenario *scenario = &sim->faults.scenario;
    struct world_shape shape = {.seed = options->seed,
                                .accounts = options->accounts,
                                .users = options->users,
                                .users_exact = options->users_exact,
                                .all_active = options->all_active,
                                .keys_percent = options->keys_percent,
                                .now = options->now,
                                .partition = options->partition,
                                .allowed = scenario->has_allowed ? scenario->allowed
                                                                 : action_default_role()};
    if (options->world)
        return world_load(&sim->world, &shape, options->world, error);
    world_generate(&sim->world, &shape);
    return 0;
}

/* The scenario is read first, because it decides what the roles of the world may do. */
static int sim_open(struct sim *sim, const struct options *options, struct error *error)
{
    struct scenario *scenario = &sim->faults.scenario;
    struct fault_settings settings = {.seed = options->seed,
                                      .latency_ms = options->latency_ms,
                                      .rate = options->rate,
                                      .burst = options->burst,
                                      .sts_rate = options->sts_rate};
    sim->seed = options->seed;
    sim->strict_regions = options->strict_regions;
    scenario_default(scenario);
    if (options->scenario && scenario_load(scenario, options->scenario, error) != 0)
        return -1;
    sim->clock.ahead_seconds = scenario->clock_skew_seconds;
    if (open_world(sim, options, error) != 0)
        return -1;
    fault_open(&sim->faults, &sim->world, &settings);
    report_open(&sim->reports, sim->world.account_count, options->seed, options->report_ms);
    return 0;
}

static void sim_release(struct sim *sim)
{
    dispatch_release(sim);
    s3_store_release(&sim->store);
    report_release(&sim->reports);
    fault_release(&sim->faults);
    world_release(&sim->world);
    session_cleanup();
    sigv4_cleanup();
    digest_cleanup();
    if (sim->log)
        fclose(sim->log);
}

static void allow_many_files(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = main_on_signal};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* Opens the parts that are needed only for serving, not for a dump. */
static int open_services(struct sim *sim, const struct options *options, struct error *error)
{
    struct lambda_settings lambda = {.world = &sim->world,
                                     .timers = &sim->timers,
                                     .seed = options->seed,
                                     .deadline_ms = options->deadline_ms,
                                     .events = options->events,
                                     .event_count = options->event_count};
    if (s3_store_open(&sim->store, options->s3_dir, error) != 0)
        return -1;
    if (options->log && !(sim->log = fopen(options->log, "we")))
        return error_set(error, ERROR_CONFIG, "cannot write the log");
    return lambda_runtime_open(&sim->lambda, &lambda, error);
}

static int serve(struct sim *sim, const struct options *options, struct error *error)
{
    uint16_t port = options->port;
    struct tls tls;
    struct server *server = NULL;
    if (open_services(sim, options, error) == 0 &&
        tls_open(&tls, options->certificate, options->key, error) == 0)
        server =
            server_open(&dispatch_handler, sim, &sim->timers, &tls, options->host, &port, error);
    if (!server)
        return -1;
    int result = 0;
    if (options->port_file)
        result = write_port(options->port_file, port, error);
    if (result == 0)
        fprintf(stderr, "iam-census-sim: ready on %s:%u, organization %s, %zu account%s\n",
                options->host, port, sim->world.organization_id, sim->world.account_count,
                sim->world.account_count == 1 ? "" : "s");
    while (result == 0 && !stopped && !lambda_runtime_done(&sim->lambda))
        server_run(server, ROUND_MS);
    for (int i = 0; i < FINAL_ROUNDS && !stopped; i++)
        server_run(server, 1);
    lambda_runtime_release(&sim->lambda);
    server_close(server);
    tls_close(&tls);
    return result;
}

int main(int count, char **args)
{
    static struct sim sim;
    static struct options options;
    struct error error = {0};
    switch (options_parse(&options, count, args, &error)) {
    case OPTIONS_HELP:
        fputs(options_help, stdout);
        return EXIT_SUCCESS;
    case OPTIONS_VERSION:
        puts("iam-census-sim " VERSION);
        return EXIT_SUCCESS;
    case OPTIONS_WRONG:
        fprintf(stderr, "iam-census-sim: %s\n", error.text);
        return EXIT_USAGE;
    case OPTIONS_RUN:
        break;
    }
    allow_many_files();
    catch_signals();
    int result = sim_open(&sim, &options, &error);
    if (result != 0)
        fprintf(stderr, "iam-census-sim: %s\n", error.text);
    else if (options.dump_world)
        result = world_dump(&sim.world, stdout);
    else if ((result = serve(&sim, &options, &error)) != 0)
        fprintf(stderr, "iam-census-sim: %s\n", error.text);
    sim_release(&sim);
    return result == 0 && !sim.lambda.failed ? EXIT_SUCCESS : EXIT_FAILURE;
}
