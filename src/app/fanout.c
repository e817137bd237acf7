#include "app/fanout_state.h"

#include "base/alloc.h"

#include <stdlib.h>

int fanout_action(const json_t *event, enum fanout_action *action, struct error *e)
{
    static const char *const names[] = {[ACTION_CENSUS] = "census",
                                        [ACTION_PLAN] = "plan",
                                        [ACTION_COLLECT_BATCH] = "collect_batch",
                                        [ACTION_COMBINE] = "combine"};
    const json_t *value = json_object_get(event, "action");
    *action = ACTION_CENSUS;
    if (!value || json_is_null(value))
        return 0;
    for (unsigned i = 0; json_is_string(value) && i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], json_string_value(value)) == 0) {
            *action = (enum fanout_action)i;
            return 0;
        }
    return error_set(e, ERROR_CONFIG,
                     "the event's 'action' is '%.40s': allowed are census, plan, collect_batch, "
                     "combine",
                     json_is_string(value) ? json_string_value(value) : "no string");
}

static void on_finish(void *arg)
{
    struct fanout *f = arg;
    f->done(f->arg);
}

void fanout_finish(struct fanout *f)
{
    if (!buffer_complete(&f->answer)) {
        buffer_clear(&f->answer);
        error_set(&f->error, ERROR_LIMIT, "the step's answer is longer than %zu bytes",
                  f->answer.max);
    }
    f->finished = true;
    loop_soon(f->platform->loop, &f->timer, on_finish, f);
}

void fanout_fail(struct fanout *f, const struct error *e)
{
    f->error = *e;
    services_explain_refusal(&f->services, &f->error);
    error_add_origin(&f->error);
    fanout_finish(f);
}

bool fanout_complete(struct fanout *f, const struct buffer *b, const char *what)
{
    struct error e;
    if (buffer_check(b, what, &e) == 0)
        return true;
    fanout_fail(f, &e);
    return false;
}

const char *fanout_text(const json_t *object, const char *key, struct error *e)
{
    const char *text = json_string_value(json_object_get(object, key));
    if (!text)
        error_set(e, ERROR_CONFIG, "the event lacks '%s', a string that the plan answered", key);
    return text;
}

int fanout_read_run(struct fanout *f, struct error *e)
{
    const json_t *run = json_object_get(f->event, "run");
    const char *started = NULL;
    if (!json_is_object(run))
        return error_set(e, ERROR_CONFIG, "the event lacks 'run', the answer of the plan");
    if (!(f->of.run_id = fanout_text(run, "run_id", e)) ||
        !(f->of.organization_id = fanout_text(run, "organization_id", e)) ||
        !(f->of.output_key = fanout_text(run, "output_key", e)) ||
        !(started = fanout_text(run, "started_at", e)))
        return -1;
    if (timestamp_parse(view_of(started), &f->of.started_s) != 0)
        return error_set(e, ERROR_CONFIG, "the event's 'run.started_at' is no time: '%.40s'",
                         started);
    return 0;
}

void fanout_key(const struct fanout *f, const char *run_id, const char *name, struct buffer *out)
{
    buffer_clear(out);
    buffer_addf(out, "%swork/%s/%s", f->config->prefix, run_id, name);
}

static void on_start(void *arg)
{
    struct fanout *f = arg;
    struct error e;
    if (services_resolve(&f->services, &e) != 0 ||
        !(f->bucket = services_bucket(&f->services, f->config, &e))) {
        fanout_fail(f, &e);
        return;
    }
    if (f->action == ACTION_PLAN)
        fanout_plan(f);
    else if (f->action == ACTION_COLLECT_BATCH)
        fanout_batch(f);
    else
        fanout_combine(f);
}

struct fanout *fanout_start(enum fanout_action action, struct platform *platform,
                            const struct config *config, json_t *event, int64_t delay_ms,
                            void (*done)(void *arg), void *arg)
{
    struct fanout *f = xcalloc(1, sizeof(*f));
    f->action = action;
    f->platform = platform;
    f->config = config;
    f->event = json_incref(event);
    f->delay_ms = delay_ms;
    f->done = done;
    f->arg = arg;
    buffer_init(&f->answer, OBJECT_MAX_BYTES);
    buffer_init(&f->object, OBJECT_MAX_BYTES);
    services_init(&f->services, platform, config->max_connections);
    loop_soon(platform->loop, &f->timer, on_start, f);
    return f;
}

static void on_abandoned(void *arg, const struct error *e)
{
    struct fanout *f = arg;
    struct error mine;
    if (e)
        mine = *e;
    else
        error_set(&mine, ERROR_CANCELLED, "nothing was written");
    error_prefix(&mine, "the step was given up");
    fanout_fail(f, &mine);
}

/* A run that has not ended tells its own 'done', which fails the step. */
void fanout_abandon(struct fanout *f)
{
    if (f->finished)
        return;
    loop_timer_stop(f->platform->loop, &f->timer);
    s3_cancel(f->call);
    f->call = NULL;
    if (f->run && !run_finished(f->run))
        run_abandon(f->run);
    else if (f->output_open)
        output_abort(&f->output, on_abandoned, f);
    else
        on_abandoned(f, NULL);
}

bool fanout_finished(const struct fanout *f)
{
    return f->finished;
}

bool fanout_unsettled(const struct fanout *f, struct error *e)
{
    return (f->run && run_unsettled(f->run, e)) ||
           (f->output_open && sink_unsettled(f->output.sink, e));
}

const struct error *fanout_error(const struct fanout *f)
{
    return f->error.kind == ERROR_NONE ? NULL : &f->error;
}

const struct buffer *fanout_answer(const struct fanout *f)
{
    return &f->answer;
}

const struct result *fanout_result(const struct fanout *f)
{
    return f->combined ? &f->result : NULL;
}

void fanout_free(struct fanout *f)
{
    if (!f)
        return;
    loop_timer_stop(f->platform->loop, &f->timer);
    run_free(f->run);
    s3_cancel(f->call);
    if (f->output_open)
        output_release(&f->output);
    s3_bucket_free(f->bucket);
    services_release(&f->services);
    result_release(&f->result);
    buffer_release(&f->answer);
    buffer_release(&f->object);
    free(f->accounts);
    json_decref(f->batches);
    json_decref(f->event);
    free(f);
}
