/* SPDX-License-Identifier: MIT */
/*
 * database_volume.c: the output as an SQLite database (store/recording.h).
 *
 * A local file gets one more run; it is written in one transaction, which finish commits. For a
 * bucket the database is made in a temporary file without a name, so that it goes away however the
 * process ends, and finish uploads it:
 *
 *     OPEN -- finish --> commit --+-- a local file ------------> WRITTEN -> done
 *                                 +-- UPLOADING, piece by piece -> sink_finish -> done
 */
#include "app/volume.h"

#include "app/document.h"
#include "base/alloc.h"
#include "base/environ.h"
#include "base/version.h"
#include "rules/checker.h"
#include "store/recording.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PIECE_BYTES        ((size_t)256 * 1024)
#define DOCUMENT_MAX_BYTES ((size_t)32 * 1024 * 1024)
#define RULES_MAX_BYTES    ((size_t)16 * 1024)

struct database_file {
    struct volume volume;
    struct loop *loop;
    struct loop_timer timer;
    struct database db;
    struct recording *recording;
    int64_t started_s, opened_at_ms, keep_runs;
    bool written; /* a local file has the run */
    bool judges;  /* findings are wanted: they go into the database too */
    struct checker checker;
    struct error error;
    struct sink *sink; /* of the object; NULL: a local file */
    int fd;            /* of the temporary file; -1: none */
    char *piece;       /* of the upload */
    sink_done *done;
    void *arg;
};

static struct database_file *file_of(struct volume *v)
{
    return (struct database_file *)(void *)v;
}

static bool database_volume_wanted(const struct publication_options *options)
{
    return options->config->format->user == NULL;
}

/* Opens a file in TMPDIR that has no name any more. */
static int open_scratch(struct database_file *f, struct error *e)
{
    const char *folder = environ_get(environ_system(), "TMPDIR");
    char path[4096];
    snprintf(path, sizeof(path), "%s/iam-census.XXXXXX", folder ? folder : "/tmp");
    f->fd = mkostemp(path, O_CLOEXEC);
    if (f->fd < 0)
        return error_set_errno(e, "can't make a temporary file '%s' (TMPDIR)", path);
    int result = database_open(&f->db, path, DATABASE_SCRATCH, e);
    unlink(path);
    return result;
}

static int open_target(struct database_file *f, const struct publication_options *o,
                       struct error *e)
{
    if (!o->bucket) {
        f->volume.name = xstrdup(o->path);
        return database_open(&f->db, o->path, DATABASE_MAKE, e);
    }
    f->sink = volume_sink(f->loop, o, o->path, o->config->format->content_type, &f->volume.name, e);
    return f->sink ? open_scratch(f, e) : -1;
}

/* The ids of the rules that are judged, as a JSON list. */
static void list_rules(const struct check_options *check, struct buffer *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_array_begin(&w);
    for (size_t i = 0; i < rules_count; i++)
        if (check->on[i])
            json_text(&w, view_of(rules_table[i].id));
    json_array_end(&w);
}

static struct recording *begin_run(struct database_file *f, const struct publication_options *o,
                                   struct error *e)
{
    static const char *const strategies[] = {
        [STRATEGY_AUTO] = "auto", [STRATEGY_BULK] = "bulk", [STRATEGY_PER_USER] = "per-user"};
    struct buffer rules;
    buffer_init(&rules, RULES_MAX_BYTES);
    list_rules(&o->config->check, &rules);
    const struct recording_run run = {
        .run_id = o->run_id,
        .started_s = o->started_s,
        .organization_id = o->organization_id && *o->organization_id ? o->organization_id : NULL,
        .strategy = strategies[o->config->strategy],
        .columns = "full",
        .version = IAM_CENSUS_VERSION,
        .rules = f->judges ? buffer_text(&rules) : NULL,
    };
    struct recording *recording = recording_begin(&f->db, &run, e);
    buffer_release(&rules);
    return recording;
}

static void database_volume_free(struct volume *v)
{
    struct database_file *f = file_of(v);
    loop_timer_stop(f->loop, &f->timer);
    recording_free(f->recording);
    if (f->judges)
        checker_release(&f->checker);
    if (f->written)
        database_close(&f->db);
    else
        database_discard(&f->db);
    if (f->sink)
        sink_free(f->sink);
    if (f->fd >= 0)
        close(f->fd);
    free(f->piece);
    free(v->name);
    free(f);
}

/* As findings_volume.c judges, which warns and counts. */
static void init_checker(struct database_file *f, const struct publication_options *options)
{
    struct check_options check = options->config->check;
    f->judges = options->config->destination.findings.wanted;
    check.started_s = options->started_s;
    check.suppressions = options->suppressions;
    if (f->judges)
        checker_init(&f->checker, &check);
}

static struct volume *
database_volume_open(struct loop *loop, const struct publication_options *options, struct error *e)
{
    struct database_file *f = xcalloc(1, sizeof(*f));
    f->volume.kind = &database_volume;
    f->loop = loop;
    f->fd = -1;
    f->started_s = options->started_s;
    f->opened_at_ms = loop_now_ms(loop);
    f->keep_runs = options->config->keep_runs;
    init_checker(f, options);
    if (open_target(f, options, e) == 0 && (f->recording = begin_run(f, options, e)) != NULL)
        return &f->volume;
    database_volume_free(&f->volume);
    return NULL;
}

static bool has_failed(const struct database_file *f)
{
    return f->error.kind != ERROR_NONE;
}

static void database_on_finding(void *arg, const struct finding *finding)
{
    struct database_file *f = arg;
    if (!has_failed(f) && recording_finding(f->recording, finding, &f->error) != 0)
        return; /* 'error' is set, and nothing more is written */
}

