/* SPDX-License-Identifier: MIT */
#include "net/process.h"

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/environ.h"
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define READ_BYTES       4096
#define DRAIN_READS      64 /* most reads of a pipe at the end; a full one takes 16 */
#define PATH_BYTES_MAX   4096
#define KILL_PATIENCE_MS 100
#define KILL_STEP_MS     5
#define LOOK_EVERY_MS    20 /* for the child's end, if there is no pidfd */

extern char **environ;

/*
 * One of the child's outputs. Its memory is allocated at once: growing would leave unwiped copies.
 */
struct stream {
    struct loop_watch watch; /* fd -1: closed */
    char *data;
    size_t len, max;
    bool overflowed;
};

struct process {
    struct loop *loop;
    pid_t pid;
    bool leads_group;       /* the child has a process group of its own */
    struct loop_watch exit; /* of the pidfd; fd -1: there is none */
    struct loop_timer look;
    struct stream out, err;
    struct loop_timer timer;
    int64_t timeout_ms;
    struct error killed_for; /* why we killed it, else ERROR_NONE */
    void (*done)(void *arg, const struct process_result *result, const struct error *e);
    void *arg;
};

static void stream_close(struct process *p, struct stream *s)
{
    if (s->watch.fd < 0)
        return;
    loop_watch_stop(p->loop, &s->watch);
    close(s->watch.fd);
    s->watch.fd = -1;
}

static void stream_wipe(struct stream *s)
{
    if (s->data)
        secret_wipe(s->data, s->len);
    free(s->data);
    s->data = NULL;
}

/* Reads one piece. False if there is nothing more to read, now or ever. */
static bool stream_read(struct process *p, struct stream *s)
{
    char piece[READ_BYTES];
    if (s->watch.fd < 0)
        return false;
    ssize_t got = read(s->watch.fd, piece, sizeof(piece));
    if (got < 0)
        return errno == EINTR;
    if (got == 0) {
        stream_close(p, s);
        return false;
    }
    size_t kept = (size_t)got;
    if (kept > s->max - s->len) {
        kept = s->max - s->len;
        s->overflowed = true;
    }
    memcpy(s->data + s->len, piece, kept);
    s->len += kept;
    secret_wipe(piece, (size_t)got);
    return true;
}

/* To be called only while the child has not been reaped: until then its id is its own. */
static void send_kill(const struct process *p)
{
    kill(p->leads_group ? -p->pid : p->pid, SIGKILL);
}

static void process_kill(struct process *p, enum error_kind kind, const char *why)
{
    if (p->killed_for.kind != ERROR_NONE)
        return;
    error_set(&p->killed_for, kind, "%s", why);
    send_kill(p);
}

static void check_limit(struct process *p)
{
    if (p->out.overflowed)
        process_kill(p, ERROR_LIMIT, "it prints too much");
}

static void process_on_output(void *arg, unsigned events UNUSED)
{
    struct process *p = arg;
    stream_read(p, &p->out);
    check_limit(p);
}

static void process_on_error_output(void *arg, unsigned events UNUSED)
{
    struct process *p = arg;
    stream_read(p, &p->err);
}

static void process_on_timeout(void *arg)
{
    struct process *p = arg;
    char why[64];
    snprintf(why, sizeof(why), "it did not end within %lld s", (long long)(p->timeout_ms / 1000));
    process_kill(p, ERROR_TIMEOUT, why);
}

/* Releases everything but the memory of the outputs. */
static void process_close(struct process *p)
{
    loop_timer_stop(p->loop, &p->timer);
    loop_timer_stop(p->loop, &p->look);
    stream_close(p, &p->out);
    stream_close(p, &p->err);
    if (p->exit.fd >= 0) {
        loop_watch_stop(p->loop, &p->exit);
        close(p->exit.fd);
        p->exit.fd = -1;
    }
}

static void process_free(struct process *p)
{
    process_close(p);
    stream_wipe(&p->out);
    stream_wipe(&p->err);
    free(p);
}

