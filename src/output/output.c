/* SPDX-License-Identifier: MIT */
#include "output/output.h"

/* Rows go to the sink in pieces of about this size. */
#define PIECE_BYTES    ((size_t)64 * 1024)
#define ROWS_MAX_BYTES ((size_t)16 * 1024 * 1024)

void output_init(struct output *o, const struct writer_format *format,
                 const struct writer_options *options, struct sink *sink)
{
    *o = (struct output){.format = format, .options = *options, .sink = sink};
    buffer_init(&o->rows, ROWS_MAX_BYTES);
}

static bool has_failed(const struct output *o)
{
    return o->error.kind != ERROR_NONE;
}

static void flush(struct output *o)
{
    if (!has_failed(o))
        sink_write(o->sink, buffer_view(&o->rows));
    buffer_clear(&o->rows);
}

static void begin(struct output *o)
{
    if (!o->begun && o->format->begin && !o->options.bare)
        o->format->begin(&o->options, &o->rows);
    o->begun = true;
}

/*
 * If a row does not fit into the buffer, the output fails: cut short, it would run into the next.
 */
static void write_user(struct output *o, const struct account *account, const struct user *user)
{
    if (has_failed(o))
        return;
    o->format->user(&o->options, account, user, &o->rows);
    if (buffer_check(&o->rows, "the row", &o->error) != 0) {
        error_prefix(&o->error, "user '%.*s' of account %s", VIEW_ARG(user->name), account->id);
        return;
    }
    o->row_count++;
    o->second_keys += user_active_key(user, 1) != NULL;
    if (o->rows.len >= PIECE_BYTES)
        flush(o);
}

const struct error *output_failed(const struct output *o)
{
    return has_failed(o) ? &o->error : sink_failed(o->sink);
}

bool output_account(struct output *o, const struct account *account)
{
    begin(o);
    while (o->next_user < account->user_count) {
        if (sink_busy(o->sink))
            return false;
        write_user(o, account, account->users[o->next_user++]);
    }
    o->next_user = 0;
    return true;
}

void output_rows(struct output *o, struct view rows)
{
    begin(o);
    flush(o);
    if (!has_failed(o))
        sink_write(o->sink, rows);
}

/* Reports the row's error, whether or not the sink has left something behind. */
static void output_on_aborted(void *arg, const struct error *e UNUSED)
{
    struct output *o = arg;
    o->done(o->done_arg, &o->error);
}

void output_finish(struct output *o, sink_done *done, void *arg)
{
    begin(o);
    flush(o);
    o->done = done;
    o->done_arg = arg;
    if (has_failed(o))
        sink_abort(o->sink, output_on_aborted, o);
    else
        sink_finish(o->sink, done, arg);
}

void output_abort(struct output *o, sink_done *done, void *arg)
{
    sink_abort(o->sink, done, arg);
}

void output_release(struct output *o)
{
    sink_free(o->sink);
    o->sink = NULL;
    buffer_release(&o->rows);
}
