/* SPDX-License-Identifier: MIT */
#include "app/result_object.h"

#include "app/document.h"
#include "base/log.h"

#define KEY_MAX_BYTES  ((size_t)2 * S3_KEY_MAX_BYTES)
#define BODY_MAX_BYTES ((size_t)128 * 1024 * 1024)

static void warn(const struct result_object *o, const struct error *e)
{
    log_event(LOG_WARN, "the output is complete, but its result document could not be written",
              FIELD("object", buffer_text_cut(&o->key)), FIELD("reason", e->text));
}

static void result_object_on_put(void *arg, const struct s3_answer *answer UNUSED,
                                 const struct error *e)
{
    struct result_object *o = arg;
    o->call = NULL;
    if (e)
        warn(o, e);
    o->done(o->arg);
}

void result_object_put(struct result_object *o, struct s3_bucket *bucket, const char *output_key,
                       const struct result *result, void (*done)(void *arg), void *arg)
{
    o->done = done;
    o->arg = arg;
    buffer_init(&o->key, KEY_MAX_BYTES);
    buffer_init(&o->body, BODY_MAX_BYTES);
    run_path_beside(output_key, ".result.json", &o->key);
    /* If even the ids were longer, which takes millions of accounts, the object is empty. */
    if (!document_write_within(result, BODY_MAX_BYTES, &o->body))
        buffer_clear(&o->body);
    o->call = s3_put_object(bucket, buffer_view(&o->key), "application/json", buffer_view(&o->body),
                            (struct s3_done){result_object_on_put, o});
}

void result_object_cancel(struct result_object *o)
{
    s3_cancel(o->call);
    buffer_release(&o->key);
    buffer_release(&o->body);
    *o = (struct result_object){0};
}
