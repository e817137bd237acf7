/* SPDX-License-Identifier: MIT */
/* The sink of local files: complete or not there, and errors that name the path. */
#include "sink_scene.h"

#include <sys/resource.h>
#include <sys/wait.h>

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
    assert_false(sink_unsettled(sink, &s->error)); /* nobody would find anything */
    finish(s, sink);
    assert_true(sink_unsettled(sink, &s->error));
    assert_text(s->error.text, "complete already and is kept");
    abort_sink(s, sink);
    assert_true(s->failed);
    assert_text(s->error.text, s->path);
    assert_text(s->error.text, "complete already");
    sink_free(sink);
    assert_int_equal(unlink(s->path), 0);
}

static void stop_loop(void *arg)
{
    struct scene *s = arg;
    s->done = true;
}

/* Freed without a word: nothing is left, and nobody is called afterwards. */
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
    struct loop_timer later = {0};
    loop_timer_start(s->loop, &later, 1, stop_loop, s);
    run(s);
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
        TEST(test_write_fails_on_file),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
