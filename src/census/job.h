/*
 * job.h: one account's census: assume the role, list the users, read every fact, settle the
 * outcome.
 *
 * A job is started, fed with room (each feed starts the calls of one more user), and ends with one
 * callback; its account then says how it went. It never waits and never writes.
 */
#ifndef CENSUS_JOB_H
#define CENSUS_JOB_H

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
    const char *partition;            /* "aws": of the roles' ARNs */
    struct view role;                 /* name, or path and name, without a leading '/' */
    const struct secret *external_id; /* NULL: there is none */
    struct view session_policy;       /* VIEW_NONE: none */
    enum strategy strategy;
    fact_set wanted;          /* facts that some column or format asks for */
    unsigned calls_at_once;   /* that one account may have under way or waiting for its rate */
    int64_t report_limit_ms;  /* how long a credential report may take */
    int64_t max_report_age_s; /* an older one is not used; 0: none is asked for */
    /* The job is over: free it from the loop, not from within. */
    void (*done)(void *arg, struct job *job);
    /* The job may have become hungry. */
    void (*changed)(void *arg, struct job *job);
    void *arg;
};

/* True if jobs of this context ask for credential reports. */
static inline bool job_uses_report(const struct job_context *context)
{
    return context->strategy != STRATEGY_PER_USER && context->max_report_age_s > 0;
}

/* A job for the account 'id' (12 digits); 'name' (copied) from Organizations or VIEW_NONE. Never
 * NULL. */
struct job *job_new(const struct job_context *context, size_t number, const char *id,
                    struct view name);
/* Cancels what is under way and frees it, with its account. 'job' may be NULL. */
void job_free(struct job *job);
/* Begins; 'done' is called later, once. */
void job_start(struct job *job);
/*
 * True if the job has asked for its report and waits for its turn to read: job_feed begins that,
 * and from then on its account takes up memory.
 */
bool job_ready(const struct job *job);
/* True if there is a user whose calls can be started now: the job is hungry. */
bool job_hungry(const struct job *job);
/* Begins to read a ready job; goes on in a hungry one until the calls of one user have started. */
void job_feed(struct job *job);
/* Ends a job that is under way as failed at 'stage' ("Deadline"); 'done' is not called. */
void job_stop(struct job *job, const char *stage, const struct error *e);
bool job_over(const struct job *job);
/* Its place in the order of accounts. */
size_t job_number(const struct job *job);
/* Users settled so far: for progress. */
size_t job_users_settled(const struct job *job);
/* Bytes that it holds. */
size_t job_held_bytes(const struct job *job);
struct account *job_account(struct job *job);

#endif
