/* The sink of local files: complete or not there, and errors that name the path. */
#include "net/loop.h"
#include "output/sink_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATH_SIZE   512
#define LARGE_BYTES ((size_t)1024 * 1024 + 17)

/* A folder of its own, a loop, and what a sink has called back with. */
struct scene {
    char folder[64];
    char path[PATH_SIZE];
    struct loop *loop;
    bool done;
    unsigned calls;
    bool failed;
    struct error error;
};

static int begin(void **state)
{
    struct scene *s = calloc(1, sizeof(*s));
    if (!s)
        return -1;
    strcpy(s->folder, "/tmp/test_sink_file.XXXXXX");
    if (!mkdtemp(s->folder) || !(s->loop = loop_new(clock_system(), NULL)))
        return -1;
    snprintf(s->path, sizeof(s->path), "%s/census.csv", s->folder);
    *state = s;
    return 0;
}

/* The names in the folder, without "." and ".."; the last of them in 'name'. */
static unsigned folder_list(const struct scene *s, char name[PATH_SIZE])
{
    unsigned count = 0;
    DIR *folder = opendir(s->folder);
    assert_non_null(folder);
    for (struct dirent *d; (d = readdir(folder)) != NULL;) {
        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
            continue;
        count++;
        if (name)
            snprintf(name, PATH_SIZE, "%s", d->d_name);
    }
    closedir(folder);
    return count;
}

/* Tests remove what they make: a folder that is not empty is something that was left behind. */
static int end(void **state)
{
    struct scene *s = *state;
    loop_free(s->loop);
    int result = rmdir(s->folder);
    free(s);
    return result;
}

static void on_done(void *arg, const struct error *e)
{
    struct scene *s = arg;
    s->done = true;
    s->calls++;
    s->failed = e != NULL;
    if (e)
        s->error = *e;
}

static void run(struct scene *s)
{
    struct error e;
    if (loop_run(s->loop, &s->done, &e) != 0)
        fail_msg("%s", e.text);
}

static struct sink *open_sink(struct scene *s, const char *path)
{
    struct error e;
    struct sink *sink = sink_file_new(s->loop, path, &e);
    if (!sink)
        fail_msg("%s", e.text);
    return sink;
}

/* Finishes, and sees that nobody is called before the loop runs. */
static void finish(struct scene *s, struct sink *sink)
{
    s->done = false;
    s->calls = 0;
    sink_finish(sink, on_done, s);
    assert_int_equal(s->calls, 0);
    run(s);
    assert_int_equal(s->calls, 1);
}

static void abort_sink(struct scene *s, struct sink *sink)
{
    s->done = false;
    s->calls = 0;
    sink_abort(sink, on_done, s);
    assert_int_equal(s->calls, 0);
    run(s);
    assert_int_equal(s->calls, 1);
}

static void put_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void assert_file(const char *path, const char *expected, size_t len)
{
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        fail_msg("can't open %s", path);
    char *content = malloc(len + 1);
    size_t found = 0;
    for (ssize_t count; found <= len; found += (size_t)count)
        if ((count = read(fd, content + found, len + 1 - found)) <= 0)
            break;
    close(fd);
    assert_int_equal(found, len);
    assert_memory_equal(content, expected, len);
    free(content);
}

static void assert_text(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no \"%s\" in \"%s\"", part, text);
}

/* Bytes that tell where they belong. */
static char *large_bytes(void)
{
    char *bytes = malloc(LARGE_BYTES);
    for (size_t i = 0; i < LARGE_BYTES; i++)
        bytes[i] = (char)((i * 31 + i / 4096) & 0x7f);
    return bytes;
}

static void test_appears_when_finished(void **state)
{
    struct scene *s = *state;
    char name[PATH_SIZE];
    struct stat found;
    mode_t mask = umask(0);
    struct sink *sink = open_sink(s, s->path);
    umask(mask);
    assert_int_equal(folder_list(s, name), 1);
    assert_true(strncmp(name, ".census.csv.", 12) == 0);
    assert_string_equal(name + strlen(name) - 5, ".part");
    sink_write(sink, VIEW_LITERAL("one\r\n"));
    sink_write(sink, VIEW_LITERAL(""));
    sink_write(sink, VIEW_LITERAL("two\r\n"));
    assert_false(sink_busy(sink));
    assert_null(sink_failed(sink));
    assert_int_equal(stat(s->path, &found), -1);
    sink_finish(sink, on_done, s);
    assert_int_equal(stat(s->path, &found), -1);
    assert_int_equal(s->calls, 0);
    run(s);
    assert_int_equal(s->calls, 1);
    assert_false(s->failed);
    assert_file(s->path, "one\r\ntwo\r\n", 10);
    assert_int_equal(stat(s->path, &found), 0);
    assert_int_equal(found.st_mode & 07777, 0600);
    sink_free(sink);
    assert_int_equal(folder_list(s, NULL), 1);
    assert_int_equal(unlink(s->path), 0);
}

static void test_empty(void **state)
{
    struct scene *s = *state;
    struct sink *sink = open_sink(s, s->path);
    finish(s, sink);
    assert_false(s->failed);
    sink_free(sink);
    assert_file(s->path, "", 0);
    unlink(s->path);
}

