/* SPDX-License-Identifier: MIT */
#include "output/sink_stream.h"

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/plural.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

/* The sink is busy if more than this is waiting. */
#define HELD_BYTES ((size_t)256 * 1024)
/* Far above HELD_BYTES: the piece that makes the sink busy may hold a row of many MiB. */
#define HELD_MAX_BYTES ((size_t)64 * 1024 * 1024)
#define WRITES_A_TURN  64
/* How often to try again to open a named pipe without a reader: no event reports a new reader. */
#define READER_EVERY_MS 100

/*
 * OPEN:      bytes are gathered, and written when there is room
 * FINISHING: no more bytes come; what is left is written
 * ABORTING:  what is left is dropped
 * OVER:      'done' has been called
 */
enum stream_sink_state {
    STREAM_SINK_OPEN,
    STREAM_SINK_FINISHING,
    STREAM_SINK_ABORTING,
    STREAM_SINK_OVER
};

struct stream_sink {
    struct sink base;
    struct loop *loop;
    struct loop_timer timer;
    struct loop_watch watch; /* its fd is the stream's; -1: not open yet, or closed */
    enum stream_sink_state state;
    char *path; /* NULL: standard output */
    char *shown;
    struct buffer held;
    size_t sent;        /* bytes of 'held' that have gone out */
    uint64_t gone;      /* bytes that have gone out in all */
    struct error error; /* the first one */
    struct error abort_error;
    bool was_busy;
    void (*ready)(void *arg);
    void *ready_arg;
    sink_done *done;
    void *done_arg;
};

static void stream_sink_advance(void *arg);

static struct stream_sink *stream_sink_of(struct sink *sink)
{
    return (struct stream_sink *)sink;
}

static bool has_failed(const struct stream_sink *s)
{
    return s->error.kind != ERROR_NONE;
}

static size_t waiting(const struct stream_sink *s)
{
    return s->held.len - s->sent;
}

static bool is_busy(const struct stream_sink *s)
{
    return !has_failed(s) && waiting(s) >= HELD_BYTES;
}

static void close_stream(struct stream_sink *s)
{
    loop_watch_stop(s->loop, &s->watch);
    if (s->watch.fd >= 0 && s->path)
        close(s->watch.fd);
    s->watch.fd = -1;
}

/* Standard output may be a file on a disk that fills up. Pipes and devices can't be synced. */
static void sync_stream(struct stream_sink *s)
{
    if (s->watch.fd >= 0 && fsync(s->watch.fd) != 0 && errno != EINVAL && errno != EROFS &&
        errno != ENOTSUP && errno != EINTR)
        error_set_errno(&s->error, "can't write to %s", s->shown);
}

static void drop_held(struct stream_sink *s)
{
    buffer_release(&s->held);
    s->sent = 0;
}

static void fail_writing(struct stream_sink *s)
{
    if (errno == EPIPE)
        error_set(&s->error, ERROR_SYSTEM, "can't write to %s: its reader has gone away", s->shown);
    else
        error_set_errno(&s->error, "can't write to %s", s->shown);
}

