/* SPDX-License-Identifier: MIT */
#include "app/result_object.h"

#include "app/document.h"
#include "base/log.h"

#define KEY_MAX_BYTES  ((size_t)2 * S3_KEY_MAX_BYTES)
#define BODY_MAX_BYTES ((size_t)128 * 1024 * 1024)

static void warn(const struct result_object *o, const char *reason)
{
    log_event(LOG_WARN, "the output is complete, but its result document could not be written",
              FIELD("object", buffer_text_cut(&o->key)), FIELD("reason", reason));
}

static void result_object_on_put(void *arg, const struct s3_answer *answer UNUSED,
                                 const struct error *e)
{
    struct result_object *o = arg;
    o->call = NULL;
    loop_timer_stop(o->loop, &o->timer);
    if (e)
        warn(o, e->text);
    o->done(o->arg);
}

static void result_object_on_limit(void *arg)
{
    struct result_object *o = arg;
    s3_cancel(o->call);
    o->call = NULL;
    warn(o, "S3 did not answer before the function's deadline");
    o->done(o->arg);
}

void result_object_put(struct result_object *o, const struct result_object_options *options,
                       void (*done)(void *arg), void *arg)
{
    o->loop = options->loop;
    o->done = done;
    o->arg = arg;
    buffer_init(&o->key, KEY_MAX_BYTES);
    buffer_init(&o->body, BODY_MAX_BYTES);
    run_path_beside(options->output_key, ".result.json", &o->key);
    /* If even the ids were longer, which takes millions of accounts, the object is empty. */
    if (!document_write_within(options->result, BODY_MAX_BYTES, &o->body))
        buffer_clear(&o->body);
    if (options->limit_ms > 0)
        loop_timer_start(o->loop, &o->timer, options->limit_ms, result_object_on_limit, o);
    o->call = s3_put_object(options->bucket, buffer_view(&o->key), "application/json",
                            buffer_view(&o->body), (struct s3_done){result_object_on_put, o});
}

void result_object_cancel(struct result_object *o)
{
    if (o->loop)
        loop_timer_stop(o->loop, &o->timer);
    s3_cancel(o->call);
    buffer_release(&o->key);
    buffer_release(&o->body);
    *o = (struct result_object){0};
}
