/* SPDX-License-Identifier: MIT */
/* users_volume.c: the output itself, a row for each user, in a format of output/writer.h. */
#include "app/volume.h"
#include "base/alloc.h"
#include "output/output.h"

#include <stdlib.h>

struct users {
    struct volume volume;
    struct output output;
    sink_done *done;
    void *arg;
};

static bool users_wanted(const struct publication_options *options)
{
    return options->config->format->user != NULL;
}

static struct volume *users_open(struct loop *loop, const struct publication_options *options,
                                 struct error *e)
{
    const struct config *config = options->config;
    const struct writer_options rows = {.started_s = options->started_s,
                                        .columns = config->columns,
                                        .raw = config->csv_raw,
                                        .bare = options->bare};
    char *name;
    struct sink *sink =
        volume_sink(loop, options, options->path, config->format->content_type, &name, e);
    if (!sink)
        return NULL;
    struct users *u = xcalloc(1, sizeof(*u));
    u->volume = (struct volume){.kind = &users_volume, .name = name};
    output_init(&u->output, config->format, &rows, sink);
    return &u->volume;
}

static struct users *users_of(struct volume *v)
{
    return (struct users *)(void *)v;
}

/* A failed account has no rows: never half a list. */
static bool users_account(struct volume *v, const struct account *account)
{
    return account->outcome == OUTCOME_FAILED || output_account(&users_of(v)->output, account);
}

static void users_rows(struct volume *v, struct view rows)
{
    output_rows(&users_of(v)->output, rows);
}

static bool users_busy(const struct volume *v)
{
    return sink_busy(((const struct users *)(const void *)v)->output.sink);
}

static const struct error *users_failed(const struct volume *v)
{
    return output_failed(&((const struct users *)(const void *)v)->output);
}

static void users_on_finished(void *arg, const struct error *e)
{
    struct users *u = arg;
    u->volume.rows = u->output.row_count;
    u->volume.second_keys = u->output.second_keys;
    u->done(u->arg, e);
}

static void users_finish(struct volume *v, struct result *result UNUSED, sink_done *done, void *arg)
{
    struct users *u = users_of(v);
    u->done = done;
    u->arg = arg;
    output_finish(&u->output, users_on_finished, u);
}

static void users_abandon(struct volume *v, sink_done *done, void *arg)
{
    output_abort(&users_of(v)->output, done, arg);
}

static bool users_unsettled(const struct volume *v, struct error *e)
{
    return sink_unsettled(((const struct users *)(const void *)v)->output.sink, e);
}

static void users_free(struct volume *v)
{
    output_release(&users_of(v)->output);
    free(v->name);
    free(v);
}

const struct volume_kind users_volume = {
    .what = NULL,
    .wanted = users_wanted,
    .open = users_open,
    .account = users_account,
    .rows = users_rows,
    .busy = users_busy,
    .failed = users_failed,
    .finish = users_finish,
    .abandon = users_abandon,
    .unsettled = users_unsettled,
    .free = users_free,
};
