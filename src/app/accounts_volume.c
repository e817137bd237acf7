/* SPDX-License-Identifier: MIT */
/*
 * accounts_volume.c: the accounts file: a row for every account of the plan, whether it was read,
 * failed or was left out.
 */
#include "app/volume.h"
#include "base/alloc.h"
#include "output/account_csv.h"

#include <stdlib.h>

#define PATH_MAX_BYTES 4096
/* Of one row: names, a path and a password policy. */
#define ROW_MAX_BYTES ((size_t)256 * 1024)

struct accounts_file {
    struct volume volume;
    struct sink *sink; /* owned */
    struct buffer row;
    bool raw;
};

static bool accounts_volume_wanted(const struct publication_options *options)
{
    return options->config->destination.accounts_file.wanted;
}

static const char *accounts_volume_ending(const struct config *config UNUSED)
{
    return ".accounts.csv";
}

static struct sink *open_sink(struct loop *loop, const struct publication_options *options,
                              char **name, struct error *e)
{
    struct sink *sink = NULL;
    struct buffer path;
    buffer_init(&path, PATH_MAX_BYTES);
    if (volume_place(&accounts_volume, options, options->config->destination.accounts_file.path,
                     &path, e) == 0)
        sink = volume_sink(loop, options, buffer_text(&path), account_csv_content_type, name, e);
    buffer_release(&path);
    return sink;
}

static struct volume *
accounts_volume_open(struct loop *loop, const struct publication_options *options, struct error *e)
{
    char *name;
    struct sink *sink = open_sink(loop, options, &name, e);
    if (!sink)
        return NULL;
    struct accounts_file *f = xcalloc(1, sizeof(*f));
    f->volume = (struct volume){.kind = &accounts_volume, .name = name};
    f->sink = sink;
    f->raw = options->config->csv_raw;
    buffer_init(&f->row, ROW_MAX_BYTES);
    if (!options->bare)
        account_csv_begin(&f->row);
    sink_write(f->sink, buffer_view(&f->row));
    return &f->volume;
}

static struct accounts_file *file_of(struct volume *v)
{
    return (struct accounts_file *)(void *)v;
}

static void write_row(struct volume *v, const struct account *account, bool skipped)
{
    struct accounts_file *f = file_of(v);
    buffer_clear(&f->row);
    account_csv_write(account, skipped, f->raw, &f->row);
    sink_write(f->sink, buffer_view(&f->row));
    v->rows++;
}

static bool accounts_volume_account(struct volume *v, const struct account *account)
{
    if (sink_busy(file_of(v)->sink))
        return false;
    write_row(v, account, false);
    return true;
}

/* Does not wait for room: these rows are short. */
static void accounts_volume_skipped(struct volume *v, const struct account *account)
{
    write_row(v, account, true);
}

static void accounts_volume_rows(struct volume *v, struct view rows)
{
    sink_write(file_of(v)->sink, rows);
}

static bool accounts_volume_busy(const struct volume *v)
{
    return sink_busy(((const struct accounts_file *)(const void *)v)->sink);
}

static const struct error *accounts_volume_failed(const struct volume *v)
{
    return sink_failed(((const struct accounts_file *)(const void *)v)->sink);
}

static void accounts_volume_finish(struct volume *v, struct result *result UNUSED, sink_done *done,
                                   void *arg)
{
    sink_finish(file_of(v)->sink, done, arg);
}

static void accounts_volume_abandon(struct volume *v, sink_done *done, void *arg)
{
    sink_abort(file_of(v)->sink, done, arg);
}

static bool accounts_volume_unsettled(const struct volume *v, struct error *e)
{
    return sink_unsettled(((const struct accounts_file *)(const void *)v)->sink, e);
}

static void accounts_volume_free(struct volume *v)
{
    struct accounts_file *f = file_of(v);
    sink_free(f->sink);
    buffer_release(&f->row);
    free(v->name);
    free(v);
}

const struct volume_kind accounts_volume = {
    .what = "accounts file",
    .member = "accounts_file",
    .ending = accounts_volume_ending,
    .wanted = accounts_volume_wanted,
    .open = accounts_volume_open,
    .account = accounts_volume_account,
    .skipped = accounts_volume_skipped,
    .rows = accounts_volume_rows,
    .busy = accounts_volume_busy,
    .failed = accounts_volume_failed,
    .finish = accounts_volume_finish,
    .abandon = accounts_volume_abandon,
    .unsettled = accounts_volume_unsettled,
    .free = accounts_volume_free,
};
