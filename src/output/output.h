/* SPDX-License-Identifier: MIT */
/*
 * output.h: accounts in, rows out: one writer before one sink.
 *
 * Takes accounts over in their order and a few rows at a time, so that a sink that falls behind
 * holds the census back instead of filling memory.
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
    struct error error; /* a row that could not be made */
    sink_done *done;    /* of an output that is given up because of that */
    void *done_arg;
    size_t next_user; /* of the account that is being written */
    uint64_t row_count;
    uint64_t second_keys; /* users with a second active key */
    bool begun;
};

/* Writes 'format' to 'sink', which it owns from here on. */
void output_init(struct output *o, const struct writer_format *format,
                 const struct writer_options *options, struct sink *sink);
/*
 * Writes the rows of 'account'. False if the sink is busy: call again with the same account
 * once it is ready. An output that has failed takes everything.
 */
bool output_account(struct output *o, const struct account *account);
/*
 * The first error, of the sink or of a row that is over its bound (ERROR_LIMIT), before
 * output_finish could tell it; or NULL. Lives until the output is released.
 */
const struct error *output_failed(const struct output *o);
/* Writes rows that are finished text already, made by the same format elsewhere. */
void output_rows(struct output *o, struct view rows);
/* Writes what is left; the output appears, unless it has failed. Calls done(arg, e) from the loop.
 */
void output_finish(struct output *o, sink_done *done, void *arg);
/* Abandons the output. */
void output_abort(struct output *o, sink_done *done, void *arg);
/* Frees the sink. */
void output_release(struct output *o);

#endif
