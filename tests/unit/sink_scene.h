/* SPDX-License-Identifier: MIT */
/* What the tests of sinks share: a folder and a loop of their own, and what was called back. */
#ifndef TESTS_SINK_SCENE_H
#define TESTS_SINK_SCENE_H

#include "net/loop.h"
#include "output/sink_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
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

static inline int begin(void **state)
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
static inline unsigned folder_list(const struct scene *s, char name[PATH_SIZE])
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
static inline int end(void **state)
{
    struct scene *s = *state;
    loop_free(s->loop);
    int result = rmdir(s->folder);
    free(s);
    return result;
}

static inline void on_done(void *arg, const struct error *e)
{
    struct scene *s = arg;
    s->done = true;
    s->calls++;
    s->failed = e != NULL;
    if (e)
        s->error = *e;
}

static inline void run(struct scene *s)
{
    struct error e;
    if (loop_run(s->loop, &s->done, &e) != 0)
        fail_msg("%s", e.text);
}

static inline struct sink *open_sink(struct scene *s, const char *path)
{
    struct error e;
    struct sink *sink = sink_file_new(s->loop, path, &e);
    if (!sink) {
        fail_msg("%s", e.text);
        abort(); /* for analyzers, which don't know that fail_msg does not return */
    }
    return sink;
}

/* Finishes, and sees that nobody is called before the loop runs. */
static inline void finish(struct scene *s, struct sink *sink)
{
    s->done = false;
    s->calls = 0;
    sink_finish(sink, on_done, s);
    assert_int_equal(s->calls, 0);
    run(s);
    assert_int_equal(s->calls, 1);
}

static inline void abort_sink(struct scene *s, struct sink *sink)
{
    s->done = false;
    s->calls = 0;
    sink_abort(sink, on_done, s);
    assert_int_equal(s->calls, 0);
    run(s);
    assert_int_equal(s->calls, 1);
}

static inline void put_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static inline void assert_file(const char *path, const char *expected, size_t len)
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

static inline void assert_text(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no \"%s\" in \"%s\"", part, text);
}

/* Bytes that depend on their place, so that one in a wrong place shows. */
static inline char *large_bytes(void)
{
    char *bytes = malloc(LARGE_BYTES);
    for (size_t i = 0; i < LARGE_BYTES; i++)
        bytes[i] = (char)((i * 31 + i / 4096) & 0x7f);
    return bytes;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

#endif
