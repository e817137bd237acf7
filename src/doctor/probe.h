/* SPDX-License-Identifier: MIT */
/*
 * probe.h: finds out for one account which calls of a census it would answer.
 *
 * It makes the census' own calls, each with one item, at most PROBE_CALLS_MOST of them without
 * repetitions. It reads nothing of what they return but the name of one user and one of its keys.
 */
#ifndef DOCTOR_PROBE_H
#define DOCTOR_PROBE_H

#include "census/job_context.h"
#include "doctor/diagnosis.h"

#define PROBE_CALLS_MOST 16 /* an account, AssumeRole included */
/*
 * The code of a call that was needed, and not made because there would have been too many. It may
 * be denied, so it counts as failed.
 */
#define PROBE_NO_CALLS_LEFT "CallLimit"
/* The user that calls are about if the account shows none. */
#define PROBE_USER "iam-census-doctor"

/* What all probes share; borrowed while they run. */
struct probe_context {
    struct aws_client *client;
    const struct sts *sts;
    const struct endpoint *iam;
    struct caller *caller;
    const char *partition;
    struct view session_policy; /* VIEW_NONE: none */
    const struct secret *external_id;
    bool uses_report;
    struct diagnosis *diagnosis; /* its role, strategy, wanted facts; 'calls' are counted there */
    /* The account has been asked. Free the probe from the loop, not from within this call. */
    void (*done)(void *arg, struct account_diagnosis *account);
    void *arg;
};

struct probe;

/* Asks 'account', which has its id and no results; never calls back before it has returned. */
struct probe *probe_start(const struct probe_context *context, struct account_diagnosis *account);
/* The account that it asks. */
const struct account_diagnosis *probe_account(const struct probe *probe);
/* Cancels what is under way and frees 'probe', which may be NULL. */
void probe_free(struct probe *probe);

#endif
