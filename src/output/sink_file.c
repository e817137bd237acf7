/* SPDX-License-Identifier: MIT */
#include "output/sink_file.h"

#include "base/alloc.h"
#include "base/leftover.h"
#include "output/sink_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define HELD_BYTES ((size_t)256 * 1024)
/* How much of a file's name its temporary name repeats at most, so that it fits into NAME_MAX. */
#define PART_NAME_MAX 200
#define PART_SUFFIX   ".part"

enum file_sink_state {
    FILE_SINK_OPEN,
    FILE_SINK_FINISHING,
    FILE_SINK_ABORTING,
    FILE_SINK_FINISHED,
    FILE_SINK_GONE
};

struct file_sink {
    struct sink base;
    struct loop *loop;
    struct loop_timer timer;
    enum file_sink_state state;
    int fd;      /* -1: closed */
    char *shown; /* its name in errors: the path as given */
    char *path;  /* its final name */
    char *part;  /* the temporary name; NULL once it is gone */
    bool has_failed;
    struct error error, abort_error;
    sink_done *done;
    void *done_arg;
    size_t held_len;
    char held[HELD_BYTES];
};

static struct file_sink *file_sink_of(struct sink *sink)
{
    return (struct file_sink *)sink;
}

static void close_file(struct file_sink *f)
{
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
}

/* The temporary file is gone, or has its final name. */
static void forget_part(struct file_sink *f)
{
    leftover_forget(f->part);
    free(f->part);
    f->part = NULL;
}

/* Removes the temporary file. Returns -1 with 'e' if that fails. */
static int discard(struct file_sink *f, struct error *e)
{
    int result = 0;
    close_file(f);
    f->held_len = 0;
    if (f->part && unlink(f->part) != 0 && errno != ENOENT)
        result = error_set_errno(e, "can't remove '%s'", f->part);
    forget_part(f);
    return result;
}

/* Fails with the error in errno, and removes the temporary file to free its disk space. */
static void file_sink_fail(struct file_sink *f, const char *doing)
{
    error_set_errno(&f->error, "can't %s '%s'", doing, f->shown);
    f->has_failed = true;
    discard(f, NULL);
}

static void write_through(struct file_sink *f, struct view bytes)
{
    while (bytes.len > 0) {
        ssize_t count = write(f->fd, bytes.ptr, bytes.len);
        if (count < 0 && errno != EINTR) {
            file_sink_fail(f, "write to");
            return;
        } else if (count > 0) {
            bytes.ptr += count;
            bytes.len -= (size_t)count;
        }
    }
}

static void flush(struct file_sink *f)
{
    size_t len = f->held_len;
    f->held_len = 0;
    write_through(f, (struct view){f->held, len});
}

static void file_sink_write(struct sink *sink, struct view bytes)
{
    struct file_sink *f = file_sink_of(sink);
    if (f->has_failed || f->state != FILE_SINK_OPEN)
        return;
    if (bytes.len > HELD_BYTES - f->held_len)
        flush(f);
    if (f->has_failed)
        return;
    if (bytes.len >= HELD_BYTES) {
        write_through(f, bytes);
    } else if (bytes.len > 0) {
        memcpy(f->held + f->held_len, bytes.ptr, bytes.len);
        f->held_len += bytes.len;
    }
}

static bool file_sink_busy(const struct sink *sink UNUSED)
{
    return false;
}

/* A local file is never busy, so there is nothing to report. */
static void file_sink_set_ready(struct sink *sink UNUSED, void (*ready)(void *arg) UNUSED,
                                void *arg UNUSED)
{
}

static const struct error *file_sink_failed(const struct sink *sink)
{
    const struct file_sink *f = (const struct file_sink *)sink;
    return f->has_failed ? &f->error : NULL;
}

/* Ignores the error of file systems that do not support fsync. */
static void sync_file(struct file_sink *f)
{
    int synced;
    while ((synced = fsync(f->fd)) != 0 && errno == EINTR)
        ;
    if (synced != 0 && errno != EINVAL && errno != ENOTSUP)
        file_sink_fail(f, "write to");
}

static void close_and_rename(struct file_sink *f)
{
    int fd = f->fd;
    f->fd = -1;
    if (close(fd) != 0 && errno != EINTR) {
        file_sink_fail(f, "write to");
        return;
    }
    if (rename(f->part, f->path) != 0) {
        file_sink_fail(f, "give its name to");
        return;
    }
    forget_part(f);
}

static void finish_now(void *arg)
{
    struct file_sink *f = arg;
    if (!f->has_failed)
        flush(f);
    if (!f->has_failed)
        sync_file(f);
    if (!f->has_failed)
        close_and_rename(f);
    f->state = f->has_failed ? FILE_SINK_GONE : FILE_SINK_FINISHED;
    f->done(f->done_arg, f->has_failed ? &f->error : NULL); /* may free 'f' */
}

static void file_sink_finish(struct sink *sink, sink_done *done, void *arg)
{
    struct file_sink *f = file_sink_of(sink);
    f->state = FILE_SINK_FINISHING;
    f->done = done;
    f->done_arg = arg;
    loop_soon(f->loop, &f->timer, finish_now, f);
}

static void abort_now(void *arg)
{
    struct file_sink *f = arg;
    int result = discard(f, &f->abort_error);
    f->state = FILE_SINK_GONE;
    f->done(f->done_arg, result == 0 ? NULL : &f->abort_error);
}

