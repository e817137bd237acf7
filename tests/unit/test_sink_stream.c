/* SPDX-License-Identifier: MIT */
/* The sink of what is written as a stream: standard output, pipes, devices. */
#include "sink_scene.h"

#include "output/sink_stream.h"

#include <sys/wait.h>

static void set_true(void *arg)
{
    *(bool *)arg = true;
}

/* Runs the loop for a while. */
static void pass(struct scene *s, int64_t ms)
{
    struct loop_timer timer = {0};
    bool over = false;
    loop_timer_start(s->loop, &timer, ms, set_true, &over);
    assert_int_equal(loop_run(s->loop, &over, NULL), 0);
}

static void test_disk_full(void **state)
{
    struct scene *s = *state;
    char *bytes = large_bytes();
    struct stat before, after;
    assert_int_equal(stat("/dev/full", &before), 0);
    struct sink *sink = open_sink(s, "/dev/full");
    sink_write(sink, VIEW_LITERAL("small")); /* held back: only finish can tell */
    assert_null(sink_failed(sink));
    finish(s, sink);
    assert_true(s->failed);
    assert_text(s->error.text, "'/dev/full': No space left on device");
    sink_free(sink);
    sink = open_sink(s, "/dev/full");
    sink_write(sink, (struct view){bytes, LARGE_BYTES});
    assert_true(sink_busy(sink));
    while (!sink_failed(sink)) /* before finish */
        pass(s, 1);
    assert_false(sink_busy(sink));
    sink_write(sink, VIEW_LITERAL("ignored"));
    finish(s, sink);
    assert_true(s->failed);
    assert_string_equal(s->error.text, sink_failed(sink)->text);
    sink_free(sink);
    assert_int_equal(stat("/dev/full", &after), 0);
    assert_true(S_ISCHR(after.st_mode) && after.st_ino == before.st_ino);
    free(bytes);
}

/* Puts 'fd' in the place of standard output until stdout_restore. Returns the old one. */
static int stdout_replace(int fd)
{
    fflush(stdout);
    int old = dup(STDOUT_FILENO);
    assert_true(old >= 0);
    assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
    return old;
}

static void stdout_restore(int old)
{
    dup2(old, STDOUT_FILENO);
    close(old);
}

/* In a child: sees that the bytes come, slowly, and then the end; its exit status says so. */
static void read_slowly(int fd, const char *bytes)
{
    char piece[4096];
    size_t found = 0;
    for (ssize_t count; (count = read(fd, piece, sizeof(piece))) > 0; found += (size_t)count) {
        if (found + (size_t)count > LARGE_BYTES || memcmp(piece, bytes + found, (size_t)count) != 0)
            _exit(2);
        if (found % 65536 == 0)
            usleep(1000);
    }
    _exit(found == LARGE_BYTES ? 0 : 3);
}

/* A pipe that is full and does not block, as a shell may hand one over. */
static void test_stdout_pipe(void **state)
{
    struct scene *s = *state;
    static const char *const names[] = {"-", "/dev/stdout"};
    char *bytes = large_bytes();
    for (size_t i = 0; i < 2; i++) {
        int ends[2], status;
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            close(ends[1]);
            read_slowly(ends[0], bytes);
        }
        close(ends[0]);
        assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
        int old = stdout_replace(ends[1]);
        close(ends[1]);
        struct sink *sink = sink_file_new(s->loop, names[i], NULL);
        sink_write(sink, (struct view){bytes, LARGE_BYTES});
        s->done = false;
        sink_finish(sink, on_done, s);
        int result = loop_run(s->loop, &s->done, NULL);
        sink_free(sink);
        int still_open = fcntl(STDOUT_FILENO, F_GETFD);
        stdout_restore(old);
        assert_int_equal(result, 0);
        assert_int_not_equal(still_open, -1);
        assert_false(s->failed);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    free(bytes);
}

/* Standard output that a shell has sent into a file: it is written on, and not replaced. */
static void test_stdout_file(void **state)
{
    struct scene *s = *state;
    struct stat before, after;
    put_file(s->path, "before ");
    assert_int_equal(stat(s->path, &before), 0);
    int fd = open(s->path, O_WRONLY | O_APPEND);
    assert_true(fd >= 0);
    int old = stdout_replace(fd);
    close(fd);
    struct sink *sink = sink_file_new(s->loop, "/dev/stdout", NULL);
    sink_write(sink, VIEW_LITERAL("after"));
    sink_finish(sink, on_done, s);
    int result = loop_run(s->loop, &s->done, NULL);
    sink_free(sink);
    stdout_restore(old);
    assert_int_equal(result, 0);
    assert_false(s->failed);
    assert_file(s->path, "before after", 12);
    assert_int_equal(stat(s->path, &after), 0);
    assert_int_equal(after.st_ino, before.st_ino);
    unlink(s->path);
}