static void judge(struct database_file *f, const struct account *account)
{
    checker_account_itself(&f->checker, account, database_on_finding, f);
    for (size_t i = 0; i < account->user_count && account->outcome != OUTCOME_FAILED; i++)
        checker_user(&f->checker, account, account->users[i], database_on_finding, f);
}

static bool database_volume_account(struct volume *v, const struct account *account)
{
    struct database_file *f = file_of(v);
    if (has_failed(f) || recording_account(f->recording, account, &f->error) != 0)
        return true;
    if (f->judges)
        judge(f, account);
    if (account->outcome == OUTCOME_FAILED)
        return true;
    v->rows += account->user_count;
    for (size_t i = 0; i < account->user_count; i++)
        v->second_keys += user_active_key(account->users[i], 1) != NULL;
    return true;
}

static void database_volume_skipped(struct volume *v, const struct account *account)
{
    struct database_file *f = file_of(v);
    if (!has_failed(f) && recording_skipped(f->recording, account, &f->error) != 0)
        return; /* 'error' is set, and nothing more is written */
}

static const struct error *database_volume_failed(const struct volume *v)
{
    const struct database_file *f = (const struct database_file *)(const void *)v;
    if (has_failed(f))
        return &f->error;
    return f->sink ? sink_failed(f->sink) : NULL;
}

/*
 * The end.
 */

static void tell_done(struct database_file *f)
{
    f->done(f->arg, has_failed(f) ? &f->error : NULL);
}

static void database_on_soon(void *arg)
{
    tell_done(arg);
}

/* Reports from the loop how it ended. */
static void end_later(struct database_file *f)
{
    loop_soon(f->loop, &f->timer, database_on_soon, f);
}

/* The document as it will be, but for what the run's last moments add. */
static void write_document(struct database_file *f, struct result *result, struct buffer *out)
{
    const struct result before = *result;
    result->output = f->volume.name;
    result->rows = f->volume.rows;
    result->duration_ms = loop_now_ms(f->loop) - f->opened_at_ms;
    document_write(result, DOCUMENT_FULL, out);
    result->output = before.output;
    result->rows = before.rows;
    result->duration_ms = before.duration_ms;
}

static int commit_run(struct database_file *f, struct result *result, struct error *e)
{
    struct buffer document;
    buffer_init(&document, DOCUMENT_MAX_BYTES);
    write_document(f, result, &document);
    int status = buffer_check(&document, "the result document", e);
    if (status == 0) {
        const struct recording_end end = {
            .finished_s = f->started_s + (loop_now_ms(f->loop) - f->opened_at_ms) / 1000,
            .oldest_report_s = result->oldest_report_s,
            .result = buffer_view(&document),
            .keep_runs = f->keep_runs};
        status = recording_finish(f->recording, &end, e);
    }
    buffer_release(&document);
    return status;
}

static void database_on_uploaded(void *arg, const struct error *e)
{
    struct database_file *f = arg;
    if (e && !has_failed(f))
        f->error = *e;
    tell_done(f);
}

/* Sends pieces until the sink has enough; it calls this again when it has room. */
static void database_on_room(void *arg)
{
    struct database_file *f = arg;
    ssize_t len = 1;
    while (!sink_busy(f->sink) && (len = read(f->fd, f->piece, PIECE_BYTES)) > 0)
        sink_write(f->sink, (struct view){f->piece, (size_t)len});
    if (len > 0)
        return;
    sink_set_ready(f->sink, NULL, NULL);
    if (len == 0) {
        sink_finish(f->sink, database_on_uploaded, f);
        return;
    }
    error_set_errno(&f->error, "the temporary file of the database can't be read");
    sink_abort(f->sink, database_on_uploaded, f);
}

static void upload(struct database_file *f)
{
    f->piece = xmalloc(PIECE_BYTES);
    sink_set_ready(f->sink, database_on_room, f);
    loop_soon(f->loop, &f->timer, database_on_room, f);
}

static void database_volume_finish(struct volume *v, struct result *result, sink_done *done,
                                   void *arg)
{
    struct database_file *f = file_of(v);
    f->done = done;
    f->arg = arg;
    if (!has_failed(f) && commit_run(f, result, &f->error) == 0) {
        recording_free(f->recording);
        f->recording = NULL;
        if (f->sink) {
            database_close(&f->db);
            upload(f);
            return;
        }
        f->written = true;
    }
    end_later(f);
}

static void kept_already(const struct database_file *f, struct error *e)
{
    error_set(e, ERROR_CANCELLED, "'%s' has the run already and keeps it", f->volume.name);
}

static void database_volume_abandon(struct volume *v, sink_done *done, void *arg)
{
    struct database_file *f = file_of(v);
    f->done = done;
    f->arg = arg;
    loop_timer_stop(f->loop, &f->timer);
    recording_free(f->recording);
    f->recording = NULL;
    if (f->sink) {
        sink_abort(f->sink, done, arg);
        return;
    }
    error_clear(&f->error);
    if (f->written)
        kept_already(f, &f->error);
    else
        database_discard(&f->db);
    end_later(f);
}

static bool database_volume_unsettled(const struct volume *v, struct error *e)
{
    const struct database_file *f = (const struct database_file *)(const void *)v;
    if (f->sink)
        return sink_unsettled(f->sink, e);
    if (f->written)
        kept_already(f, e);
    return f->written;
}

const struct volume_kind database_volume = {
    .what = NULL,
    .wanted = database_volume_wanted,
    .open = database_volume_open,
    .account = database_volume_account,
    .skipped = database_volume_skipped,
    .failed = database_volume_failed,
    .finish = database_volume_finish,
    .abandon = database_volume_abandon,
    .unsettled = database_volume_unsettled,
    .free = database_volume_free,
};