/* Pieces of every kind of size: smaller than what is held back, equal, larger. */
static void test_large(void **state)
{
    struct scene *s = *state;
    static const size_t pieces[] = {1, 4095, 65536, 262143, 262144, 262145, LARGE_BYTES};
    char *bytes = large_bytes();
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        struct sink *sink = open_sink(s, s->path);
        sink_write(sink, (struct view){bytes, 3});
        for (size_t at = 3; at < LARGE_BYTES; at += pieces[i]) {
            size_t left = LARGE_BYTES - at;
            size_t len = left < pieces[i] ? left : pieces[i];
            sink_write(sink, (struct view){bytes + at, len});
        }
        finish(s, sink);
        assert_false(s->failed);
        sink_free(sink);
        assert_file(s->path, bytes, LARGE_BYTES);
    }
    free(bytes);
    unlink(s->path);
}

/* The sink has its own copy: the caller's memory may change at once. */
static void test_copies(void **state)
{
    struct scene *s = *state;
    char bytes[] = "first";
    struct sink *sink = open_sink(s, s->path);
    sink_write(sink, view_of(bytes));
    memset(bytes, 'x', 5);
    finish(s, sink);
    sink_free(sink);
    assert_file(s->path, "first", 5);
    unlink(s->path);
}

static void test_replaces(void **state)
{
    struct scene *s = *state;
    put_file(s->path, "the old census");
    struct sink *sink = open_sink(s, s->path);
    sink_write(sink, VIEW_LITERAL("new"));
    assert_file(s->path, "the old census", 14);
    finish(s, sink);
    assert_false(s->failed);
    sink_free(sink);
    assert_file(s->path, "new", 3);
    struct stat found;
    assert_int_equal(stat(s->path, &found), 0);
    assert_int_equal(found.st_mode & 07777, 0600);
    assert_int_equal(folder_list(s, NULL), 1);
    unlink(s->path);
}

static void test_abort(void **state)
{
    struct scene *s = *state;
    char *bytes = large_bytes();
    put_file(s->path, "old");
    struct sink *sink = open_sink(s, s->path);
    sink_write(sink, (struct view){bytes, LARGE_BYTES});
    abort_sink(s, sink);
    assert_false(s->failed);
    assert_int_equal(folder_list(s, NULL), 1);
    sink_free(sink);
    assert_file(s->path, "old", 3);
    unlink(s->path);
    free(bytes);
}

static void refuse(void *arg, const struct error *e)
{
    (void)e;
    fail_msg("called: %s", (const char *)arg);
}

static void test_abort_while_finishing(void **state)
{
    struct scene *s = *state;
    struct sink *sink = open_sink(s, s->path);
    sink_write(sink, VIEW_LITERAL("x"));
    sink_finish(sink, refuse, "finish");
    abort_sink(s, sink);
    assert_false(s->failed);
    assert_int_equal(folder_list(s, NULL), 0);
    sink_free(sink);
}

static void test_abort_too_late(void **state)
{
    struct scene *s = *state;
    struct sink *sink = open_sink(s, s->path);
    finish(s, sink);
    abort_sink(s, sink);
    assert_true(s->failed);
    assert_text(s->error.text, s->path);
    assert_text(s->error.text, "complete already");
    sink_free(sink);
    assert_int_equal(unlink(s->path), 0);
}

static void test_free_alone(void **state)
{
    struct scene *s = *state;
    struct sink *sink = open_sink(s, s->path);
    sink_write(sink, VIEW_LITERAL("x"));
    sink_free(sink);
    assert_int_equal(folder_list(s, NULL), 0);
    sink = open_sink(s, s->path);
    sink_finish(sink, refuse, "finish");
    sink_free(sink);
    assert_int_equal(folder_list(s, NULL), 0);
    sink_free(NULL);
}

struct freeing {
    struct scene *scene;
    struct sink *sink;
};

static void free_on_done(void *arg, const struct error *e)
{
    struct freeing *f = arg;
    on_done(f->scene, e);
    sink_free(f->sink);
}

static void test_free_in_callback(void **state)
{
    struct scene *s = *state;
    struct freeing f = {s, open_sink(s, s->path)};
    sink_finish(f.sink, free_on_done, &f);
    run(s);
    assert_false(s->failed);
    s->done = false;
    f.sink = open_sink(s, s->path);
    sink_abort(f.sink, free_on_done, &f);
    run(s);
    assert_false(s->failed);
    unlink(s->path);
}

/* Opening 'path' fails with a text that holds 'part' and the path. */
static void expect_refused(struct scene *s, const char *path, const char *part)
{
    struct error e;
    error_clear(&e);
    assert_null(sink_file_new(s->loop, path, &e));
    assert_text(e.text, part);
    assert_text(e.text, path);
    assert_int_not_equal(e.kind, ERROR_NONE);
}