static void abort_too_late(void *arg)
{
    struct file_sink *f = arg;
    error_set(&f->abort_error, ERROR_SYSTEM, "'%s' was complete already and is kept", f->shown);
    f->done(f->done_arg, &f->abort_error);
}

static void file_sink_abort(struct sink *sink, sink_done *done, void *arg)
{
    struct file_sink *f = file_sink_of(sink);
    bool too_late = f->state == FILE_SINK_FINISHED;
    if (!too_late)
        f->state = FILE_SINK_ABORTING;
    f->done = done;
    f->done_arg = arg;
    loop_soon(f->loop, &f->timer, too_late ? abort_too_late : abort_now, f);
}

static bool file_sink_unsettled(const struct sink *sink, struct error *e)
{
    const struct file_sink *f = (const struct file_sink *)sink;
    if (f->state == FILE_SINK_FINISHED)
        error_set(e, ERROR_SYSTEM, "'%s' was complete already and is kept", f->shown);
    return f->state == FILE_SINK_FINISHED;
}

static void file_sink_free(struct sink *sink)
{
    struct file_sink *f = file_sink_of(sink);
    loop_timer_stop(f->loop, &f->timer);
    discard(f, NULL);
    free(f->path);
    free(f->shown);
    free(f);
}

static const struct sink_ops file_sink_ops = {
    .write = file_sink_write,
    .busy = file_sink_busy,
    .failed = file_sink_failed,
    .set_ready = file_sink_set_ready,
    .finish = file_sink_finish,
    .abort = file_sink_abort,
    .unsettled = file_sink_unsettled,
    .free = file_sink_free,
};

/* Explains why no file could be created in the folder; errno has the reason. */
static int folder_error(const char *path, const char *folder, struct error *e)
{
    struct stat found;
    int number = errno;
    if (stat(folder, &found) != 0 && errno == ENOENT)
        return error_set(e, ERROR_SYSTEM, "can't write '%s': the folder '%s' does not exist", path,
                         folder);
    if (number == ENOTDIR)
        return error_set(e, ERROR_SYSTEM, "can't write '%s': '%s' is not a folder", path, folder);
    errno = number;
    return error_set_errno(e, "can't write '%s'", path);
}

/* What follows the last slash. */
static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* A new string with the folder of 'path'; "." if it names none. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return xstrdup(".");
    return slash == path ? xstrdup("/") : xstrndup(path, (size_t)(slash - path));
}

/* Creates the temporary file in the folder of f->path. */
static int open_part(struct file_sink *f, struct error *e)
{
    const char *name = name_of(f->path);
    size_t size = strlen(f->path) + sizeof("..XXXXXX" PART_SUFFIX);
    f->part = xmalloc(size);
    snprintf(f->part, size, "%.*s.%.*s.XXXXXX%s", (int)(name - f->path), f->path, PART_NAME_MAX,
             name, PART_SUFFIX);
    f->fd = mkostemps(f->part, sizeof(PART_SUFFIX) - 1, O_CLOEXEC);
    if (f->fd >= 0) {
        leftover_note(f->part);
        return 0;
    }
    int number = errno;
    forget_part(f);
    char *folder = folder_of(f->path);
    errno = number;
    folder_error(f->path, folder, e);
    free(folder);
    return -1;
}

/* A file that exists is replaced at its real path: a rename would replace a symbolic link. */
static int open_existing(struct file_sink *f, const char *path, mode_t mode, struct error *e)
{
    if (S_ISDIR(mode))
        return error_set(e, ERROR_SYSTEM, "can't write '%s': it is a folder", path);
    f->path = realpath(path, NULL);
    return f->path ? open_part(f, e) : error_set_errno(e, "can't write '%s'", path);
}

static int open_path(struct file_sink *f, const char *path, struct error *e)
{
    struct stat found;
    size_t len = strlen(path);
    if (len == 0)
        return error_set(e, ERROR_CONFIG, "the output's name is empty");
    if (len >= PATH_MAX)
        return error_set(e, ERROR_CONFIG, "the output's name is longer than %d bytes",
                         PATH_MAX - 1);
    if (stat(path, &found) == 0)
        return open_existing(f, path, found.st_mode, e);
    if (path[len - 1] == '/')
        return error_set(e, ERROR_SYSTEM, "can't write '%s': it names a folder, not a file", path);
    if (strlen(name_of(path)) > NAME_MAX)
        return error_set(e, ERROR_SYSTEM, "can't write '%s': its name is longer than %d bytes",
                         path, NAME_MAX);
    if (lstat(path, &found) == 0)
        return error_set(e, ERROR_SYSTEM, "can't write '%s': it is a symbolic link to nothing",
                         path);
    f->path = xstrdup(path);
    return open_part(f, e);
}

static bool is_stream(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 && !S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode);
}

struct sink *sink_file_new(struct loop *loop, const char *path, struct error *e)
{
    if (sink_stream_is_stdout(path))
        return sink_stream_new(loop, NULL, e);
    if (is_stream(path))
        return sink_stream_new(loop, path, e);
    struct file_sink *f = xcalloc(1, sizeof(*f));
    f->base.ops = &file_sink_ops;
    f->loop = loop;
    f->fd = -1;
    f->shown = xstrdup(path);
    if (open_path(f, path, e) == 0)
        return &f->base;
    file_sink_free(&f->base);
    return NULL;
}
