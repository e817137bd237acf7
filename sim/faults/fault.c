/* SPDX-License-Identifier: MIT */
#include "faults/fault.h"

#include "wire/timer.h"
#include "world/random.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define DELAY_MS_MAX  600000.0
#define SALT_LATENCY  501
#define SALT_SHARE    10001
#define P99_DEVIATION 2.3263

/* True for faults that retries can overcome: max_consecutive limits only these. */
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

/* True if the rule is in force now: limits and faults may come and go during a run. */
static bool rule_is_on(const struct rule *rule, int64_t elapsed_ms)
{
    return elapsed_ms >= rule->from_ms && (rule->until_ms == 0 || elapsed_ms < rule->until_ms);
}

static bool rule_matches(const struct rule *rule, const struct world *world,
                         const struct subject *subject)
{
    return (rule->actions & action_bit(subject->action)) != 0 &&
           selection_has_account(&rule->about, world, subject->account) &&
           selection_has_user(&rule->about, subject->user);
}

/*
 * The key by which the rule counts and makes its random choices: the same for all calls of a scope.
 */
static uint64_t rule_scope_key(const struct rule *rule, uint64_t seed,
                               const struct subject *subject)
{
    uint64_t key = random_mix(seed, rule->number);
    switch (rule->scope) {
    case SCOPE_CALL:
        return random_mix(key, subject->key);
    case SCOPE_USER:
        key = random_mix(key, subject->account);
        return subject->user ? random_of_bytes(key, subject->user, strlen(subject->user)) : key;
    case SCOPE_ACTION:
        return random_mix(random_mix(key, subject->account), subject->action);
    case SCOPE_ACCOUNT:
        return random_mix(key, subject->account);
    default:
        return key;
    }
}

/* True if the scope's first call is recent enough for a rule with 'for_ms'. */
static bool rule_is_fresh(struct faults *faults, const struct rule *rule, uint64_t key,
                          int64_t elapsed_ms)
{
    if (rule->for_ms == 0)
        return true;
    uint32_t first_ms = tally_get(&faults->firsts, key);
    if (first_ms == 0) /* stored plus one, because 0 means that there was no call yet */
        first_ms = tally_set(&faults->firsts, key, (uint32_t)elapsed_ms + 1);
    return elapsed_ms + 1 < first_ms + rule->for_ms;
}

static bool rule_fires(struct faults *faults, const struct rule *rule,
                       const struct subject *subject, uint32_t streak, int64_t elapsed_ms)
{
    uint64_t key = rule_scope_key(rule, faults->scenario.seed, subject);
    if (!rule_is_fresh(faults, rule, key, elapsed_ms))
        return false;
    /*
     * In the scope 'call' the random choice is made again for each attempt, in wider scopes only
     * once.
     */
    uint64_t roll = rule->scope == SCOPE_CALL ? random_mix(key, streak) : key;
    if (rule->first > 0 || rule->every > 0) {
        uint32_t count = rule->scope == SCOPE_CALL ? streak + 1 : tally_add(&faults->counts, key);
        if (rule->first > 0 && (count == 0 || count > rule->first))
            return false;
        if (rule->every > 0 && (count == 0 || count % rule->every != 0))
            return false;
    }
    return random_fraction(random_mix(roll, 1)) < rule->probability;
}

/* True if the rule's latency is that of this attempt: 'share' of all attempts are so slow. */
static bool rule_slows(const struct rule *rule, uint64_t seed, const struct subject *subject,
                       uint32_t streak)
{
    uint64_t roll =
        random_mix(random_mix(random_mix(seed, subject->key), streak), SALT_SHARE + rule->number);
    return rule->has_latency && random_fraction(roll) < rule->latency_share;
}

/* A log-normal delay with the rule's median and 99th percentile. */
static int64_t rule_delay_us(const struct rule *rule, uint64_t seed, const struct subject *subject,
                             uint32_t streak)
{
    double median = rule->latency_median_ms;
    uint64_t roll =
        random_mix(random_mix(random_mix(seed, subject->key), streak), SALT_LATENCY + rule->number);
    double delay_ms = median;
    if (median > 0 && rule->latency_p99_ms > median) {
        double sigma = log(rule->latency_p99_ms / median) / P99_DEVIATION;
        double first = random_fraction(roll) + 1e-12;
        double second = random_fraction(random_mix(roll, 1));
        delay_ms = median * exp(sigma * sqrt(-2 * log(first)) * cos(2 * M_PI * second));
    }
    return (int64_t)(1000 * (delay_ms < DELAY_MS_MAX ? delay_ms : DELAY_MS_MAX));
}

/* The command line's rate is for IAM and Organizations; STS has its own, and S3 none. */
static bool over_rate(struct faults *faults, const struct subject *subject, int64_t now_us)
{
    enum service service = action_row(subject->action)->service;
    if (service == SERVICE_S3)
        return false;
    struct throttle *throttle = service == SERVICE_STS ? &faults->throttle_sts : &faults->throttle;
    return !throttle_take(throttle, subject->caller, subject->action, now_us);
}

