/* SPDX-License-Identifier: MIT */
#include "app/diff.h"

#include "app/command.h"
#include "app/command_output.h"
#include "app/exit_status.h"
#include "base/log.h"

struct diff {
    const struct diff_work *work;
    struct database before_db, after_db;
    struct stored_run before, after;
    struct command_output out;
    struct difference_text text;
    uint64_t count;
    struct error error; /* the output has failed: nothing more is written */
};

static void diff_on_difference(void *arg, const struct difference *difference)
{
    struct diff *d = arg;
    const struct diff_work *w = d->work;
    if (!(w->only & DIFFERENCE_BIT(difference->kind)) || d->error.kind != ERROR_NONE)
        return;
    d->count++;
    if (!w->format) {
        difference_text_add(&d->text, difference);
        return;
    }
    w->format->difference(difference, &d->out.rows);
    if (command_output_flush_piece(&d->out, &d->error) != 0)
        d->count = 0;
}

/* Lines for programs have no place for it. */
static void diff_on_left_out(void *arg, const char *account_id, const char *why)
{
    struct diff *d = arg;
    if (d->work->format)
        log_event(LOG_WARN, "account not compared", FIELD("account_id", account_id),
                  FIELD("reason", why));
    else
        difference_text_leave_out(&d->text, account_id, why);
}

static bool is_one_database(const struct diff_work *w)
{
    return w->before_db == w->after_db;
}

static int open_all(struct diff *d, struct error *e)
{
    const struct diff_work *w = d->work;
    struct database *after_db = is_one_database(w) ? &d->before_db : &d->after_db;
    if (database_open(&d->before_db, w->before_db, DATABASE_READ, e) != 0 ||
        (!is_one_database(w) && database_open(&d->after_db, w->after_db, DATABASE_READ, e) != 0) ||
        stored_run_find(&d->before_db, w->before, &d->before, e) != 0 ||
        stored_run_find(after_db, w->after, &d->after, e) != 0 ||
        command_output_apart(w->output, w->before_db, e) != 0 ||
        command_output_apart(w->output, w->after_db, e) != 0 ||
        command_output_open(&d->out, w->output, e) != 0)
        return -1;
    if (w->format && w->format->begin)
        w->format->begin(&d->out.rows);
    return 0;
}

static void log_uncompared(const struct run_comparison *run)
{
    if (run->unknown > 0)
        log_event(LOG_WARN, "fields that are unknown in one of the runs were not compared",
                  FIELD_NUMBER("fields", (int64_t)run->unknown));
    if (!run->findings)
        log_event(LOG_WARN, "findings were not compared",
                  FIELD("reason", "both runs must be collected with --findings"));
}

static int compare(struct diff *d, struct error *e)
{
    const struct diff_work *w = d->work;
    struct run_comparison run = {.before_db = &d->before_db,
                                 .after_db = is_one_database(w) ? &d->before_db : &d->after_db,
                                 .before = &d->before,
                                 .after = &d->after,
                                 .with_use = w->with_use,
                                 .take = diff_on_difference,
                                 .not_compared = diff_on_left_out,
                                 .arg = d};
    if (run_comparison_run(&run, e) != 0)
        return -1;
    *e = d->error;
    if (e->kind != ERROR_NONE)
        return -1;
    if (w->format)
        log_uncompared(&run);
    else
        difference_text_write(&d->text, &run, &d->out.rows);
    return command_output_finish(&d->out, e);
}

static void release(struct diff *d)
{
    command_output_release(&d->out);
    difference_text_release(&d->text);
    stored_run_release(&d->before);
    stored_run_release(&d->after);
    database_close(&d->before_db);
    database_close(&d->after_db);
}

int diff_run(const struct diff_work *w)
{
    struct diff d = {.work = w};
    struct error e;
    int status;
    difference_text_init(&d.text);
    d.text.coloured = command_output_coloured(w->output);
    if (open_all(&d, &e) != 0 || compare(&d, &e) != 0)
        status = command_complain(&e, EXIT_USAGE);
    else
        status = w->exit_code && d.count > 0 ? EXIT_NOTHING : EXIT_ALL_READ;
    release(&d);
    return status;
}
