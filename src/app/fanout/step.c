/* SPDX-License-Identifier: MIT */
#include "app/fanout/step.h"

#include "base/alloc.h"
#include "base/timestamp.h"

#include <stdlib.h>

static void step_on_end(void *arg)
{
    struct step *step = arg;
    step->done(step->arg);
}

void step_finish(struct step *step)
{
    if (!buffer_complete(&step->answer)) {
        buffer_clear(&step->answer);
        error_set(&step->error, ERROR_LIMIT, "the step's answer is longer than %zu bytes",
                  step->answer.max);
    }
    step->finished = true;
    loop_soon(step->platform->loop, &step->timer, step_on_end, step);
}

void step_fail(struct step *step, const struct error *e)
{
    step->error = *e;
    services_explain_refusal(&step->services, &step->error);
    error_add_origin(&step->error);
    step_finish(step);
}

bool step_complete(struct step *step, const struct buffer *b, const char *what)
{
    struct error e;
    if (buffer_check(b, what, &e) == 0)
        return true;
    step_fail(step, &e);
    return false;
}

const char *step_text(const json_t *object, const char *key, struct error *e)
{
    const char *text = json_string_value(json_object_get(object, key));
    if (!text)
        error_set(e, ERROR_CONFIG, "the event lacks '%s', a string that the plan answered", key);
    return text;
}

int step_read_plan(struct step *step, struct error *e)
{
    const json_t *run = json_object_get(step->event, "run");
    struct step_plan *plan = &step->plan;
    const char *started = NULL;
    if (!json_is_object(run))
        return error_set(e, ERROR_CONFIG, "the event lacks 'run', the answer of the plan");
    if (!(plan->run_id = step_text(run, "run_id", e)) ||
        !(plan->organization_id = step_text(run, "organization_id", e)) ||
        !(plan->output_key = step_text(run, "output_key", e)) ||
        !(started = step_text(run, "started_at", e)))
        return -1;
    if (timestamp_parse(view_of(started), &plan->started_s) != 0)
        return error_set(e, ERROR_CONFIG,
                         "the event's 'run.started_at' is not a valid time: '%.40s'", started);
    return 0;
}

void step_key(const struct step *step, const char *run_id, const char *name, struct buffer *out)
{
    buffer_clear(out);
    buffer_addf(out, "%swork/%s/%s", step->config->destination.prefix, run_id, name);
}

void step_put(struct step *step, const struct buffer *key, const struct buffer *body,
              void (*done)(void *arg, const struct s3_answer *answer, const struct error *e))
{
    if (step_complete(step, key, "a key of the fan-out") &&
        step_complete(step, body, "an object of the fan-out"))
        step->call = s3_put_object(step->bucket, buffer_view(key), "application/json",
                                   buffer_view(body), (struct s3_done){done, step});
}

/* A format without rows, a database, can't be put together from the parts of the batches. */
static int check_format(const struct config *config, struct error *e)
{
    if (config->format->user)
        return 0;
    return error_set(e, ERROR_CONFIG,
                     "a census in several invocations can't write the format '%s': give csv or "
                     "jsonl",
                     config->format->name);
}

static void step_on_start(void *arg)
{
    struct step *step = arg;
    struct error e;
    if (check_format(step->config, &e) != 0 || services_resolve(&step->services, &e) != 0 ||
        !(step->bucket = services_bucket(&step->services, step->config, &e)))
        step_fail(step, &e);
    else
        step->kind->start(step);
}

struct step *step_start(const struct step_kind *kind, struct platform *platform,
                        const struct config *config, json_t *event, int64_t delay_ms,
                        void (*done)(void *arg), void *arg)
{
    struct step *step = xcalloc(1, kind->size);
    step->kind = kind;
    step->platform = platform;
    step->config = config;
    step->event = json_incref(event);
    step->delay_ms = delay_ms;
    step->done = done;
    step->arg = arg;
    buffer_init(&step->answer, OBJECT_MAX_BYTES);
    buffer_init(&step->object, OBJECT_MAX_BYTES);
    services_init(&step->services, platform, config->max_connections);
    loop_soon(platform->loop, &step->timer, step_on_start, step);
    return step;
}

void step_on_given_up(void *arg, const struct error *e)
{
    struct step *step = arg;
    struct error mine;
    if (e)
        mine = *e;
    else
        error_set(&mine, ERROR_CANCELLED, "nothing was written");
    error_prefix(&mine, "the step was given up");
    step_fail(step, &mine);
}

/*
 * Abandoning a run that has not ended makes it fail, and its 'done' fails the step. A step without
 * a bucket was never started, so there is nothing to abandon.
 */
void step_abandon(struct step *step)
{
    if (step->finished)
        return;
    loop_timer_stop(step->platform->loop, &step->timer);
    s3_cancel(step->call);
    step->call = NULL;
    if (step->run && !run_finished(step->run))
        run_abandon(step->run);
    else if (step->kind->abandon && step->bucket)
        step->kind->abandon(step);
    else
        step_on_given_up(step, NULL);
}

bool step_finished(const struct step *step)
{
    return step->finished;
}

bool step_unsettled(const struct step *step, struct error *e)
{
    return (step->run && run_unsettled(step->run, e)) ||
           (step->kind->unsettled && step->kind->unsettled(step, e));
}

const struct error *step_error(const struct step *step)
{
    return step->error.kind == ERROR_NONE ? NULL : &step->error;
}

const struct buffer *step_answer(const struct step *step)
{
    return &step->answer;
}

const struct result *step_result(const struct step *step)
{
    return step->kind->result ? step->kind->result(step) : NULL;
}

void step_free(struct step *step)
{
    if (!step)
        return;
    loop_timer_stop(step->platform->loop, &step->timer);
    run_free(step->run);
    s3_cancel(step->call);
    if (step->kind->release)
        step->kind->release(step);
    s3_bucket_free(step->bucket);
    services_release(&step->services);
    buffer_release(&step->answer);
    buffer_release(&step->object);
    json_decref(step->event);
    free(step);
}