static void test_stdout_reader_gone(void **state)
{
    struct scene *s = *state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    int old = stdout_replace(ends[1]);
    close(ends[1]);
    struct sink *sink = sink_file_new(s->loop, "-", NULL);
    sink_write(sink, VIEW_LITERAL("x"));
    sink_finish(sink, on_done, s);
    int result = loop_run(s->loop, &s->done, NULL);
    stdout_restore(old);
    assert_int_equal(result, 0);
    assert_true(s->failed);
    assert_string_equal(s->error.text, "can't write to standard output: its reader has gone away");
    sink_free(sink);
}

/* A named pipe is written directly; what went there can't be taken back, and abort says so. */
static void test_named_pipe(void **state)
{
    struct scene *s = *state;
    char *bytes = large_bytes();
    char found[8] = "";
    assert_int_equal(mkfifo(s->path, 0600), 0);
    int reader = open(s->path, O_RDONLY | O_NONBLOCK);
    assert_true(reader >= 0);
    struct sink *sink = open_sink(s, s->path);
    sink_write(sink, VIEW_LITERAL("abc"));
    abort_sink(s, sink); /* nothing has gone yet */
    assert_false(s->failed);
    sink_free(sink);
    sink = open_sink(s, s->path);
    sink_write(sink, VIEW_LITERAL("abc"));
    finish(s, sink);
    assert_false(s->failed);
    sink_free(sink);
    assert_int_equal(read(reader, found, sizeof(found)), 3);
    assert_memory_equal(found, "abc", 3);
    assert_int_equal(read(reader, found, sizeof(found)), 0); /* closed */
    close(reader);
    unlink(s->path);
    sink = open_sink(s, "/dev/null");
    sink_write(sink, (struct view){bytes, 300000});
    while (!sink_unsettled(sink, &s->error) || strstr(s->error.text, " 300000 ") == NULL)
        pass(s, 1);
    abort_sink(s, sink);
    assert_true(s->failed);
    assert_text(s->error.text, "can't take back what was written to '/dev/null': 300000 bytes");
    assert_null(sink_failed(sink));
    sink_free(sink);
    free(bytes);
}

/* A pipe with its ends; the write end is put in the place of standard output. Returns the read end.
 */
static int stdout_pipe(int *old)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    *old = stdout_replace(ends[1]);
    close(ends[1]);
    return ends[0];
}

static void on_ready(void *arg)
{
    struct scene *s = arg;
    s->calls++;
}

/* Nobody reads: the sink is busy, finishing waits, and giving up does not wait for anybody. */
static void test_nobody_reads(void **state)
{
    struct scene *s = *state;
    char *bytes = large_bytes();
    int old, reader = stdout_pipe(&old);
    struct sink *sink = sink_file_new(s->loop, "-", NULL);
    sink_set_ready(sink, on_ready, s);
    sink_write(sink, (struct view){bytes, LARGE_BYTES});
    pass(s, 50);
    bool busy = sink_busy(sink);
    unsigned readies = s->calls;
    sink_finish(sink, on_done, s);
    pass(s, 50);
    bool ended = s->done;
    bool unsettled = sink_unsettled(sink, &s->error);
    bool blocking = (fcntl(STDOUT_FILENO, F_GETFL) & O_NONBLOCK) == 0;
    sink_abort(sink, on_done, s);
    int result = loop_run(s->loop, &s->done, NULL);
    sink_free(sink);
    stdout_restore(old);
    close(reader);
    free(bytes);
    assert_true(busy);
    assert_int_equal(readies, 0);
    assert_false(ended);
    assert_true(unsettled);
    assert_true(blocking);
    assert_int_equal(result, 0);
    assert_true(s->failed);
    assert_text(s->error.text, "can't take back what was written to standard output: ");
}

/* A reader that goes away while the sink is busy: 'ready' tells the writer, who then sees it. */
static void test_reader_goes_away(void **state)
{
    struct scene *s = *state;
    char *bytes = large_bytes();
    int old, reader = stdout_pipe(&old);
    struct sink *sink = sink_file_new(s->loop, "-", NULL);
    sink_set_ready(sink, on_ready, s);
    sink_write(sink, (struct view){bytes, LARGE_BYTES});
    pass(s, 20);
    close(reader);
    pass(s, 20);
    stdout_restore(old);
    free(bytes);
    assert_int_equal(s->calls, 1);
    assert_false(sink_busy(sink));
    assert_text(sink_failed(sink)->text, "its reader has gone away");
    finish(s, sink);
    assert_true(s->failed);
    sink_free(sink);
}

