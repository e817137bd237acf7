/* SPDX-License-Identifier: MIT */
/*
 * diagnosis.h: what 'doctor' has found out, as data: the caller, the organization, the output, and
 * every account with a result for each action.
 *
 * It is filled while the accounts are asked (doctor/survey), and read when fixes, the text and the
 * JSON are made. It knows no call and no format.
 */
#ifndef DOCTOR_DIAGNOSIS_H
#define DOCTOR_DIAGNOSIS_H

#include "base/arena.h"
#include "census/census_account.h"
#include "census/facts.h"
#include "doctor/denial.h"

enum probe_result {
    PROBE_NOT_TRIED, /* there was nothing to try it on, or it is not needed */
    PROBE_ALLOWED,
    PROBE_DENIED, /* by a policy: 'denial' says by which */
    PROBE_FAILED, /* something else: 'code' and 'message' say what */
    PROBE_RESULT_COUNT
};

/* "not_tried", "allowed", "denied", "failed". */
extern const char *const probe_result_names[PROBE_RESULT_COUNT];

/* What came of one action. Texts are in the diagnosis' arena; NULL: none. */
struct action_result {
    enum probe_result result;
    const char *code;    /* of the service, or a word of ours; NULL if it was allowed */
    const char *message; /* for a person; never compared, never grouped */
    struct denial denial;
};

enum verdict { VERDICT_READY, VERDICT_PER_USER, VERDICT_PARTIAL, VERDICT_BLOCKED, VERDICT_COUNT };

/* "ready", "per_user", "partial", "blocked". */
extern const char *const verdict_names[VERDICT_COUNT];

struct account_diagnosis {
    struct census_account account;
    enum verdict verdict;
    const char *stage;      /* "AssumeRole" or the operation that blocks it; NULL: not blocked */
    const char *probe_user; /* NULL: the account has no user, or they can't be listed */
    fact_set unknown;       /* facts that are wanted and would be unknown */
    struct action_result assume_role;
    struct action_result
        actions[SOURCE_COUNT]; /* by source; PROBE_NOT_TRIED if it was not called */
};

struct diagnosis_caller {
    const char *arn, *account_id; /* NULL: STS did not tell */
    int64_t expires_at_s;         /* TIMESTAMP_NONE: never */
    int64_t clock_skew_s;         /* AWS's clock minus ours */
    const char *region;
};

struct diagnosis_organization {
    const char *id;    /* NULL: not asked, or refused */
    const char *error; /* what Organizations said; NULL: nothing wrong, or not asked */
    size_t skipped;    /* accounts that are not ACTIVE */
};

struct diagnosis_output {
    bool ok;
    const char *target; /* "s3://bucket/prefix" or a path */
    const char *error;  /* NULL: ok */
    const char *code;   /* of the service; NULL: none */
    struct denial denial;
};

struct diagnosis {
    struct arena arena; /* of all texts */
    const char *role_name;
    bool external_id; /* one is given; its value is never kept here */
    bool session_policy;
    enum strategy strategy;
    fact_set wanted;
    struct diagnosis_caller caller;
    struct diagnosis_organization organization;
    struct diagnosis_output output;
    struct account_diagnosis *accounts; /* ascending by id */
    size_t account_count;
    uint64_t calls;                          /* that were made */
    uint64_t estimate_calls, estimate_ms;    /* of the census */
    size_t bulk_accounts, per_user_accounts; /* how the census will read them; others are blocked */
};

/*
 * The verdict of an account from its results: sets 'verdict', 'stage' and 'unknown'. A fact is
 * known if one of its sources, that the strategy uses, was allowed or is only not tried for want of
 * something to try it on.
 */
void diagnosis_judge(const struct diagnosis *d, struct account_diagnosis *a);

/* What mends a kind of trouble, once for all accounts that have it. */
struct fix {
    const char *kind; /* "trust_policy", "stack_instances", "permissions", "exception", ... */
    const char *const *account_ids;
    size_t account_count;
    const char *text; /* ready to paste; several lines */
};

/* Exit status of section 10: 0, 1 or 3. */
int diagnosis_exit_status(const struct diagnosis *d);

#endif
