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

static void flush(struct output *o)
{
    sink_write(o->sink, buffer_view(&o->rows));
    buffer_clear(&o->rows);
}

static void begin(struct output *o)
{
    if (!o->begun && o->format->begin && !o->options.bare)
        o->format->begin(&o->options, &o->rows);
    o->begun = true;
}

bool output_account(struct output *o, const struct account *account)
{
    begin(o);
    while (o->next_user < account->user_count) {
        if (sink_busy(o->sink))
            return false;
        const struct user *user = account->users[o->next_user++];
        o->format->user(&o->options, account, user, &o->rows);
        o->row_count++;
        o->second_keys += user_active_key(user, 1) != NULL;
        if (o->rows.len >= PIECE_BYTES)
            flush(o);
    }
    o->next_user = 0;
    return true;
}

void output_rows(struct output *o, struct view rows)
{
    begin(o);
    flush(o);
    sink_write(o->sink, rows);
}

void output_finish(struct output *o, sink_done *done, void *arg)
{
    begin(o);
    flush(o);
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
