/* SPDX-License-Identifier: MIT */
#include "app/volume.h"

#include "app/run_name.h"
#include "base/alloc.h"
#include "output/sink_file.h"
#include "output/sink_s3.h"

#include <stdlib.h>

#define NAME_MAX_BYTES 4096

static struct sink *open_object(struct loop *loop, const struct publication_options *o,
                                const char *path, const char *content_type, char **name,
                                struct error *e)
{
    const struct view key = view_of(path);
    struct buffer url;
    struct sink *sink = NULL;
    buffer_init(&url, NAME_MAX_BYTES);
    buffer_addf(&url, "s3://%s/%s", o->config->destination.bucket, path);
    if (!buffer_complete(&url) || key.len > S3_KEY_MAX_BYTES)
        error_set(e, ERROR_CONFIG, "the object's key is longer than %d bytes", S3_KEY_MAX_BYTES);
    else
        sink = sink_s3_new(loop, o->bucket, key, content_type);
    if (sink)
        *name = xstrdup(buffer_text(&url));
    buffer_release(&url);
    return sink;
}

int volume_place(const struct volume_kind *kind, const struct publication_options *options,
                 const char *path, struct buffer *out, struct error *e)
{
    if (path && !options->bare)
        buffer_add_text(out, path);
    else
        run_path_beside(options->path, kind->ending(options->config), out);
    return buffer_check(out, "its name", e);
}

struct sink *volume_sink(struct loop *loop, const struct publication_options *options,
                         const char *path, const char *content_type, char **name, struct error *e)
{
    struct sink *sink;
    if (options->bucket) {
        sink = open_object(loop, options, path, content_type, name, e);
    } else {
        sink = sink_file_new(loop, path, e);
        if (sink)
            *name = xstrdup(path);
    }
    if (sink)
        sink_set_ready(sink, options->ready, options->arg);
    return sink;
}
