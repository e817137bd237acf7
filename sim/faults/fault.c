#include "faults/fault.h"

#include "services/call.h"
#include "services/failure.h"
#include "services/sim.h"
#include "world/moment.h"
#include "world/random.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define DELAY_MS_MOST 600000.0
#define SALT_LATENCY  501
#define P99_DEVIATION 2.3263

static const char *const names[FAULT_COUNT] = {
    [FAULT_NONE] = "none",
    [FAULT_THROTTLE] = "throttle",
    [FAULT_INTERNAL_ERROR] = "internal_error",
    [FAULT_UNAVAILABLE] = "unavailable",
    [FAULT_ERROR] = "error",
    [FAULT_ACCESS_DENIED] = "access_denied",
    [FAULT_EXPIRED_TOKEN] = "expired_token",
    [FAULT_CLOCK_SKEW] = "clock_skew",
    [FAULT_LIMIT_EXCEEDED] = "limit_exceeded",
    [FAULT_VANISH] = "vanish",
    [FAULT_REPORT_STUCK] = "report_stuck",
    [FAULT_ENDLESS_PAGING] = "endless_paging",
    [FAULT_ERROR_IN_200] = "error_in_200",
    [FAULT_REWRITE] = "rewrite",
    [FAULT_RESET_BEFORE] = "reset_before",
    [FAULT_RESET_INSIDE] = "reset_inside",
    [FAULT_RESET_AFTER] = "reset_after",
    [FAULT_TRUNCATED] = "truncated",
    [FAULT_FOREIGN] = "foreign",
    [FAULT_OVERSIZED] = "oversized",
    [FAULT_DRIP] = "drip",
    [FAULT_STALL] = "stall",
};

const char *fault_name(enum fault_kind kind)
{
    return names[kind];
}

enum fault_kind fault_find(const char *name)
{
    int kind = 0;
    while (kind < FAULT_COUNT && strcmp(names[kind], name) != 0)
        kind++;
    return (enum fault_kind)kind;
}

/* Faults that pass when the call is made again: max_consecutive bounds these and no others. */
static bool fault_passes(enum fault_kind kind)
{
    switch (kind) {
    case FAULT_NONE:
    case FAULT_ACCESS_DENIED:
    case FAULT_VANISH:
    case FAULT_REPORT_STUCK:
    case FAULT_ENDLESS_PAGING:
    case FAULT_DRIP:
        return false;
    default:
        return true;
    }
}

/* Whether the rule's time is now: limits and faults may come and go during a run. */
static bool rule_is_on(const struct rule *rule, int64_t elapsed_ms)
{
    return elapsed_ms >= rule->from_ms && (rule->until_ms == 0 || elapsed_ms < rule->until_ms);
}

static bool rule_matches(const struct rule *rule, const struct call *call)
{
    return (rule->actions & action_bit(call->action)) != 0 &&
           selection_has_account(&rule->about, &call->sim->world, call->charged_account) &&
           selection_has_user(&rule->about, call->user_name);
}

uint64_t fault_seed(const struct sim *sim)
{
    return sim->scenario.has_seed ? sim->scenario.seed : sim->options.seed;
}

/* What the rule counts and rolls its dice for: the same number for all calls of one scope. */
static uint64_t rule_scope_key(const struct rule *rule, const struct call *call)
{
    uint64_t key = random_mix(fault_seed(call->sim), rule->number);
    switch (rule->scope) {
    case SCOPE_CALL:
        return random_mix(key, call->key);
    case SCOPE_USER:
        key = random_mix(key, call->charged_account);
        return call->user_name ? random_of_bytes(key, call->user_name, strlen(call->user_name))
                               : key;
    case SCOPE_ACTION:
        return random_mix(random_mix(key, call->charged_account), call->action);
    case SCOPE_ACCOUNT:
        return random_mix(key, call->charged_account);
    default:
        return key;
    }
}

/* Whether the scope's first call is no longer ago than the rule strikes. */
static bool rule_is_fresh(struct sim *sim, const struct rule *rule, uint64_t key,
                          int64_t elapsed_ms)
{
    if (rule->for_ms == 0)
        return true;
    uint32_t first_ms = tally_get(&sim->faults.firsts, key);
    if (first_ms == 0) /* one more than it is, for 0 means that there was none */
        first_ms = tally_set(&sim->faults.firsts, key, (uint32_t)elapsed_ms + 1);
    return elapsed_ms + 1 < first_ms + rule->for_ms;
}