/* Opens the stream. -1 with 'e' if that fails; a named pipe without a reader is left for later. */
static int open_stream(struct stream_sink *s, struct error *e)
{
    int fd = open(s->path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    struct stat found;
    if (fd < 0 && errno == ENXIO && stat(s->path, &found) == 0 && S_ISFIFO(found.st_mode))
        return 0;
    if (fd < 0)
        return error_set_errno(e, "can't write %s", s->shown);
    s->watch.fd = fd;
    return 0;
}

/*
 * A writable pipe takes PIPE_BUF bytes at once even if its writes block (pipe(7)). This is checked
 * before each write, since others may share standard output and we must not make it non-blocking.
 */
static bool is_writable(int fd)
{
    struct pollfd asked = {.fd = fd, .events = POLLOUT};
    return poll(&asked, 1, 0) != 0; /* if that fails, the write says why */
}

/*
 * Forgets what has gone out as soon as it is no less than what waits: a sink that is never quite
 * empty does not grow, and moving costs no more than writing did.
 */
static void forget_sent(struct stream_sink *s)
{
    size_t left = waiting(s);
    if (s->sent == 0 || s->sent < left)
        return;
    memmove(s->held.data, s->held.data + s->sent, left);
    buffer_truncate(&s->held, left);
    s->sent = 0;
}

static void write_some(struct stream_sink *s)
{
    for (int i = 0; i < WRITES_A_TURN && waiting(s) > 0 && is_writable(s->watch.fd); i++) {
        size_t len = waiting(s) < PIPE_BUF ? waiting(s) : PIPE_BUF;
        ssize_t count = write(s->watch.fd, s->held.data + s->sent, len);
        if (count < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (count < 0) {
            fail_writing(s);
            return;
        }
        s->sent += (size_t)count;
        s->gone += (uint64_t)count;
    }
    forget_sent(s);
}

/*
 * Makes stream_sink_advance run again when more can be written. Files and devices that epoll does
 * not take are always writable, and so are never watched.
 */
static void wait_for_room(struct stream_sink *s)
{
    struct error e;
    loop_watch_stop(s->loop, &s->watch);
    if (has_failed(s) || waiting(s) == 0)
        return;
    if (s->watch.fd < 0)
        loop_timer_start(s->loop, &s->timer, READER_EVERY_MS, stream_sink_advance, s);
    else if (is_writable(s->watch.fd))
        loop_soon(s->loop, &s->timer, stream_sink_advance, s);
    else if (loop_watch_start(s->loop, &s->watch, EPOLLOUT, &e) != 0)
        s->error = e;
}

static void tell_ready(struct stream_sink *s)
{
    bool was_busy = s->was_busy;
    s->was_busy = is_busy(s);
    if (s->state == STREAM_SINK_OPEN && was_busy && !s->was_busy && s->ready)
        s->ready(s->ready_arg);
}

/* Sets 'e' to how much has been written. Returns false if nothing has. */
static bool describe_gone(const struct stream_sink *s, struct error *e)
{
    if (s->gone > 0)
        error_set(e, ERROR_SYSTEM, "can't take back what was written to %s: %llu byte%s", s->shown,
                  (unsigned long long)s->gone, plural_s(s->gone));
    return s->gone > 0;
}

static void end_stream(struct stream_sink *s)
{
    if (s->state == STREAM_SINK_FINISHING && !has_failed(s))
        sync_stream(s);
    const struct error *e = has_failed(s) ? &s->error : NULL;
    if (s->state == STREAM_SINK_ABORTING)
        e = describe_gone(s, &s->abort_error) ? &s->abort_error : NULL;
    s->state = STREAM_SINK_OVER;
    drop_held(s);
    close_stream(s);
    s->done(s->done_arg, e); /* may free 's' */
}

static void stream_sink_advance(void *arg)
{
    struct stream_sink *s = arg;
    bool wanted = s->state == STREAM_SINK_OPEN || s->state == STREAM_SINK_FINISHING;
    if (wanted && !has_failed(s) && s->watch.fd < 0)
        open_stream(s, &s->error);
    if (wanted && !has_failed(s) && s->watch.fd >= 0)
        write_some(s);
    wait_for_room(s);
    if (has_failed(s))
        drop_held(s);
    if (s->state == STREAM_SINK_ABORTING || (s->state == STREAM_SINK_FINISHING && waiting(s) == 0))
        end_stream(s);
    else
        tell_ready(s);
}

static void stream_sink_on_writable(void *arg, unsigned events UNUSED)
{
    stream_sink_advance(arg);
}

/* Advances from the loop, since callbacks must not run from within the owner's call. */
static void update_later(struct stream_sink *s)
{
    loop_soon(s->loop, &s->timer, stream_sink_advance, s);
}

static void stream_sink_write(struct sink *sink, struct view bytes)
{
    struct stream_sink *s = stream_sink_of(sink);
    if (has_failed(s) || s->state != STREAM_SINK_OPEN || bytes.len == 0)
        return;
    buffer_add_view(&s->held, bytes);
    if (buffer_check(&s->held, "what waits to be written", &s->error) != 0)
        error_prefix(&s->error, "%s", s->shown);
    s->was_busy = s->was_busy || is_busy(s);
    update_later(s);
}

static bool stream_sink_busy(const struct sink *sink)
{
    return is_busy((const struct stream_sink *)sink);
}

static const struct error *stream_sink_failed(const struct sink *sink)
{
    const struct stream_sink *s = (const struct stream_sink *)sink;
    return has_failed(s) ? &s->error : NULL;
}

static void stream_sink_set_ready(struct sink *sink, void (*ready)(void *arg), void *arg)
{
    stream_sink_of(sink)->ready = ready;
    stream_sink_of(sink)->ready_arg = arg;
}

static void stream_sink_finish(struct sink *sink, sink_done *done, void *arg)
{
    struct stream_sink *s = stream_sink_of(sink);
    s->state = STREAM_SINK_FINISHING;
    s->done = done;
    s->done_arg = arg;
    update_later(s);
}

static void stream_sink_abort(struct sink *sink, sink_done *done, void *arg)
{
    struct stream_sink *s = stream_sink_of(sink);
    s->state = STREAM_SINK_ABORTING;
    s->done = done;
    s->done_arg = arg;
    drop_held(s);
    update_later(s);
}

static bool stream_sink_unsettled(const struct sink *sink, struct error *e)
{
    return describe_gone((const struct stream_sink *)sink, e);
}

static void stream_sink_free(struct sink *sink)
{
    struct stream_sink *s = stream_sink_of(sink);
    loop_timer_stop(s->loop, &s->timer);
    close_stream(s);
    buffer_release(&s->held);
    free(s->path);
    free(s->shown);
    free(s);
}

static const struct sink_ops stream_sink_ops = {
    .write = stream_sink_write,
    .busy = stream_sink_busy,
    .failed = stream_sink_failed,
    .set_ready = stream_sink_set_ready,
    .finish = stream_sink_finish,
    .abort = stream_sink_abort,
    .unsettled = stream_sink_unsettled,
    .free = stream_sink_free,
};

bool sink_stream_is_stdout(const char *path)
{
    static const char *const names[] = {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"};
    struct stat named, ours;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(path, names[i]) == 0)
            return true;
    return stat(path, &named) == 0 && fstat(STDOUT_FILENO, &ours) == 0 &&
           named.st_dev == ours.st_dev && named.st_ino == ours.st_ino &&
           (!S_ISCHR(named.st_mode) || isatty(STDOUT_FILENO));
}

static int check_stdout(struct error *e)
{
    int flags = fcntl(STDOUT_FILENO, F_GETFL);
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
        return error_set(e, ERROR_SYSTEM, "can't write to standard output: it is closed");
    return 0;
}

static char *name_shown(const char *path)
{
    if (!path)
        return xstrdup("standard output");
    size_t size = strlen(path) + sizeof("''");
    char *shown = xmalloc(size);
    snprintf(shown, size, "'%s'", path);
    return shown;
}

struct sink *sink_stream_new(struct loop *loop, const char *path, struct error *e)
{
    struct stream_sink *s = xcalloc(1, sizeof(*s));
    s->base.ops = &stream_sink_ops;
    s->loop = loop;
    s->watch = (struct loop_watch){stream_sink_on_writable, s, path ? -1 : STDOUT_FILENO};
    s->shown = name_shown(path);
    s->path = path ? xstrdup(path) : NULL;
    buffer_init(&s->held, HELD_MAX_BYTES);
    if ((path ? open_stream(s, e) : check_stdout(e)) == 0)
        return &s->base;
    stream_sink_free(&s->base);
    return NULL;
}
