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
    bool per_user;     /* something is read per user that could be read for the whole account */
    const char *stage; /* "AssumeRole" or the operation that blocks it; NULL: not blocked */
    const char *probe_user; /* NULL: the account has no user, or they can't be listed */
    fact_set unknown;       /* facts that are wanted and would be unknown */
    bool own_credentials;   /* the caller's own account: read with the caller's own credentials */
    struct action_result assume_role;
    struct action_result
        actions[SOURCE_COUNT]; /* by source; PROBE_NOT_TRIED if it was not called */
};

struct diagnosis_caller {
    const char *arn, *account_id; /* NULL: STS did not tell */
    int64_t expires_at_s;         /* TIMESTAMP_NONE: never */
    int64_t clock_skew_s;         /* AWS's clock minus ours */
    const char *region;
    const char *code, *error; /* what STS answered instead; NULL: nothing is wrong */
};

struct diagnosis_organization {
    const char *id;    /* NULL: not asked, or refused */
    const char *error; /* what it refused; no census without it. NULL: all is well, or not asked */
    bool refused;      /* 'error' is about the caller's credentials, not about permissions */
    bool undenied;     /* 'error' is not about permissions: no unit, no account, no network */
    size_t skipped;    /* accounts that are not ACTIVE */
};

struct diagnosis_output {
    bool ok;
    const char *target; /* "s3://bucket/prefix" or a path */
    const char *error;  /* NULL: ok */
    const char *code;   /* of the service; NULL: none */
    const char *action; /* denied: "s3:PutObject", "kms:GenerateDataKey"; NULL: not known */
    const char *key;    /* ARN or id of the KMS key that was chosen; NULL: none */
    const char *owner;  /* the account that the bucket must belong to; NULL: any */
    struct denial denial;
};

struct diagnosis {
    struct arena arena;    /* of all texts */
    const char *role_name; /* without a leading '/'; may have a path */
    const char *partition; /* of ARNs: "aws"; NULL counts as that */
    /*
     * The options of 'collect' that read the same, quoted for a shell and without secrets, as
     * "--role-name census --columns full"; NULL: the role is all there is.
     */
    const char *collect_options;
    bool external_id; /* one is given; its value is never kept here */
    bool session_policy;
    enum strategy strategy;
    bool no_report; /* no credential report may be used (--max-report-age 0) */
    size_t connections;
    int64_t now_s; /* by AWS's clock */
    fact_set wanted;
    struct diagnosis_caller caller;
    struct diagnosis_organization organization;
    struct diagnosis_output output;
    struct account_diagnosis *accounts; /* ascending by id */
    size_t account_count;
    uint64_t calls; /* that were made */
    /* By diagnosis_conclude: */
    size_t verdicts[VERDICT_COUNT];          /* accounts of each */
    size_t bulk_accounts, per_user_accounts; /* how the census will read them; others are blocked */
    uint64_t estimate_calls, estimate_ms;    /* of the census */
};

#define DIAGNOSIS_USERS 20 /* assumed in each account, for the estimate */

/*
 * The verdict of an account from its results: sets 'verdict', 'stage', 'per_user' and 'unknown'.
 * The sources are chosen as the census chooses them (census/choice.h). A source that was not tried
 * counts as usable only if it is about a user or a key, since there may have been none to try it
 * on; if two sources need the same permission, one that was tried speaks for the other. Whatever
 * could not be tried for another reason must be PROBE_FAILED. Lists of users must be allowed.
 */
void diagnosis_judge(const struct diagnosis *d, struct account_diagnosis *a);
/* Judges every account, counts the verdicts, and estimates the census. */
void diagnosis_conclude(struct diagnosis *d);
/* What came of the action of a source, or of another source that needs the same permission. */
const struct action_result *diagnosis_result(const struct account_diagnosis *a, enum source_id id);
/* Exit status: 0 all is well, 1 a census would write nothing, 3 some of it. 'd' is concluded. */
int diagnosis_exit_status(const struct diagnosis *d);

#endif