static bool rule_fires(struct sim *sim, const struct rule *rule, const struct call *call,
                       uint32_t streak, int64_t elapsed_ms)
{
    uint64_t key = rule_scope_key(rule, call);
    if (!rule_is_fresh(sim, rule, key, elapsed_ms))
        return false;
    /* A single call is rolled for anew at each attempt; what is wider stays as it was rolled. */
    uint64_t roll = rule->scope == SCOPE_CALL ? random_mix(key, streak) : key;
    if (rule->first > 0 || rule->every > 0) {
        uint32_t count =
            rule->scope == SCOPE_CALL ? streak + 1 : tally_add(&sim->faults.counts, key);
        if (rule->first > 0 && (count == 0 || count > rule->first))
            return false;
        if (rule->every > 0 && (count == 0 || count % rule->every != 0))
            return false;
    }
    return random_fraction(random_mix(roll, 1)) < rule->probability;
}

/* A log-normal delay with the rule's median and 99th percentile. */
static int64_t rule_delay_us(const struct rule *rule, const struct call *call, uint32_t streak)
{
    double median = rule->latency_median_ms;
    uint64_t roll = random_mix(random_mix(random_mix(fault_seed(call->sim), call->key), streak),
                               SALT_LATENCY + rule->number);
    double delay_ms = median;
    if (median > 0 && rule->latency_p99_ms > median) {
        double sigma = log(rule->latency_p99_ms / median) / P99_DEVIATION;
        double first = random_fraction(roll) + 1e-12;
        double second = random_fraction(random_mix(roll, 1));
        delay_ms = median * exp(sigma * sqrt(-2 * log(first)) * cos(2 * M_PI * second));
    }
    return (int64_t)(1000 * (delay_ms < DELAY_MS_MOST ? delay_ms : DELAY_MS_MOST));
}

/* The command line's rate is for IAM and Organizations; STS has its own, and S3 none. */
static bool fault_over_rate(struct sim *sim, const struct call *call, int64_t now_us)
{
    if (call->service == SERVICE_STS)
        return !throttle_take(&sim->throttle_sts, call->account.index, call->action, now_us);
    if (call->service == SERVICE_S3)
        return false;
    return !throttle_take(&sim->throttle, call->account.index, call->action, now_us);
}

static void plan_fault(struct fault_plan *plan, enum fault_kind kind, const struct rule *rule)
{
    plan->kind = kind;
    plan->rule = rule;
    if (rule && rule->has_date_skew)
        plan->date_skew_seconds = rule->date_skew_seconds;
}

static void fault_apply_rules(struct sim *sim, struct call *call, uint32_t streak, int64_t now_us)
{
    struct fault_plan *plan = &call->plan;
    int64_t elapsed_ms = (now_us - sim->faults.began_us) / 1000;
    for (size_t i = 0; i < sim->scenario.rule_count; i++) {
        struct rule *rule = &sim->scenario.rules[i];
        if (!rule_is_on(rule, elapsed_ms) || !rule_matches(rule, call))
            continue;
        if (rule->has_latency)
            plan->delay_us = rule_delay_us(rule, call, streak);
        if (rule->has_date_skew && rule->fault == FAULT_NONE && rule->rate <= 0)
            plan->date_skew_seconds = rule->date_skew_seconds;
        if (plan->kind != FAULT_NONE)
            continue;
        if (rule->rate > 0 &&
            !throttle_take(&rule->throttle, call->account.index, call->action, now_us))
            plan_fault(plan, FAULT_THROTTLE, rule);
        else if (rule->fault != FAULT_NONE && rule_fires(sim, rule, call, streak, elapsed_ms))
            plan_fault(plan, rule->fault, rule);
    }
}

