/* SPDX-License-Identifier: MIT */
/*
 * step.h: one step of a census in several invocations, and what the kinds of steps have in common.
 *
 * A step reads its event, does its work in the bucket, and ends with an answer or an error. Each
 * kind (plan, batch, combine) is a struct that begins with a struct step, and a row of functions.
 * app/fanout/fanout.h finds the kind that an event asks for.
 */
#ifndef APP_FANOUT_STEP_H
#define APP_FANOUT_STEP_H

#include "app/run.h"
#include "app/services.h"

#define OBJECT_MAX_BYTES ((size_t)128 * 1024 * 1024) /* for the plan, or a batch's result */

struct step;

struct step_kind {
    const char *action; /* the event's 'action': "plan" */
    size_t size;        /* of the struct that begins with the struct step */
    /*
     * Begins the work, from the loop; step->bucket is set. The step ends by step_finish or
     * step_fail.
     */
    void (*start)(struct step *step);
    /*
     * Abandons what the kind itself has begun, then calls step_on_given_up. May be NULL, as may
     * those below.
     */
    void (*abandon)(struct step *step);
    /* Like run_unsettled, for what the kind itself has begun. */
    bool (*unsettled)(const struct step *step, struct error *e);
    /* Like step_result. */
    const struct result *(*result)(const struct step *step);
    /* Frees what the kind has added. */
    void (*release)(struct step *step);
};

/* What 'plan' returned: each later step gets it as the event's 'run'. */
struct step_plan {
    const char *run_id, *organization_id, *output_key; /* borrowed from the event */
    int64_t started_s;
};

struct step {
    const struct step_kind *kind;
    struct platform *platform;   /* borrowed */
    const struct config *config; /* borrowed */
    json_t *event;               /* a reference of its own */
    int64_t delay_ms;            /* from the step's start to its deadline; 0: no deadline */
    void (*done)(void *arg);
    void *arg;
    struct error error;   /* ERROR_NONE: no error */
    struct buffer answer; /* JSON */
    bool finished;

    struct services services;
    struct s3_bucket *bucket;
    struct s3_call *call; /* under way, or NULL */
    struct buffer object; /* an object that is being put, or has been got */
    struct step_plan plan;
    struct run *run; /* plan, batch: the census whose accounts are found or read; or NULL */
    struct loop_timer timer;
};

/*
 * Starts a step. 'platform' and 'config' are borrowed until the step is freed; it takes a reference
 * to 'event'. done(arg) is called once, from the loop. Never returns NULL.
 */
struct step *step_start(const struct step_kind *kind, struct platform *platform,
                        const struct config *config, json_t *event, int64_t delay_ms,
                        void (*done)(void *arg), void *arg);
/*
 * Abandons the step, whatever it is doing: a half-written output is removed, which may take a call
 * to S3. Then 'done' is called, and the step has an error.
 */
void step_abandon(struct step *step);
/* True once the step has ended: 'done' has been called, or will be in the next turn of the loop. */
bool step_finished(const struct step *step);
/* Like run_unsettled, for the step's output. */
bool step_unsettled(const struct step *step, struct error *e);
/* After 'done': NULL if the step succeeded, otherwise why not. */
const struct error *step_error(const struct step *step);
/* After 'done': the answer, a JSON text. */
const struct buffer *step_answer(const struct step *step);
/* After a 'combine' that succeeded: the result of the whole census; otherwise NULL. */
const struct result *step_result(const struct step *step);
/* Cancels what is under way and frees 'step', which may be NULL. */
void step_free(struct step *step);

/*
 * The functions below are for the kinds of steps.
 */

/* Ends the step with success; step->answer holds its answer. */
void step_finish(struct step *step);
/* Ends the step with an error, which is copied. */
void step_fail(struct step *step, const struct error *e);
/* A sink_done: ends a step that was abandoned; 'e' says what was left behind, or is NULL. */
void step_on_given_up(void *arg, const struct error *e);
/* True if nothing was cut off in 'b'. Otherwise the step fails, with an error that names 'what'. */
bool step_complete(struct step *step, const struct buffer *b, const char *what) MUST_CHECK;
/* Reads the event's 'run' into step->plan; -1 with ERROR_CONFIG that names what it lacks. */
int step_read_plan(struct step *step, struct error *e) MUST_CHECK;
/* The string member 'key' of 'object'; NULL with 'e' if there is no such string. */
const char *step_text(const json_t *object, const char *key, struct error *e);
/* Replaces the content of 'out' with "PREFIXwork/RUN_ID/NAME". */
void step_key(const struct step *step, const char *run_id, const char *name, struct buffer *out);
/*
 * Starts to put 'body' (JSON, borrowed until 'done') at 'key'; fails the step if either is cut
 * short.
 */
void step_put(struct step *step, const struct buffer *key, const struct buffer *body,
              void (*done)(void *arg, const struct s3_answer *answer, const struct error *e));

#endif
