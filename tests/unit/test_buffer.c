/* SPDX-License-Identifier: MIT */
/* Buffers: what is cut is never taken for the whole, and nothing that they held stays behind. */
#include "base/buffer.h"
#include "base/json_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECRET "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

/* Blocks that were freed with the secret in them. */
static int leaks;

void __real_free(void *block);
void __wrap_free(void *block);
void __wrap_free(void *block)
{
    if (block && memmem(block, malloc_usable_size(block), SECRET, strlen(SECRET)))
        leaks++;
    __real_free(block);
}

void *__wrap_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size)
{
    (void)block, (void)size;
    fail_msg("a buffer must not grow by realloc, which frees what it leaves as it is");
    return NULL;
}

/* ---- what is cut ---- */

static void fill(struct buffer *b, size_t max, size_t len)
{
    buffer_init(b, max);
    for (size_t i = 0; i < len; i++)
        buffer_add_char(b, 'x');
}

/* The process must end; SIGABRT is how. */
static void assert_ends(void (*use)(const struct buffer *b), const struct buffer *b)
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        signal(SIGABRT, SIG_DFL);
        dup2(nowhere, STDERR_FILENO);
        use(b);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void use_view(const struct buffer *b)
{
    (void)buffer_view(b);
}

static void use_text(const struct buffer *b)
{
    (void)buffer_text(b);
}

static void test_cut_is_refused(void **state)
{
    struct buffer b;
    struct error e;
    (void)state;
    fill(&b, 10, 11);
    assert_false(buffer_complete(&b));
    assert_int_equal(buffer_check(&b, "the thing", &e), -1);
    assert_int_equal(e.kind, ERROR_LIMIT);
    assert_string_equal(e.text, "the thing is longer than 10 bytes");
    assert_ends(use_view, &b);
    assert_ends(use_text, &b);
    assert_string_equal(buffer_text_cut(&b), "xxxxxxxxxx");
    assert_true(view_is(buffer_view_cut(&b), "xxxxxxxxxx"));
    buffer_clear(&b);
    assert_true(buffer_complete(&b));
    assert_string_equal(buffer_text(&b), "");
    buffer_release(&b);
    fill(&b, 10, 10);
    assert_true(buffer_complete(&b));
    assert_int_equal(buffer_check(&b, "the thing", &e), 0);
    assert_string_equal(buffer_text(&b), "xxxxxxxxxx");
    buffer_release(&b);
}

static void test_cut_spreads(void **state)
{
    struct buffer cut, whole, out;
    struct json_writer w;
    (void)state;
    fill(&cut, 10, 11);
    fill(&whole, 10, 2);
    buffer_init(&out, 100);
    buffer_add_buffer(&out, &whole);
    json_writer_init(&w, &out);
    json_buffer(&w, &whole);
    assert_string_equal(buffer_text(&out), "xx\"xx\"");
    buffer_add_buffer(&out, &cut);
    assert_false(buffer_complete(&out));
    buffer_clear(&out);
    json_buffer(&w, &cut);
    assert_false(buffer_complete(&out));
    buffer_release(&cut);
    buffer_release(&whole);
    buffer_release(&out);
}

static void test_truncate(void **state)
{
    struct buffer b;
    (void)state;
    buffer_init(&b, 10);
    buffer_truncate(&b, 0);
    buffer_add_text(&b, "01234567");
    buffer_truncate(&b, 9);
    assert_string_equal(buffer_text(&b), "01234567");
    buffer_add_text(&b, "89abc");
    assert_false(buffer_complete(&b));
    buffer_truncate(&b, 9); /* never was there */
    assert_false(buffer_complete(&b));
    buffer_truncate(&b, 4);
    assert_true(buffer_complete(&b));
    buffer_add_text(&b, "x");
    assert_string_equal(buffer_text(&b), "0123x");
    buffer_release(&b);
}

/* ---- what stays behind ---- */

static void test_growing_leaves_nothing(void **state)
{
    struct buffer b;
    (void)state;
    leaks = 0;
    buffer_init(&b, (size_t)1024 * 1024);
    for (int i = 0; i < 1000; i++)
        buffer_addf(&b, "%d: %s\n", i, SECRET);
    buffer_reserve(&b, 100000);
    buffer_release(&b);
    assert_int_equal(leaks, 0);
}

/* Also what was in it before it was emptied, shortened or moved. */
static void test_emptied_leaves_nothing(void **state)
{
    static void (*const empty[])(struct buffer * b) = {buffer_clear, buffer_wipe};
    struct buffer b;
    (void)state;
    leaks = 0;
    for (size_t i = 0; i < 2; i++) {
        buffer_init(&b, 1000);
        buffer_add_text(&b, "front " SECRET);
        empty[i](&b);
        buffer_add_char(&b, '1');
        buffer_reserve(&b, 900);
        buffer_release(&b);
    }
    buffer_init(&b, 1000);
    buffer_add_text(&b, "front " SECRET);
    buffer_truncate(&b, 2);
    buffer_release(&b);
    assert_int_equal(leaks, 0);
}

static void test_wipe(void **state)
{
    struct buffer b;
    (void)state;
    buffer_init(&b, 1000);
    buffer_add_text(&b, SECRET " " SECRET);
    buffer_truncate(&b, 3);
    buffer_wipe(&b);
    assert_int_equal(b.len, 0);
    assert_null(memmem(b.data, b.capacity, "l", 1));
    buffer_add_text(&b, "next");
    assert_string_equal(buffer_text(&b), "next");
    buffer_release(&b);
}

static void test_numbers(void **state)
{
    (void)state;
    struct buffer out;
    buffer_init(&out, 100);
    static const int64_t numbers[] = {0, 9, 10, -1, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        buffer_add_int(&out, numbers[i]);
        buffer_add_char(&out, ' ');
    }
    assert_string_equal(buffer_text(&out), "0 9 10 -1 9223372036854775807 -9223372036854775808 ");
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_cut_is_refused),
        cmocka_unit_test(test_cut_spreads),
        cmocka_unit_test(test_truncate),
        cmocka_unit_test(test_growing_leaves_nothing),
        cmocka_unit_test(test_emptied_leaves_nothing),
        cmocka_unit_test(test_wipe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