static void drain(struct process *p, struct stream *s)
{
    for (int i = 0; i < DRAIN_READS && stream_read(p, s); i++)
        ;
}

static void process_look(void *arg)
{
    struct process *p = arg;
    struct process_result result = {.status = -1};
    int status = 0;
    pid_t reaped = waitpid(p->pid, &status, WNOHANG);
    if (reaped == 0) {
        if (p->exit.fd < 0)
            loop_timer_start(p->loop, &p->look, LOOK_EVERY_MS, process_look, p);
        return;
    }
    if (reaped == p->pid && WIFEXITED(status))
        result.status = WEXITSTATUS(status);
    else if (reaped == p->pid && WIFSIGNALED(status))
        result.signal = WTERMSIG(status);
    drain(p, &p->out);
    drain(p, &p->err);
    process_close(p);
    if (p->out.overflowed && p->killed_for.kind == ERROR_NONE)
        error_set(&p->killed_for, ERROR_LIMIT, "it prints too much");
    result.out = (struct view){p->out.data, p->out.len};
    result.err = (struct view){p->err.data, p->err.len};
    if (p->killed_for.kind != ERROR_NONE)
        p->done(p->arg, NULL, &p->killed_for);
    else
        p->done(p->arg, &result, NULL);
    process_free(p);
}

static void process_on_exit(void *arg, unsigned events UNUSED)
{
    process_look(arg);
}

static bool has_terminal(void)
{
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* The child does not get our signal handlers and mask: it starts as it would from a shell. */
static int set_attributes(posix_spawnattr_t *attributes, bool own_group)
{
    sigset_t none, all;
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    sigemptyset(&none);
    sigfillset(&all);
    if (own_group)
        flags |= POSIX_SPAWN_SETPGROUP;
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &all);
    return posix_spawnattr_setflags(attributes, flags);
}

/*
 * Looks the program 'name' up on the PATH and writes its path into 'path'; returns an errno if it
 * is not there. posix_spawnp is not used for this: its report of a missing program relies on memory
 * shared with the child, which valgrind and some emulations do not provide.
 */
static int find_program(const char *name, struct buffer *path)
{
    const char *rest = environ_get(environ_system(), "PATH");
    if (strchr(name, '/')) {
        buffer_add_text(path, name);
        if (!buffer_complete(path))
            return ENAMETOOLONG;
        return access(buffer_text(path), X_OK) == 0 ? 0 : errno;
    }
    while (rest && *rest) {
        size_t len = strcspn(rest, ":");
        buffer_clear(path);
        buffer_addf(path, "%.*s/%s", len > 0 ? (int)len : 1, len > 0 ? rest : ".", name);
        if (buffer_complete(path) && access(buffer_text(path), X_OK) == 0)
            return 0;
        rest += len + (rest[len] == ':');
    }
    return ENOENT;
}

/* Not all of libcurl's descriptors are marked to be closed, so whatever is above the three is
 * closed.
 */
static int spawn(struct process *p, const char *path, const char *const *argv, int out_fd,
                 int err_fd)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    if (posix_spawn_file_actions_init(&files) != 0 || posix_spawnattr_init(&attributes) != 0)
        out_of_memory();
    if (posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0) != 0 ||
        posix_spawn_file_actions_adddup2(&files, out_fd, STDOUT_FILENO) != 0 ||
        posix_spawn_file_actions_adddup2(&files, err_fd, STDERR_FILENO) != 0 ||
        posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1) != 0)
        out_of_memory();
    p->leads_group = !has_terminal();
    int number = set_attributes(&attributes, p->leads_group);
    if (number == 0)
        number =
            posix_spawn(&p->pid, path, &files, &attributes, (char *const *)(void *)argv, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    return number;
}

static int stream_open(struct stream *s, size_t max, int *child_fd, struct error *e)
{
    int ends[2];
    s->watch.fd = -1;
    s->max = max;
    s->data = xmalloc(max + 1);
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_set_errno(e, "can't make a pipe");
    s->watch.fd = ends[0];
    *child_fd = ends[1];
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0)
        return error_set_errno(e, "can't make a pipe");
    return 0;
}

