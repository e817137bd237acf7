/* SPDX-License-Identifier: MIT */
/*
 * output.h: turns accounts into rows: one writer in front of one sink.
 *
 * Takes accounts in their order and a few rows at a time, so that a slow sink slows the census down
 * instead of filling memory.
 */
#ifndef OUTPUT_OUTPUT_H
#define OUTPUT_OUTPUT_H

#include "output/sink.h"
#include "output/writer.h"

struct output {
    const struct writer_format *format;
    struct writer_options options;
    struct sink *sink; /* owned */
    struct buffer rows;
    struct error error; /* why a row could not be written */
    sink_done *done;    /* called when the output was abandoned for that error */
    void *done_arg;
    size_t next_user; /* in the account that is being written */
    uint64_t row_count;
    uint64_t second_keys; /* users with a second active key */
    bool begun;
};

/* Prepares 'o' to write 'format' to 'sink', which 'o' owns from here on. */
void output_init(struct output *o, const struct writer_format *format,
                 const struct writer_options *options, struct sink *sink);
/*
 * Writes the rows of 'account'. False if the sink is busy: call again with the same account once it
 * is ready. After a failure it returns true and writes nothing.
 */
bool output_account(struct output *o, const struct account *account);
/*
 * The first error so far, of the sink or of a row that is too long (ERROR_LIMIT); NULL if there is
 * none. Valid until the output is released.
 */
const struct error *output_failed(const struct output *o);
/* Writes finished rows that were made elsewhere in the same format. */
void output_rows(struct output *o, struct view rows);
/*
 * Writes what is left and publishes the output, unless it has failed. Calls done(arg, e) from the
 * loop.
 */
void output_finish(struct output *o, sink_done *done, void *arg);
/* Abandons the output. Calls done(arg, e) from the loop, as sink_abort does. */
void output_abort(struct output *o, sink_done *done, void *arg);
/* Frees the sink and all buffers. */
void output_release(struct output *o);

#endif
