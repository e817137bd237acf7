/* SPDX-License-Identifier: MIT */
/*
 * scenario.h: the scenario file: what goes wrong, for which calls, and when.
 *
 * docs/simulator.md describes the format. A scenario owns everything that its rules point to.
 */
#ifndef FAULTS_SCENARIO_H
#define FAULTS_SCENARIO_H

#include "base/arena.h"
#include "base/error.h"
#include "faults/change.h"
#include "faults/error_form.h"
#include "faults/fault_kind.h"
#include "faults/rewrite.h"
#include "faults/selection.h"
#include "faults/throttle.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCENARIO_RULES_MAX 256

/* Which calls a rule counts together, and makes one random choice for. */
enum rule_scope { SCOPE_CALL, SCOPE_USER, SCOPE_ACTION, SCOPE_ACCOUNT, SCOPE_RULE };

struct rule {
    size_t number;
    struct selection about;
    uint64_t actions;
    enum fault_kind fault;
    enum rule_scope scope;
    double probability;
    uint32_t first;   /* only the first N calls of the scope; 0: no limit */
    uint32_t every;   /* only every N-th call of the scope; 0: all */
    int64_t for_ms;   /* only for this time after the first call of the scope; 0: no limit */
    int64_t from_ms;  /* the rule is in force from this time after the very first call ... */
    int64_t until_ms; /* ... until this one; 0: it never ends */
    int status;
    const char *code;
    const char *message;
    int retry_after_seconds; /* -1: the answer has no such header */
    bool has_latency;
    double latency_median_ms;
    double latency_p99_ms;
    double latency_share;     /* of the calls: 1 for all */
    struct throttle throttle; /* rate 0: none */
    double rate;
    double burst;
    int64_t bytes;
    int64_t bytes_per_second;
    int64_t stall_ms;
    bool same_marker; /* for endless paging */
    enum error_form form;
    bool has_date_skew;
    int64_t date_skew_seconds; /* for the Date of answers with the rule's fault; of all answers if
                                  the rule has no fault */
    struct rewrite rewrite;
};

/* How a request for a bucket of another region is answered. */
enum wrong_region {
    WRONG_REGION_PERMANENT, /* 301 */
    WRONG_REGION_TEMPORARY, /* 307 */
    WRONG_REGION_MALFORMED, /* 400 AuthorizationHeaderMalformed */
    WRONG_REGION_ILLEGAL,   /* 400 IllegalLocationConstraintException */
    WRONG_REGION_COUNT,
};

struct bucket_rule {
    const char *name;
    bool missing;
    bool denied;
    const char *region; /* NULL: the region of each request */
    enum wrong_region wrong_region;
    bool no_hint;           /* only HeadBucket names the bucket's region */
    bool forgets_completed; /* a completed upload is forgotten at once */
    const char *owner;      /* 12 digits; NULL: the caller's account */
};

struct scenario {
    struct arena arena;
    uint64_t seed;
    bool has_seed;
    uint32_t max_consecutive; /* 0: no bound */
    int64_t clock_skew_seconds;
    int64_t session_seconds; /* how long sessions last, whatever the caller asks for; 0: as asked */
    bool empty_pages;
    enum report_forms report_forms;
    bool tells_status; /* whether Organizations returns Status, State, or both for accounts */
    bool tells_state;
    bool ignores_all_users; /* ListServiceSpecificCredentials does not know AllUsers */
    bool has_allowed;
    uint64_t allowed;
    struct rule *rules;
    size_t rule_count;
    struct bucket_rule *buckets;
    size_t bucket_count;
    struct changes changes;
};

/* Makes the scenario in which nothing goes wrong. */
void scenario_default(struct scenario *scenario);

/* Reads a scenario file into a default scenario. Returns 0, or -1 with the reason in 'error'. */
int scenario_load(struct scenario *scenario, const char *path, struct error *error);

/*
 * Prepares the rules' token buckets, full, for this many accounts. Random choices use the
 * scenario's own seed, or 'seed' if it has none.
 */
void scenario_open(struct scenario *scenario, size_t accounts, uint64_t seed);

/* The scenario's entry for a bucket, or NULL. */
const struct bucket_rule *scenario_bucket(const struct scenario *scenario, const char *name);

/* Frees everything. */
void scenario_release(struct scenario *scenario);

#endif
