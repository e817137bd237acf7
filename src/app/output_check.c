/* SPDX-License-Identifier: MIT */
#include "app/output_check.h"

#include "base/leftover.h"
#include "output/sink_file.h"
#include "output/sqlite.h"
#include "store/database.h"

#include <sys/stat.h>
#include <unistd.h>

#define KEY_MAX_BYTES ((size_t)2 * S3_KEY_MAX_BYTES)

static void end(struct output_check *c, const struct error *e)
{
    c->call = NULL;
    leftover_upload_forget(buffer_text(&c->key));
    c->done(c->arg, e);
}

static void output_check_on_aborted(void *arg, const struct s3_answer *answer UNUSED,
                                    const struct error *e)
{
    struct error mine;
    if (e) {
        mine = *e;
        error_prefix(&mine, "an upload was begun, and could not be aborted");
    }
    end(arg, e ? &mine : NULL);
}

static void output_check_on_created(void *arg, const struct s3_answer *answer,
                                    const struct error *e)
{
    struct output_check *c = arg;
    if (e)
        end(c, e);
    else
        c->call = s3_abort_multipart_upload(c->bucket, buffer_view(&c->key), answer->upload_id,
                                            (struct s3_done){output_check_on_aborted, c});
}

/* The nth file that a run writes: the output and those whose paths are given; NULL: no more. */
static const char *nth_file(const struct destination *d, size_t nth)
{
    const char *paths[] = {d->output ? d->output : OUTPUT_CHECK_NAME,
                           d->accounts_file.wanted ? d->accounts_file.path : NULL,
                           d->findings.wanted ? d->findings.path : NULL};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        if (paths[i] && nth-- == 0)
            return paths[i];
    return NULL;
}

/* A pipe or a device must not be opened: whoever reads it would see its end. */
static bool is_stream(const char *path)
{
    struct stat st;
    return strcmp(path, "-") == 0 ||
           (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode));
}

/* A database is written where it lies, so it must be one; any other file is replaced. */
static int check_database(const struct output_check *c, const char *path, struct error *e)
{
    struct database db;
    if (c->config->format != &sqlite_format || path != c->config->destination.output ||
        access(path, F_OK) != 0)
        return 0;
    if (access(path, W_OK) != 0)
        return error_set(e, ERROR_SYSTEM, "the database '%s' can't be written to", path);
    int result = database_open(&db, path, DATABASE_LOOK, e);
    database_close(&db);
    return result;
}

static void output_check_on_file(void *arg);

static void output_check_on_removed(void *arg, const struct error *e)
{
    struct output_check *c = arg;
    if (e) {
        c->error = *e;
        c->done(c->arg, &c->error);
        return;
    }
    loop_soon(c->loop, &c->timer, output_check_on_file, c);
}

static void output_check_on_file(void *arg)
{
    struct output_check *c = arg;
    sink_free(c->sink);
    c->sink = NULL;
    const char *path = nth_file(&c->config->destination, c->next++);
    while (path && is_stream(path))
        path = nth_file(&c->config->destination, c->next++);
    if (!path) {
        c->done(c->arg, NULL);
        return;
    }
    if (check_database(c, path, &c->error) == 0)
        c->sink = sink_file_new(c->loop, path, &c->error);
    if (c->sink)
        sink_abort(c->sink, output_check_on_removed, c);
    else
        c->done(c->arg, &c->error);
}

void output_check_start(struct output_check *c, struct loop *loop, const struct config *config,
                        struct s3_bucket *bucket, void (*done)(void *arg, const struct error *e),
                        void *arg)
{
    *c = (struct output_check){
        .loop = loop, .config = config, .bucket = bucket, .done = done, .arg = arg};
    buffer_init(&c->key, KEY_MAX_BYTES);
    if (!bucket) {
        loop_soon(loop, &c->timer, output_check_on_file, c);
        return;
    }
    buffer_addf(&c->key, "%s" OUTPUT_CHECK_NAME, config->destination.prefix);
    leftover_upload_note(buffer_text(&c->key));
    c->call = s3_create_multipart_upload(bucket, buffer_view(&c->key), config->format->content_type,
                                         (struct s3_done){output_check_on_created, c});
}

bool output_check_busy(const struct output_check *c)
{
    return c->call || c->sink;
}

void output_check_release(struct output_check *c)
{
    if (!c->loop)
        return;
    s3_cancel(c->call);
    leftover_upload_forget(buffer_text(&c->key));
    sink_free(c->sink);
    loop_timer_stop(c->loop, &c->timer);
    buffer_release(&c->key);
    *c = (struct output_check){0};
}

void output_check_target(const struct config *config, struct buffer *out)
{
    const struct destination *d = &config->destination;
    if (d->bucket)
        buffer_addf(out, "s3://%s/%s", d->bucket, d->prefix);
    else if (!d->output)
        buffer_add_text(out, "a file in this folder");
    else
        buffer_add_text(out, strcmp(d->output, "-") == 0 ? "standard output" : d->output);
}
