/* The simulator's parts, for those who need more than one of them. */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "counters.h"
#include "fault.h"
#include "lambda_runtime.h"
#include "options.h"
#include "report.h"
#include "s3_store.h"
#include "scenario.h"
#include "throttle.h"
#include "timer.h"
#include "world.h"

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
