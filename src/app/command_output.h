/* SPDX-License-Identifier: MIT */
/*
 * command_output.h: what a subcommand writes: to standard output, or to a file that appears when it
 * is complete.
 *
 *     command_output_open -> append to 'rows', command_output_flush ... -> command_output_finish
 *
 * Each function waits until the sink has room, on a loop of its own.
 */
#ifndef APP_COMMAND_OUTPUT_H
#define APP_COMMAND_OUTPUT_H

#include "base/buffer.h"
#include "net/loop.h"
#include "output/sink.h"

#include <signal.h>

/* Rows should be flushed when they have this many bytes. */
#define COMMAND_OUTPUT_PIECE_BYTES ((size_t)64 * 1024)
#define COMMAND_OUTPUT_SIGNALS     4

struct command_output {
    struct loop *loop;
    struct sink *sink;
    struct buffer rows; /* append here; flushed piece by piece */
    bool has_room;      /* the sink has told so */
    bool over;          /* the sink has ended; 'ended' says how */
    struct error ended;
    bool catches;                                    /* signals, since the output was opened */
    struct sigaction before[COMMAND_OUTPUT_SIGNALS]; /* what they did before */
};

/*
 * Opens 'path'; NULL or "-" is standard output. A database is never replaced. -1 with 'e'. Released
 * by command_output_release in any case. From here on a pipe without a reader, and a file that may
 * not grow, are errors; and SIGINT, SIGTERM, SIGHUP and SIGXCPU, unless they were ignored, remove
 * the file that is not complete before they end the process, as they would without that.
 */
int command_output_open(struct command_output *o, const char *path, struct error *e) MUST_CHECK;
/*
 * -1 with ERROR_CONFIG if 'path', an output, is the file 'input' by whatever name: what is read
 * would be replaced by what is written. A path may be NULL; "-" is no file.
 */
int command_output_apart(const char *path, const char *input, struct error *e) MUST_CHECK;
/*
 * -1 with ERROR_CONFIG if the file is an SQLite database: rows, findings or a page in its place
 * would cost all runs in it. 'path' may be NULL, or name nothing.
 */
int command_output_no_database(const char *path, struct error *e) MUST_CHECK;
/* True if text for people has colours there: never in a file that --output names. */
bool command_output_coloured(const char *path);
/* Hands over the rows and waits until there is room for more. */
int command_output_flush(struct command_output *o, struct error *e) MUST_CHECK;
/* The same if the rows have a piece's size. */
int command_output_flush_piece(struct command_output *o, struct error *e) MUST_CHECK;
/* Writes what is left; a file then appears under its name. */
int command_output_finish(struct command_output *o, struct error *e) MUST_CHECK;
void command_output_release(struct command_output *o);

#endif
