/*
 * fanout_state.h: what a step is made of. Private to fanout.c, fanout_plan.c, fanout_batch.c and
 * fanout_combine.c.
 */
#ifndef APP_FANOUT_STATE_H
#define APP_FANOUT_STATE_H

#include "app/fanout.h"
#include "app/services.h"
#include "base/timestamp.h"
#include "output/output.h"

#define OBJECT_MAX_BYTES ((size_t)128 * 1024 * 1024) /* of the plan, and of a batch's result */

/* What 'plan' answers, and every later step is given as the event's 'run'. */
struct fanout_run {
    const char *run_id, *organization_id, *output_key; /* borrowed from the event */
    int64_t started_s;
};

struct fanout {
    enum fanout_action action;
    struct platform *platform;
    const struct config *config;
    json_t *event;
    void (*done)(void *arg);
    void *arg;
    int64_t delay_ms;
    struct error error;
    struct buffer answer;
    bool finished;

    struct services services;
    struct s3_bucket *bucket;
    struct s3_call *call;
    struct buffer object; /* being put or got */
    struct fanout_run of;
    struct run *run; /* plan, collect_batch */
    struct loop_timer timer;

    /* collect_batch */
    struct census_account *accounts;
    size_t account_count;

    /* combine */
    json_t *batches;
    size_t batch, delete_next;
    uint64_t part_at; /* bytes of the batch's part that have been written */
    struct output output;
    bool output_open, combined;
    struct result result;
};

/* Ends the step. */
void fanout_finish(struct fanout *f);
void fanout_fail(struct fanout *f, const struct error *e);
/* True if 'b' holds all of 'what'; else the step has failed. */
bool fanout_complete(struct fanout *f, const struct buffer *b, const char *what) MUST_CHECK;
/* Reads the event's 'run' into f->of. */
int fanout_read_run(struct fanout *f, struct error *e) MUST_CHECK;
/* "PREFIXwork/RUN_ID/NAME" into 'out'. */
void fanout_key(const struct fanout *f, const char *run_id, const char *name, struct buffer *out);
/* A member that must be a string; NULL and 'e' where it is not. */
const char *fanout_text(const json_t *object, const char *key, struct error *e);

void fanout_plan(struct fanout *f);
void fanout_batch(struct fanout *f);
void fanout_combine(struct fanout *f);

#endif
