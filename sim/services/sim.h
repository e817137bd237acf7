/* The simulator's parts, for those who need more than one of them. */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "faults/counters.h"
#include "faults/fault.h"
#include "faults/scenario.h"
#include "faults/throttle.h"
#include "options.h"
#include "services/lambda_runtime.h"
#include "services/report.h"
#include "services/s3_store.h"
#include "wire/timer.h"
#include "world/world.h"

struct sim {
    struct options options;
    struct world world;
    struct scenario scenario;
    struct counters counters;
    struct throttle throttle;
    struct throttle throttle_sts;
    struct faults faults;
    struct reports reports;
    struct s3_store store;
    struct timers timers;
    struct lambda_runtime lambda;
    uint64_t request_count;
};

/* The clock that clients see: the real one, shifted by the scenario. */
int64_t sim_now(const struct sim *sim);

#endif
