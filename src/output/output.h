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
    size_t next_user; /* of the account that is being written */
    uint64_t row_count;
    uint64_t second_keys; /* users with a second active key */
    bool begun;
};

/* Writes 'format' to 'sink', which it owns from here on. */
void output_init(struct output *o, const struct writer_format *format,
                 const struct writer_options *options, struct sink *sink);
/*
 * Writes the rows of 'account'. False where the sink is busy: call again with the same account
 * once it is ready. A sink that has failed takes everything.
 */
bool output_account(struct output *o, const struct account *account);
/* Writes rows that are finished text already, made by the same format elsewhere. */
void output_rows(struct output *o, struct view rows);
/* Writes what is left; the output appears. Calls done(arg, e) from the loop. */
void output_finish(struct output *o, sink_done *done, void *arg);
/* Gives it up. */
void output_abort(struct output *o, sink_done *done, void *arg);
/* Frees the sink. */
void output_release(struct output *o);

#endif