void fault_decide(struct sim *sim, struct call *call)
{
    struct fault_plan *plan = &call->plan;
    int64_t now_us = moment_monotonic_us();
    uint32_t streak = tally_get(&sim->faults.streaks, call->key);
    if (sim->faults.began_us == 0)
        sim->faults.began_us = now_us;
    *plan = (struct fault_plan){.delay_us = sim->options.latency_ms * 1000};
    fault_apply_rules(sim, call, streak, now_us);
    if (plan->kind == FAULT_NONE && fault_over_rate(sim, call, now_us))
        plan->kind = FAULT_THROTTLE;
    uint32_t most = sim->scenario.max_consecutive;
    if (most > 0 && streak >= most && fault_passes(plan->kind))
        plan_fault(plan, FAULT_NONE, NULL);
    if (!fault_passes(plan->kind))
        tally_remove(&sim->faults.streaks, call->key);
    else if (tally_add(&sim->faults.streaks, call->key) == 0)
        plan->kind = FAULT_NONE; /* no room to count it: a fault without end would be worse */
}

static void fault_answer_error(struct call *call, const struct rule *rule)
{
    if (rule)
        failure_custom(call, rule->status, rule->code, "%s", rule->message);
}

/* The clocks differ by what the rule says of its Date, or by an hour. */
static void fault_answer_skew(struct call *call)
{
    char date[MOMENT_SIZE];
    char bound[MOMENT_SIZE];
    char now[MOMENT_SIZE];
    int64_t moment =
        sim_now(call->sim) +
        (call->plan.date_skew_seconds ? call->plan.date_skew_seconds : SECONDS_AN_HOUR);
    if (call->service == SERVICE_S3) {
        failure_answer(call, FAILURE_SKEWED, NULL);
    } else {
        const char *given = request_header(&call->request, "x-amz-date");
        snprintf(date, sizeof(date), "%.20s", given ? given : "");
        failure_answer(call, FAILURE_SKEWED,
                       "Signature expired: %s is now earlier than %s (%s - 5 min.)", date,
                       moment_basic(moment - 300, bound), moment_basic(moment, now));
    }
    /* The answer's Date is what a client corrects its clock by. */
    call_header(call, "Date", arena_printf(&call->arena, "%s", moment_http(moment, now)));
}

static void fault_answer_vanished(struct call *call)
{
    const char *key = call_parameter(call, "AccessKeyId");
    if (key)
        failure_answer(call, FAILURE_NO_SUCH_ENTITY, "The Access Key with id %s cannot be found.",
                       key);
    else
        failure_answer(call, FAILURE_NO_SUCH_ENTITY, "The user with name %s cannot be found.",
                       call->user_name);
}

bool fault_answer(struct call *call)
{
    const struct rule *rule = call->plan.rule;
    if (rule && rule->retry_after_seconds >= 0 && call->plan.kind != FAULT_NONE)
        call_header(call, "Retry-After",
                    arena_printf(&call->arena, "%d", rule->retry_after_seconds));
    if (rule)
        call->error_form = rule->form;
    switch (call->plan.kind) {
    case FAULT_THROTTLE:
        if (rule && rule->code)
            fault_answer_error(call, rule);
        else
            failure_answer(call, FAILURE_THROTTLED, NULL);
        return true;
    case FAULT_ERROR:
        fault_answer_error(call, rule);
        return true;
    case FAULT_INTERNAL_ERROR:
        failure_answer(call, FAILURE_INTERNAL, NULL);
        return true;
    case FAULT_UNAVAILABLE:
        failure_answer(call, FAILURE_UNAVAILABLE, NULL);
        return true;
    case FAULT_ACCESS_DENIED:
        failure_denied(call, "identity-based");
        return true;
    case FAULT_EXPIRED_TOKEN:
        failure_answer(call, FAILURE_EXPIRED_TOKEN, NULL);
        return true;
    case FAULT_CLOCK_SKEW:
        fault_answer_skew(call);
        return true;
    case FAULT_LIMIT_EXCEEDED:
        failure_answer(call, FAILURE_LIMIT_EXCEEDED, NULL);
        return true;
    case FAULT_ERROR_IN_200:
        failure_answer(call, FAILURE_INTERNAL, NULL);
        call->reply.status = 200;
        return true;
    case FAULT_VANISH:
        if (!call->user_name && !call_parameter(call, "AccessKeyId"))
            return false;
        fault_answer_vanished(call);
        return true;
    default:
        return false;
    }
}

void fault_reset(struct faults *faults)
{
    tally_release(&faults->streaks);
    tally_release(&faults->counts);
    tally_release(&faults->firsts);
    faults->began_us = 0;
}