static void plan_fault(struct fault_plan *plan, enum fault_kind kind, const struct rule *rule)
{
    plan->kind = kind;
    plan->rule = rule;
    if (rule && rule->has_date_skew)
        plan->date_skew_seconds = rule->date_skew_seconds;
}

static void apply_rules(struct faults *faults, const struct subject *subject, uint32_t streak,
                        int64_t now_us, struct fault_plan *plan)
{
    int64_t elapsed_ms = (now_us - faults->began_us) / 1000;
    for (size_t i = 0; i < faults->scenario.rule_count; i++) {
        struct rule *rule = &faults->scenario.rules[i];
        if (!rule_is_on(rule, elapsed_ms) || !rule_matches(rule, faults->world, subject))
            continue;
        if (rule_slows(rule, faults->scenario.seed, subject, streak))
            plan->delay_us = rule_delay_us(rule, faults->scenario.seed, subject, streak);
        if (rule->has_date_skew && rule->fault == FAULT_NONE && rule->rate <= 0)
            plan->date_skew_seconds = rule->date_skew_seconds;
        if (plan->kind != FAULT_NONE)
            continue;
        if (rule->rate > 0 &&
            !throttle_take(&rule->throttle, subject->caller, subject->action, now_us))
            plan_fault(plan, FAULT_THROTTLE, rule);
        else if (rule->fault != FAULT_NONE && rule_fires(faults, rule, subject, streak, elapsed_ms))
            plan_fault(plan, rule->fault, rule);
    }
}

/*
 * What the sender does to the reply. All other faults are errors, or changes in a good answer.
 */
static struct bend bend_of(const struct fault_plan *plan)
{
    static const enum bend_kind kinds[FAULT_COUNT] = {
        [FAULT_RESET_BEFORE] = BEND_RESET, [FAULT_RESET_INSIDE] = BEND_RESET_INSIDE,
        [FAULT_RESET_AFTER] = BEND_RESET,  [FAULT_TRUNCATED] = BEND_TRUNCATED,
        [FAULT_FOREIGN] = BEND_FOREIGN,    [FAULT_OVERSIZED] = BEND_OVERSIZED,
        [FAULT_DRIP] = BEND_DRIP,          [FAULT_STALL] = BEND_STALL,
    };
    struct bend bend = {.kind = kinds[plan->kind]};
    if (plan->rule) {
        bend.bytes = plan->rule->bytes;
        bend.bytes_per_second = plan->rule->bytes_per_second;
        bend.stall_ms = plan->rule->stall_ms;
    }
    return bend;
}

void fault_decide(struct faults *faults, const struct subject *subject, struct fault_plan *plan)
{
    int64_t now_us = timer_now_us();
    uint32_t streak = tally_get(&faults->streaks, subject->key);
    if (faults->began_us == 0)
        faults->began_us = now_us;
    *plan = (struct fault_plan){.delay_us = faults->settings.latency_ms * 1000};
    apply_rules(faults, subject, streak, now_us, plan);
    if (plan->kind == FAULT_NONE && over_rate(faults, subject, now_us))
        plan->kind = FAULT_THROTTLE;
    uint32_t most = faults->scenario.max_consecutive;
    if (most > 0 && streak >= most && fault_passes(plan->kind))
        plan_fault(plan, FAULT_NONE, NULL);
    if (!fault_passes(plan->kind))
        tally_remove(&faults->streaks, subject->key);
    else if (tally_add(&faults->streaks, subject->key) == 0)
        plan->kind = FAULT_NONE; /* the table is full: an uncounted fault might never end */
    plan->bend = bend_of(plan);
}

void fault_open(struct faults *faults, const struct world *world,
                const struct fault_settings *settings)
{
    size_t accounts = world->account_count;
    faults->world = world;
    faults->settings = *settings;
    scenario_open(&faults->scenario, accounts, settings->seed);
    throttle_open(&faults->throttle, accounts, settings->rate, settings->burst);
    throttle_open(&faults->throttle_sts, accounts, settings->sts_rate, settings->sts_rate);
}

/* Drops all counts; the scenario stays. */
static void forget(struct faults *faults)
{
    throttle_release(&faults->throttle);
    throttle_release(&faults->throttle_sts);
    tally_release(&faults->streaks);
    tally_release(&faults->counts);
    tally_release(&faults->firsts);
    change_reset(&faults->scenario.changes);
    faults->began_us = 0;
}

void fault_reset(struct faults *faults)
{
    struct fault_settings settings = faults->settings;
    forget(faults);
    fault_open(faults, faults->world, &settings);
}

void fault_release(struct faults *faults)
{
    forget(faults);
    scenario_release(&faults->scenario);
}
