/* SPDX-License-Identifier: MIT */
/*
 * findings_volume.c: what the rules say of each account, judged when it is added, before its memory
 * is freed.
 *
 *     account itself -> user -> user -> ...      each only while the sink has room
 */
#include "app/check_settings.h"
#include "app/volume.h"
#include "base/alloc.h"
#include "rules/checker.h"

#include <stdio.h>
#include <stdlib.h>

#define PATH_MAX_BYTES 4096
/* Findings go to the sink in pieces of about this size; those of one user may be more. */
#define PIECE_BYTES    ((size_t)64 * 1024)
#define ROWS_MAX_BYTES ((size_t)16 * 1024 * 1024)

struct findings {
    struct volume volume;
    struct sink *sink; /* owned */
    const struct finding_format *format;
    struct checker checker;
    char run_id[RUN_ID_SIZE];
    struct finding_run run;
    struct buffer rows;
    struct error error; /* the rows of one user do not fit */
    bool begun;         /* the account that is being added has been judged itself, and ... */
    size_t next;        /* ... its users before this one */
};

static bool findings_volume_wanted(const struct publication_options *options)
{
    return options->config->destination.findings.wanted;
}

static const char *findings_volume_ending(const struct config *config)
{
    return config->findings_format->ending;
}

static struct sink *open_sink(struct loop *loop, const struct publication_options *options,
                              char **name, struct error *e)
{
    const struct config *config = options->config;
    struct sink *sink = NULL;
    struct buffer path;
    buffer_init(&path, PATH_MAX_BYTES);
    if (volume_place(&findings_volume, options, config->destination.findings.path, &path, e) == 0)
        sink = volume_sink(loop, options, buffer_text(&path), config->findings_format->content_type,
                           name, e);
    buffer_release(&path);
    return sink;
}

static void init_checker(struct findings *f, const struct publication_options *options)
{
    struct check_options check = options->config->check;
    check.started_s = options->started_s;
    check.suppressions = options->suppressions;
    check_settings_warn(check.suppressions, check.started_s);
    checker_init(&f->checker, &check);
}

static struct volume *
findings_volume_open(struct loop *loop, const struct publication_options *options, struct error *e)
{
    char *name;
    struct sink *sink = open_sink(loop, options, &name, e);
    if (!sink)
        return NULL;
    struct findings *f = xcalloc(1, sizeof(*f));
    f->volume = (struct volume){.kind = &findings_volume, .name = name};
    f->sink = sink;
    f->format = options->config->findings_format;
    snprintf(f->run_id, sizeof(f->run_id), "%s", options->run_id);
    f->run = (struct finding_run){.run_id = f->run_id, .started_s = options->started_s};
    buffer_init(&f->rows, ROWS_MAX_BYTES);
    init_checker(f, options);
    if (f->format->begin && !options->bare)
        f->format->begin(&f->rows);
    return &f->volume;
}

static struct findings *findings_of(struct volume *v)
{
    return (struct findings *)(void *)v;
}

static const struct findings *findings_in(const struct volume *v)
{
    return (const struct findings *)(const void *)v;
}

static void flush(struct findings *f)
{
    if (f->error.kind == ERROR_NONE && buffer_check(&f->rows, "the findings", &f->error) == 0)
        sink_write(f->sink, buffer_view(&f->rows));
    buffer_clear(&f->rows);
}

static void findings_on_finding(void *arg, const struct finding *finding)
{
    struct findings *f = arg;
    f->format->finding(&f->run, finding, &f->rows);
    f->volume.rows++;
    if (f->rows.len >= PIECE_BYTES)
        flush(f);
}

static bool findings_volume_account(struct volume *v, const struct account *account)
{
    struct findings *f = findings_of(v);
    size_t count = account->outcome == OUTCOME_FAILED ? 0 : account->user_count;
    if (!f->begun)
        checker_account_itself(&f->checker, account, findings_on_finding, f);
    f->begun = true;
    while (f->next < count) {
        if (sink_busy(f->sink))
            return false;
        checker_user(&f->checker, account, account->users[f->next++], findings_on_finding, f);
    }
    f->begun = false;
    f->next = 0;
    return true;
}

static void findings_volume_rows(struct volume *v, struct view rows)
{
    struct findings *f = findings_of(v);
    flush(f);
    sink_write(f->sink, rows);
}

static bool findings_volume_busy(const struct volume *v)
{
    return sink_busy(findings_in(v)->sink);
}

static const struct error *findings_volume_failed(const struct volume *v)
{
    const struct findings *f = findings_in(v);
    return f->error.kind != ERROR_NONE ? &f->error : sink_failed(f->sink);
}

static void findings_volume_finish(struct volume *v, struct result *result, sink_done *done,
                                   void *arg)
{
    struct findings *f = findings_of(v);
    findings_tally_take(&result->findings, &f->checker, &result->arena);
    flush(f);
    sink_finish(f->sink, done, arg);
}

static void findings_volume_abandon(struct volume *v, sink_done *done, void *arg)
{
    sink_abort(findings_of(v)->sink, done, arg);
}

static bool findings_volume_unsettled(const struct volume *v, struct error *e)
{
    return sink_unsettled(findings_in(v)->sink, e);
}

static void findings_volume_free(struct volume *v)
{
    struct findings *f = findings_of(v);
    sink_free(f->sink);
    checker_release(&f->checker);
    buffer_release(&f->rows);
    free(v->name);
    free(v);
}

const struct volume_kind findings_volume = {
    .what = "findings file",
    .member = "findings_file",
    .ending = findings_volume_ending,
    .wanted = findings_volume_wanted,
    .open = findings_volume_open,
    .account = findings_volume_account,
    .rows = findings_volume_rows,
    .busy = findings_volume_busy,
    .failed = findings_volume_failed,
    .finish = findings_volume_finish,
    .abandon = findings_volume_abandon,
    .unsettled = findings_volume_unsettled,
    .free = findings_volume_free,
};