static void test_refused(void **state)
{
    struct scene *s = *state;
    char path[PATH_SIZE], part[2 * PATH_SIZE];
    snprintf(path, sizeof(path), "%s/none/census.csv", s->folder);
    snprintf(part, sizeof(part), "the folder '%s/none' does not exist", s->folder);
    expect_refused(s, path, part);
    put_file(s->path, "x");
    snprintf(path, sizeof(path), "%s/census.csv/inside.csv", s->folder);
    snprintf(part, sizeof(part), "'%s' is not a folder", s->path);
    expect_refused(s, path, part);
    unlink(s->path);
    expect_refused(s, s->folder, "it is a folder");
    snprintf(path, sizeof(path), "%s/none/", s->folder);
    expect_refused(s, path, "it names a folder, not a file");
    snprintf(path, sizeof(path), "%s/%0300d", s->folder, 7);
    expect_refused(s, path, "longer than 255 bytes");
    expect_refused(s, "", "name is empty");
    assert_int_equal(symlink("nowhere", s->path), 0);
    expect_refused(s, s->path, "a symbolic link to nothing");
    unlink(s->path);
    assert_int_equal(folder_list(s, NULL), 0);
}

static void test_longest_name(void **state)
{
    struct scene *s = *state;
    char path[PATH_SIZE];
    snprintf(path, sizeof(path), "%s/%0255d", s->folder, 7);
    struct sink *sink = open_sink(s, path);
    finish(s, sink);
    assert_false(s->failed);
    sink_free(sink);
    assert_int_equal(unlink(path), 0);
}

static void test_name_without_folder(void **state)
{
    struct scene *s = *state;
    int here = open(".", O_RDONLY | O_DIRECTORY);
    assert_true(here >= 0);
    assert_int_equal(chdir(s->folder), 0);
    struct sink *sink = open_sink(s, "census.csv");
    sink_write(sink, VIEW_LITERAL("x"));
    finish(s, sink);
    sink_free(sink);
    assert_int_equal(fchdir(here), 0);
    close(here);
    assert_false(s->failed);
    assert_file(s->path, "x", 1);
    unlink(s->path);
}

/* A symbolic link to a file stays one: what it names is replaced. */
static void test_symbolic_link(void **state)
{
    struct scene *s = *state;
    char link[PATH_SIZE];
    struct stat found;
    snprintf(link, sizeof(link), "%s/latest", s->folder);
    put_file(s->path, "old");
    assert_int_equal(symlink("census.csv", link), 0);
    struct sink *sink = open_sink(s, link);
    sink_write(sink, VIEW_LITERAL("new"));
    finish(s, sink);
    assert_false(s->failed);
    sink_free(sink);
    assert_int_equal(lstat(link, &found), 0);
    assert_true(S_ISLNK(found.st_mode));
    assert_file(s->path, "new", 3);
    unlink(link);
    unlink(s->path);
}

static void test_name_taken_by_folder(void **state)
{
    struct scene *s = *state;
    struct sink *sink = open_sink(s, s->path);
    sink_write(sink, VIEW_LITERAL("x"));
    assert_int_equal(mkdir(s->path, 0700), 0);
    finish(s, sink);
    assert_true(s->failed);
    assert_text(s->error.text, s->path);
    assert_ptr_not_equal(sink_failed(sink), NULL);
    assert_int_equal(folder_list(s, NULL), 1);
    sink_free(sink);
    rmdir(s->path);
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

/* A file that may grow no further stands for a full disk: the bytes are given back at once. */
static void test_write_fails_on_file(void **state)
{
    struct scene *s = *state;
    char *bytes = large_bytes();
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGXFSZ, SIG_IGN);
        struct rlimit limit = {.rlim_cur = 300000, .rlim_max = 300000};
        struct sink *sink = sink_file_new(s->loop, s->path, NULL);
        if (!sink || setrlimit(RLIMIT_FSIZE, &limit) != 0)
            _exit(2);
        sink_write(sink, (struct view){bytes, LARGE_BYTES});
        if (!sink_failed(sink) || folder_list(s, NULL) != 0)
            _exit(3);
        sink_finish(sink, on_done, s);
        if (loop_run(s->loop, &s->done, NULL) != 0 || !s->failed ||
            !strstr(s->error.text, s->path) || !strstr(s->error.text, "File too large"))
            _exit(4);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(folder_list(s, NULL), 0);
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
    assert_text(s->error.text, "can't take back the 300000 bytes that were written to '/dev/null'");
    assert_null(sink_failed(sink));
    sink_free(sink);
    free(bytes);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_appears_when_finished),
        TEST(test_empty),
        TEST(test_large),
        TEST(test_copies),
        TEST(test_replaces),
        TEST(test_abort),
        TEST(test_abort_while_finishing),
        TEST(test_abort_too_late),
        TEST(test_free_alone),
        TEST(test_free_in_callback),
        TEST(test_refused),
        TEST(test_longest_name),
        TEST(test_name_without_folder),
        TEST(test_symbolic_link),
        TEST(test_name_taken_by_folder),
        TEST(test_disk_full),
        TEST(test_write_fails_on_file),
        TEST(test_stdout_pipe),
        TEST(test_stdout_reader_gone),
        TEST(test_named_pipe),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