/* The sink is ready again each time that the reader has taken enough. */
static void test_ready_when_read(void **state)
{
    struct scene *s = *state;
    char *bytes = large_bytes(), *found = malloc(LARGE_BYTES);
    size_t got = 0;
    int old, reader = stdout_pipe(&old);
    struct sink *sink = sink_file_new(s->loop, "-", NULL);
    sink_set_ready(sink, on_ready, s);
    sink_write(sink, (struct view){bytes, LARGE_BYTES});
    assert_int_equal(fcntl(reader, F_SETFL, O_NONBLOCK), 0);
    while (got < LARGE_BYTES) {
        ssize_t count = read(reader, found + got, LARGE_BYTES - got);
        got += count > 0 ? (size_t)count : 0;
        pass(s, 1);
    }
    unsigned readies = s->calls;
    finish(s, sink);
    sink_free(sink);
    stdout_restore(old);
    close(reader);
    assert_int_equal(readies, 1);
    assert_false(s->failed);
    assert_memory_equal(bytes, found, LARGE_BYTES);
    free(bytes);
    free(found);
}

/* More than the sink may hold passes through, although it is never quite empty in between. */
static void test_never_empty(void **state)
{
    struct scene *s = *state;
    char *bytes = large_bytes();
    struct sink *sink = open_sink(s, "/dev/null");
    bool has_room = false;
    sink_set_ready(sink, set_true, &has_room);
    for (size_t written = 0; written < (size_t)96 * 1024 * 1024; written += LARGE_BYTES) {
        has_room = false;
        sink_write(sink, (struct view){bytes, LARGE_BYTES});
        assert_int_equal(loop_run(s->loop, &has_room, NULL), 0);
    }
    assert_null(sink_failed(sink));
    finish(s, sink);
    assert_false(s->failed);
    sink_free(sink);
    free(bytes);
}

/* A named pipe that nobody has opened keeps nobody waiting: it is opened once somebody reads. */
static void test_named_pipe_without_reader(void **state)
{
    struct scene *s = *state;
    char found[8] = "";
    assert_int_equal(mkfifo(s->path, 0600), 0);
    struct sink *sink = open_sink(s, s->path);
    sink_write(sink, VIEW_LITERAL("abc"));
    sink_finish(sink, on_done, s);
    pass(s, 50);
    assert_false(s->done);
    assert_false(sink_unsettled(sink, &s->error));
    int reader = open(s->path, O_RDONLY | O_NONBLOCK);
    run(s);
    assert_false(s->failed);
    assert_int_equal(read(reader, found, sizeof(found)), 3);
    close(reader);
    sink_free(sink);
    sink = open_sink(s, s->path);
    sink_write(sink, VIEW_LITERAL("abc"));
    pass(s, 20);
    abort_sink(s, sink);
    assert_false(s->failed);
    sink_free(sink);
    unlink(s->path);
}

static void test_names_of_stdout(void **state)
{
    struct scene *s = *state;
    char fd_name[64];
    snprintf(fd_name, sizeof(fd_name), "/proc/%d/fd/1", (int)getpid());
    put_file(s->path, "");
    assert_true(sink_stream_is_stdout("-"));
    assert_true(sink_stream_is_stdout("/dev/stdout"));
    assert_true(sink_stream_is_stdout("/dev/fd/1"));
    assert_true(sink_stream_is_stdout("/proc/self/fd/1"));
    assert_false(sink_stream_is_stdout(s->path));
    assert_false(sink_stream_is_stdout("missing"));
    int old, reader = stdout_pipe(&old);
    bool by_number = sink_stream_is_stdout(fd_name);
    stdout_restore(old);
    close(reader);
    int fd = open(s->path, O_WRONLY);
    old = stdout_replace(fd);
    bool by_file = sink_stream_is_stdout(s->path);
    stdout_restore(old);
    close(fd);
    fd = open("/dev/null", O_WRONLY);
    old = stdout_replace(fd);
    bool by_device = sink_stream_is_stdout("/dev/null");
    stdout_restore(old);
    close(fd);
    unlink(s->path);
    assert_true(by_number);
    assert_true(by_file);
    assert_false(by_device);
}

/* Closed, or as main leaves what was closed. */
static void test_stdout_closed(void **state)
{
    struct scene *s = *state;
    fflush(stdout);
    int old = dup(STDOUT_FILENO);
    close(STDOUT_FILENO);
    struct sink *closed = sink_file_new(s->loop, "-", &s->error);
    int fd = open("/dev/null", O_RDONLY);
    struct sink *occupied = sink_file_new(s->loop, "/dev/stdout", &s->error);
    stdout_restore(old);
    assert_int_equal(fd, STDOUT_FILENO);
    assert_null(closed);
    assert_null(occupied);
    assert_string_equal(s->error.text, "can't write to standard output: it is closed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_disk_full),        TEST(test_stdout_pipe),
        TEST(test_stdout_file),      TEST(test_stdout_reader_gone),
        TEST(test_named_pipe),       TEST(test_nobody_reads),
        TEST(test_reader_goes_away), TEST(test_ready_when_read),
        TEST(test_never_empty),      TEST(test_named_pipe_without_reader),
        TEST(test_names_of_stdout),  TEST(test_stdout_closed),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
