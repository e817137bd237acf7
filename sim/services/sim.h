/* SPDX-License-Identifier: MIT */
/*
 * sim.h: the simulator's parts, for services that need more than one of them.
 *
 * There is only one struct sim; main.c opens and closes its parts.
 */
#ifndef SERVICES_SIM_H
#define SERVICES_SIM_H

#include "faults/counters.h"
#include "faults/fault.h"
#include "services/lambda_runtime.h"
#include "services/s3_store.h"
#include "wire/timer.h"
#include "world/clock.h"
#include "world/report.h"
#include "world/world.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct sim {
    uint64_t seed;
    bool strict_regions; /* IAM and Organizations must be signed for the partition's region */
    FILE *log;           /* a JSON line for each call, or NULL */
    struct world world;
    struct sim_clock clock;
    struct faults faults;
    struct counters counters;
    struct reports reports;
    struct s3_store store;
    struct timers timers;
    struct lambda_runtime lambda;
    struct exchange *unused; /* exchanges of finished calls, to be used again */
    uint64_t request_count;
};

#endif
