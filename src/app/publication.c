/* SPDX-License-Identifier: MIT */
#include "app/publication.h"

#include "base/alloc.h"
#include "output/sink_file.h"
#include "output/sink_s3.h"

#include <stdlib.h>

#define NAME_MAX_BYTES 4096

void publication_init(struct publication *p, struct loop *loop)
{
    *p = (struct publication){.loop = loop};
}

/* Also sets p->name. */
static struct sink *open_object(struct publication *p, const struct publication_options *o,
                                struct error *e)
{
    const struct view key = view_of(o->path);
    struct buffer url;
    struct sink *sink = NULL;
    buffer_init(&url, NAME_MAX_BYTES);
    buffer_addf(&url, "s3://%s/%s", o->config->destination.bucket, o->path);
    if (!buffer_complete(&url) || key.len > S3_KEY_MAX_BYTES)
        error_set(e, ERROR_CONFIG, "the object's key is longer than %d bytes", S3_KEY_MAX_BYTES);
    else
        sink = sink_s3_new(p->loop, o->bucket, key, o->config->format->content_type);
    if (sink)
        p->name = xstrdup(buffer_text(&url));
    buffer_release(&url);
    return sink;
}

static struct sink *open_file(struct publication *p, const struct publication_options *o,
                              struct error *e)
{
    struct sink *sink = sink_file_new(p->loop, o->path, e);
    if (sink)
        p->name = xstrdup(o->path);
    return sink;
}

int publication_open(struct publication *p, const struct publication_options *options,
                     struct error *e)
{
    const struct writer_options rows = {.started_s = options->started_s,
                                        .extended = options->config->extended,
                                        .raw = options->config->csv_raw,
                                        .bare = options->bare};
    struct sink *sink = options->bucket ? open_object(p, options, e) : open_file(p, options, e);
    if (!sink)
        return -1;
    output_init(&p->output, options->config->format, &rows, sink);
    sink_set_ready(sink, options->ready, options->arg);
    return 0;
}

const char *publication_name(const struct publication *p)
{
    return p->name;
}

bool publication_add_account(struct publication *p, const struct account *account)
{
    return output_account(&p->output, account);
}

void publication_add_rows(struct publication *p, struct view rows)
{
    output_rows(&p->output, rows);
}

bool publication_busy(const struct publication *p)
{
    return sink_busy(p->output.sink);
}

const struct error *publication_failed(const struct publication *p)
{
    return output_failed(&p->output);
}

static void publication_on_written(void *arg, const struct error *e)
{
    struct publication *p = arg;
    if (!e) {
        p->result->output = xstrdup(p->name);
        p->result->rows = p->output.row_count + p->result->merged_rows;
        p->result->second_keys += p->output.second_keys;
    }
    p->done(p->arg, e);
}

void publication_finish(struct publication *p, struct result *result, sink_done *done, void *arg)
{
    p->result = result;
    p->done = done;
    p->arg = arg;
    output_finish(&p->output, publication_on_written, p);
}

static void publication_on_taken_away(void *arg, const struct error *e)
{
    struct publication *p = arg;
    struct error nothing;
    if (!e)
        error_set(&nothing, ERROR_CANCELLED, "nothing was written");
    p->done(p->arg, e ? e : &nothing);
}

static void publication_on_never_open(void *arg)
{
    publication_on_taken_away(arg, NULL);
}

void publication_abandon(struct publication *p, sink_done *done, void *arg)
{
    p->done = done;
    p->arg = arg;
    if (p->name)
        output_abort(&p->output, publication_on_taken_away, p);
    else
        loop_soon(p->loop, &p->timer, publication_on_never_open, p);
}

bool publication_unsettled(const struct publication *p, struct error *e)
{
    return p->name && sink_unsettled(p->output.sink, e);
}

void publication_release(struct publication *p)
{
    if (p->loop)
        loop_timer_stop(p->loop, &p->timer);
    if (p->name)
        output_release(&p->output);
    free(p->name);
    *p = (struct publication){.loop = NULL};
}
