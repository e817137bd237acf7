/* SPDX-License-Identifier: MIT */
/*
 * job_context.h: what all jobs of a run share: services, settings and callbacks.
 */
#ifndef CENSUS_JOB_CONTEXT_H
#define CENSUS_JOB_CONTEXT_H

#include "api/sts.h"
#include "census/caller.h"
#include "census/facts.h"

struct job;

/* What all jobs of a run share; borrowed for the life of the jobs. */
struct job_context {
    struct aws_client *client;
    const struct sts *sts;
    const struct endpoint *iam;
    struct caller *caller;            /* who runs the census */
    const char *partition;            /* of the roles' ARNs: "aws" */
    struct view role;                 /* name, or path and name, without a leading '/' */
    const struct secret *external_id; /* NULL: there is none */
    struct view session_policy;       /* VIEW_NONE: none */
    enum strategy strategy;
    fact_set wanted;          /* facts that the columns or the format need */
    unsigned calls_at_once;   /* that one account may have under way or waiting for its rate */
    int64_t report_limit_ms;  /* how long a credential report may take */
    int64_t max_report_age_s; /* an older one is not used; 0: none is requested */
    /* The job is over. Free it from the loop, not from within this call. */
    void (*done)(void *arg, struct job *job);
    /* The job may have become hungry. */
    void (*changed)(void *arg, struct job *job);
    /*
     * True if the job may hold more memory: it asks before each further page about its whole
     * account, and is hungry while it may not. NULL: always.
     */
    bool (*may_grow)(void *arg, const struct job *job);
    void *arg;
};

/* True if jobs of this context request credential reports. */
static inline bool job_uses_report(const struct job_context *context)
{
    return context->strategy != STRATEGY_PER_USER && context->max_report_age_s > 0;
}

#endif