static int process_watch(struct process *p, struct error *e)
{
    p->exit = (struct loop_watch){process_on_exit, p, (int)syscall(SYS_pidfd_open, p->pid, 0)};
    p->out.watch = (struct loop_watch){process_on_output, p, p->out.watch.fd};
    p->err.watch = (struct loop_watch){process_on_error_output, p, p->err.watch.fd};
    /* Old kernels have no pidfd_open, and some sandboxes forbid it. */
    if (p->exit.fd < 0)
        loop_timer_start(p->loop, &p->look, LOOK_EVERY_MS, process_look, p);
    else if (fcntl(p->exit.fd, F_SETFD, FD_CLOEXEC) != 0)
        return error_set_errno(e, "can't watch a child process");
    else if (loop_watch_start(p->loop, &p->exit, EPOLLIN, e) != 0)
        return -1;
    if (loop_watch_start(p->loop, &p->out.watch, EPOLLIN, e) != 0)
        return -1;
    return loop_watch_start(p->loop, &p->err.watch, EPOLLIN, e);
}

static int process_spawn(struct process *p, const char *const *argv, int out_fd, int err_fd,
                         struct error *e)
{
    struct buffer path;
    buffer_init(&path, PATH_BYTES_MAX);
    int number = find_program(argv[0], &path);
    if (number == 0)
        number = spawn(p, buffer_text(&path), argv, out_fd, err_fd);
    buffer_release(&path);
    if (number == 0)
        return 0;
    p->pid = 0;
    errno = number;
    error_set_errno(e, "can't run '%s'", argv[0]);
    if (number == ENOENT && e)
        memcpy(e->code, PROCESS_NOT_FOUND, sizeof(PROCESS_NOT_FOUND));
    return -1;
}

struct process *process_start(struct loop *loop, const struct process_options *options,
                              void (*done)(void *arg, const struct process_result *result,
                                           const struct error *e),
                              void *arg, struct error *e)
{
    const char *const shell[] = {"/bin/sh", "-c", options->shell, NULL};
    struct process *p = xcalloc(1, sizeof(*p));
    int out_fd = -1, err_fd = -1;
    /*
     * A parent that ignores it hands that on to us, and then the kernel reaps our children, and
     * how they ended is lost.
     */
    signal(SIGCHLD, SIG_DFL);
    p->loop = loop;
    p->exit.fd = -1;
    p->err.watch.fd = -1;
    p->timeout_ms = options->timeout_ms;
    p->done = done;
    p->arg = arg;
    int result = stream_open(&p->out, options->stdout_max, &out_fd, e);
    if (result == 0)
        result = stream_open(&p->err, options->stderr_max, &err_fd, e);
    if (result == 0)
        result = process_spawn(p, options->argv ? options->argv : shell, out_fd, err_fd, e);
    if (out_fd >= 0)
        close(out_fd);
    if (err_fd >= 0)
        close(err_fd);
    if (result == 0)
        result = process_watch(p, e);
    if (result != 0) {
        process_cancel(p);
        return NULL;
    }
    loop_timer_start(loop, &p->timer, p->timeout_ms, process_on_timeout, p);
    return p;
}

/* Looks again and again, since a signal of ours ends poll() early. A pidfd of -1 is a plain sleep.
 */
static void reap_killed(const struct process *p)
{
    const struct clock *clock = loop_clock(p->loop);
    struct pollfd gone = {p->exit.fd, POLLIN, 0};
    int64_t until_ms = clock_steady_ms(clock) + KILL_PATIENCE_MS;
    while (waitpid(p->pid, NULL, WNOHANG) == 0 && clock_steady_ms(clock) < until_ms)
        (void)!poll(&gone, 1, KILL_STEP_MS);
}

void process_cancel(struct process *process)
{
    if (!process)
        return;
    if (process->pid > 0) {
        send_kill(process);
        reap_killed(process);
    }
    process_free(process);
}
