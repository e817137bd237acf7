/* The sink of local files where it writes directly: standard output, pipes, devices. */
#include "sink_scene.h"

#include <sys/wait.h>

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
    assert_non_null(sink_failed(sink)); /* before finish */
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
    abort_sink(s, sink);
    assert_true(s->failed);
    assert_text(s->error.text, "can't take back what was written to '/dev/null': 300000 bytes");
    assert_null(sink_failed(sink));
    sink_free(sink);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_disk_full),          TEST(test_stdout_pipe), TEST(test_stdout_file),
        TEST(test_stdout_reader_gone), TEST(test_named_pipe),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
