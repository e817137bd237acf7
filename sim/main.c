/* iam-census-sim: a simulated AWS organization. */
#include "services/session.h"
#include "services/sigv4.h"
#include "services/sim.h"
#include "wire/digest.h"
#include "wire/server.h"
#include "world/action.h"
#include "world/moment.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define VERSION      "1.0.0"
#define ROUND_MS     250 /* how late a signal is seen at most */
#define EXIT_USAGE   2
#define FINAL_ROUNDS 8 /* so that the last answers are on the wire before the end */

static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

int64_t sim_now(const struct sim *sim)
{
    return moment_now() + sim->scenario.clock_skew_seconds;
}

/* The file appears under its name only when it holds the port. */
static int write_port(const char *path, uint16_t port, struct error *error)
{
    char temporary[PATH_MAX];
    snprintf(temporary, sizeof(temporary), "%.4000s.tmp", path);
    FILE *file = fopen(temporary, "we");
    if (!file)
        return error_set(error, "cannot write '%.300s'", path);
    fprintf(file, "%u\n", port);
    if (fclose(file) != 0 || rename(temporary, path) != 0)
        return error_set(error, "cannot write '%.300s'", path);
    return 0;
}

static int sim_open_world(struct sim *sim, struct error *error)
{
    const struct options *options = &sim->options;
    struct world_shape shape = {.seed = options->seed,
                                .accounts = options->accounts,
                                .users = options->users,
                                .users_exact = options->users_exact,
                                .all_active = options->all_active,
                                .keys_percent = options->keys_percent,
                                .now = options->now,
                                .partition = options->partition,
                                .allowed = sim->scenario.has_allowed ? sim->scenario.allowed
                                                                     : action_default_role()};
    if (options->world)
        return world_load(&sim->world, &shape, options->world, error);
    world_generate(&sim->world, &shape);
    return 0;
}

static int sim_open(struct sim *sim, struct error *error)
{
    const struct options *options = &sim->options;
    scenario_default(&sim->scenario);
    if (options->scenario && scenario_load(&sim->scenario, options->scenario, error) != 0)
        return -1;
    if (sim_open_world(sim, error) != 0)
        return -1;
    size_t accounts = sim->world.account_count;
    scenario_open(&sim->scenario, accounts);
    throttle_open(&sim->throttle, accounts, options->rate, options->burst);
    throttle_open(&sim->throttle_sts, accounts, options->sts_rate, options->sts_rate);
    report_open(&sim->reports, accounts);
    return 0;
}

static void sim_release(struct sim *sim)
{
    s3_store_release(&sim->store);
    report_release(&sim->reports);
    throttle_release(&sim->throttle);
    throttle_release(&sim->throttle_sts);
    fault_reset(&sim->faults);
    scenario_release(&sim->scenario);
    world_release(&sim->world);
    session_cleanup();
    sigv4_cleanup();
    digest_cleanup();
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
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static int serve(struct sim *sim, struct error *error)
{
    uint16_t port = sim->options.port;
    if (s3_store_open(&sim->store, sim->options.s3_dir, error) != 0 ||
        lambda_runtime_open(sim, error) != 0)
        return -1;
    struct server *server = server_open(sim, sim->options.host, &port, error);
    if (!server)
        return -1;
    int result = 0;
    if (sim->options.port_file)
        result = write_port(sim->options.port_file, port, error);
    if (result == 0)
        fprintf(stderr, "iam-census-sim: ready on %s:%u, organization %s, %zu account%s\n",
                sim->options.host, port, sim->world.organization_id, sim->world.account_count,
                sim->world.account_count == 1 ? "" : "s");
    while (result == 0 && !stopped && !lambda_runtime_done(&sim->lambda))
        server_run(server, ROUND_MS);
    for (int i = 0; i < FINAL_ROUNDS && !stopped; i++)
        server_run(server, 1);
    server_close(server);
    return result;
}

int main(int count, char **arguments)
{
    static struct sim sim;
    struct error error = {0};
    switch (options_parse(&sim.options, count, arguments, &error)) {
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
    int result = sim_open(&sim, &error);
    if (result != 0)
        fprintf(stderr, "iam-census-sim: %s\n", error.text);
    else if (sim.options.dump_world)
        result = world_dump(&sim.world, stdout);
    else if ((result = serve(&sim, &error)) != 0)
        fprintf(stderr, "iam-census-sim: %s\n", error.text);
    sim_release(&sim);
    return result == 0 && !sim.lambda.failed ? EXIT_SUCCESS : EXIT_FAILURE;
}
