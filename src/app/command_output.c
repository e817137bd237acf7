/* SPDX-License-Identifier: MIT */
#include "app/command_output.h"

#include "base/clock.h"
#include "base/colour.h"
#include "base/leftover.h"
#include "output/sink_file.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROWS_MAX_BYTES ((size_t)16 * 1024 * 1024)

static const int ending_signals[COMMAND_OUTPUT_SIGNALS] = {SIGINT, SIGTERM, SIGHUP, SIGXCPU};

/* The signal is blocked meanwhile. When this returns it is delivered again, with its usual effect.
 */
static void command_output_on_signal(int number)
{
    leftovers_remove();
    signal(number, SIG_DFL);
    raise(number);
}

/* What was ignored at the start (nohup) stays ignored. */
static void catch_signals(struct command_output *o)
{
    struct sigaction action = {.sa_handler = command_output_on_signal};
    sigfillset(&action.sa_mask);
    for (int i = 0; i < COMMAND_OUTPUT_SIGNALS; i++) {
        sigaction(ending_signals[i], NULL, &o->before[i]);
        if (o->before[i].sa_handler != SIG_IGN)
            sigaction(ending_signals[i], &action, NULL);
    }
    o->catches = true;
}

static void restore_signals(struct command_output *o)
{
    for (int i = 0; o->catches && i < COMMAND_OUTPUT_SIGNALS; i++)
        sigaction(ending_signals[i], &o->before[i], NULL);
    o->catches = false;
}

/* A signal between making the file and noting it would leave the file. */
static struct sink *open_sink(struct command_output *o, const char *path, struct error *e)
{
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    struct sink *sink = sink_file_new(o->loop, path ? path : "-", e);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return sink;
}

static void command_output_on_ready(void *arg)
{
    ((struct command_output *)arg)->has_room = true;
}

int command_output_open(struct command_output *o, const char *path, struct error *e)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    *o = (struct command_output){.loop = loop_new(clock_system(), e)};
    buffer_init(&o->rows, ROWS_MAX_BYTES);
    if (!o->loop || command_output_no_database(path, e) != 0)
        return -1;
    catch_signals(o);
    o->sink = open_sink(o, path, e);
    if (!o->sink)
        return -1;
    sink_set_ready(o->sink, command_output_on_ready, o);
    return 0;
}

int command_output_apart(const char *path, const char *input, struct error *e)
{
    struct stat out, in;
    if (!path || !input || stat(path, &out) != 0 || stat(input, &in) != 0 ||
        !S_ISREG(out.st_mode) || out.st_dev != in.st_dev || out.st_ino != in.st_ino)
        return 0;
    return error_set(e, ERROR_CONFIG,
                     "the output '%.200s' is the file '%.200s', which is read: give another path",
                     path, input);
}

/* Source: SQLite's "Database File Format", section 1.2. */
int command_output_no_database(const char *path, struct error *e)
{
    static const char magic[] = "SQLite format 3"; /* with its NUL */
    char head[sizeof(magic)];
    struct stat st;
    if (!path || stat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return 0;
    FILE *file = fopen(path, "re");
    bool is_database = file && fread(head, 1, sizeof(head), file) == sizeof(head) &&
                       memcmp(head, magic, sizeof(magic)) == 0;
    if (file)
        fclose(file);
    if (!is_database)
        return 0;
    return error_set(e, ERROR_CONFIG,
                     "'%.200s' is an SQLite database, which would be replaced with all runs in it: "
                     "give another path, or 'collect' --format sqlite to add a run",
                     path);
}

bool command_output_coloured(const char *path)
{
    return (!path || strcmp(path, "-") == 0) && colour_wanted(STDOUT_FILENO);
}

int command_output_flush(struct command_output *o, struct error *e)
{
    if (buffer_check(&o->rows, "a piece of the output", e) != 0)
        return -1;
    o->has_room = false;
    sink_write(o->sink, buffer_view(&o->rows));
    buffer_clear(&o->rows);
    if (sink_busy(o->sink) && loop_run(o->loop, &o->has_room, e) != 0)
        return -1;
    if (!sink_failed(o->sink))
        return 0;
    *e = *sink_failed(o->sink);
    return -1;
}

int command_output_flush_piece(struct command_output *o, struct error *e)
{
    return o->rows.len < COMMAND_OUTPUT_PIECE_BYTES ? 0 : command_output_flush(o, e);
}

static void command_output_on_written(void *arg, const struct error *e)
{
    struct command_output *o = arg;
    o->over = true;
    if (e)
        o->ended = *e;
}

int command_output_finish(struct command_output *o, struct error *e)
{
    if (command_output_flush(o, e) != 0)
        return -1;
    sink_finish(o->sink, command_output_on_written, o);
    if (loop_run(o->loop, &o->over, e) != 0)
        return -1;
    *e = o->ended;
    return e->kind == ERROR_NONE ? 0 : -1;
}

void command_output_release(struct command_output *o)
{
    sink_free(o->sink);
    restore_signals(o);
    loop_free(o->loop);
    buffer_release(&o->rows);
}
