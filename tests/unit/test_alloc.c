/* SPDX-License-Identifier: MIT */
/* Memory that can't be had ends the process, with the documented status and words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* The compiler does not know that it is too much. */
static volatile size_t too_much = PTRDIFF_MAX;

static void by_malloc(void)
{
    (void)xmalloc(too_much);
}

static void by_calloc(void)
{
    (void)xcalloc(too_much, 2);
}

static void by_realloc(void)
{
    (void)xrealloc(xmalloc(1), too_much);
}

static void test_too_much(void **state)
{
    static void (*const ways[])(void) = {by_malloc, by_calloc, by_realloc};
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    skip(); /* the sanitizer itself ends a process that asks for so much */
#endif
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        int ends[2], status;
        char said[128] = "";
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            dup2(ends[1], STDERR_FILENO);
            ways[i]();
            _exit(0);
        }
        close(ends[1]);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(read(ends[0], said, sizeof(said) - 1) > 0);
        close(ends[0]);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 1);
        assert_string_equal(said, "iam-census: out of memory\n");
    }
}

/* Nothing is something: no size gives NULL. */
static void test_no_size(void **state)
{
    void *block = xmalloc(0), *zeros = xcalloc(0, 0);
    (void)state;
    assert_non_null(block);
    assert_non_null(zeros);
    block = xrealloc(block, 0);
    assert_non_null(block);
    free(block);
    free(zeros);
}

static void test_copies(void **state)
{
    char *copy = xstrndup("abc", 2), *empty = xstrndup(NULL, 0);
    (void)state;
    assert_string_equal(copy, "ab");
    assert_string_equal(empty, "");
    free(copy);
    free(empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_too_much),
        cmocka_unit_test(test_no_size),
        cmocka_unit_test(test_copies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
