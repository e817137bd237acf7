/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/leftover.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void make(char path[32])
{
    snprintf(path, 32, "/tmp/leftover.XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
}

/* Only what is noted is removed, and what was forgotten stays. */
static void test_noted_and_forgotten(void **state)
{
    char kept[32], gone[32];
    (void)state;
    make(kept);
    make(gone);
    leftover_note(kept);
    leftover_note(gone);
    leftover_forget(kept);
    leftover_forget(NULL);
    leftovers_remove();
    assert_int_equal(access(kept, F_OK), 0);
    assert_int_not_equal(access(gone, F_OK), 0);
    leftover_forget(gone);
    unlink(kept);
}

/* More than there is room for: the first ones are removed, and nothing is overwritten. */
static void test_too_many(void **state)
{
    char paths[LEFTOVERS_MAX + 1][32];
    (void)state;
    for (size_t i = 0; i <= LEFTOVERS_MAX; i++) {
        make(paths[i]);
        leftover_note(paths[i]);
    }
    leftovers_remove();
    for (size_t i = 0; i < LEFTOVERS_MAX; i++) {
        assert_int_not_equal(access(paths[i], F_OK), 0);
        leftover_forget(paths[i]);
    }
    assert_int_equal(access(paths[LEFTOVERS_MAX], F_OK), 0);
    unlink(paths[LEFTOVERS_MAX]);
}

/* A process that has no memory left leaves no part of a file behind. */
static void test_out_of_memory(void **state)
{
    char path[32];
    int status;
    (void)state;
    make(path);
    pid_t child = fork();
    if (child == 0) {
        leftover_note(path);
        out_of_memory();
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    assert_int_not_equal(access(path, F_OK), 0);
}

/* Runs out of memory in a child; returns what it has written to standard error. */
static void run_out_of_memory(const char *noted, const char *forgotten, char out[512])
{
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        leftover_upload_note(noted);
        leftover_upload_note(forgotten);
        leftover_upload_forget(forgotten);
        leftover_upload_forget(NULL);
        out_of_memory();
    }
    close(ends[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    ssize_t len = read(ends[0], out, 511);
    assert_true(len > 0);
    out[len] = '\0';
    close(ends[0]);
}

/* An upload can't be ended without memory: it is named. */
static void test_uploads_are_named(void **state)
{
    char out[512];
    (void)state;
    run_out_of_memory("prefix/rows.csv", "prefix/other.csv", out);
    assert_non_null(strstr(out, "out of memory"));
    assert_non_null(strstr(out, "unfinished upload of 'prefix/rows.csv' may be left"));
    assert_null(strstr(out, "other.csv"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_noted_and_forgotten),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_uploads_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
