/* SPDX-License-Identifier: MIT */
#include "app/bucket_check.h"

#define NAME_MAX_BYTES ((size_t)2 * S3_KEY_MAX_BYTES)

/* Reads what was got; the object's key is named in the error. */
static int read_object(struct bucket_check *c, struct error *e)
{
    struct buffer name;
    buffer_init(&name, NAME_MAX_BYTES);
    buffer_addf(&name, "the object '%s'", c->suppress_key);
    if (buffer_check(&c->object, buffer_text_cut(&name), e) == 0)
        c->suppressions = suppressions_read(buffer_view(&c->object), buffer_text_cut(&name), e);
    buffer_release(&name);
    buffer_release(&c->object);
    return c->suppressions ? 0 : -1;
}

static void bucket_check_on_object(void *arg, const struct s3_answer *answer UNUSED,
                                   const struct error *e)
{
    struct bucket_check *c = arg;
    struct error mine;
    c->call = NULL;
    if (e) {
        mine = *e;
        error_prefix(&mine, "the suppressions '%s' can't be read, so no account was read",
                     c->suppress_key);
        mine.kind = ERROR_CONFIG;
    }
    if (e || read_object(c, &mine) != 0)
        c->done(c->arg, &mine);
    else
        c->done(c->arg, NULL);
}

static void bucket_check_on_head(void *arg, const struct s3_answer *answer UNUSED,
                                 const struct error *e)
{
    struct bucket_check *c = arg;
    c->call = NULL;
    if (e) {
        struct error mine = *e;
        error_prefix(&mine, "the output can't be written, so no account was read");
        c->done(c->arg, &mine);
    } else if (c->suppress_key) {
        c->call = s3_get_object(c->bucket, view_of(c->suppress_key), 0, SUPPRESSIONS_MAX_BYTES,
                                &c->object, (struct s3_done){bucket_check_on_object, c});
    } else {
        c->done(c->arg, NULL);
    }
}

void bucket_check_start(struct bucket_check *c, struct s3_bucket *bucket, const char *suppress_key,
                        void (*done)(void *arg, const struct error *e), void *arg)
{
    c->bucket = bucket;
    c->suppress_key = suppress_key;
    c->done = done;
    c->arg = arg;
    buffer_init(&c->object, SUPPRESSIONS_MAX_BYTES);
    c->call = s3_head_bucket(bucket, (struct s3_done){bucket_check_on_head, c});
}

void bucket_check_release(struct bucket_check *c)
{
    s3_cancel(c->call);
    suppressions_free(c->suppressions);
    buffer_release(&c->object);
    *c = (struct bucket_check){0};
}
