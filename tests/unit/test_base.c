/* SPDX-License-Identifier: MIT */
/* The smallest pieces: views, buffers, arenas, errors, secrets, random numbers, JSON text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "base/character.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/json_writer.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/timestamp.h"

#include <errno.h>
#include <stdio.h>

#define ROOMY ((size_t)1024 * 1024)

static void test_view(void **state)
{
    (void)state;
    assert_null(view_of(NULL).ptr);
    assert_int_equal(view_of(NULL).len, 0);
    assert_int_equal(view_of("abc").len, 3);
    assert_true(view_is(VIEW_LITERAL("abc"), "abc"));
    assert_false(view_is(VIEW_LITERAL("abc"), "ab"));
    assert_false(view_is(VIEW_LITERAL("abc"), "abd"));
    assert_true(view_is(VIEW_NONE, ""));
    assert_true(view_equal(VIEW_LITERAL("a\0b"), VIEW_LITERAL("a\0b")));
    assert_false(view_equal(VIEW_LITERAL("a\0b"), VIEW_LITERAL("a\0c")));
    assert_true(view_equal(VIEW_NONE, VIEW_NONE));
    assert_true(view_starts_with(VIEW_LITERAL("abc"), "ab"));
    assert_true(view_starts_with(VIEW_LITERAL("abc"), ""));
    assert_false(view_starts_with(VIEW_LITERAL("abc"), "abcd"));
    assert_false(view_starts_with(VIEW_NONE, "a"));
}

static void test_view_compare(void **state)
{
    static const char *const ascending[] = {"", "A", "a", "aa", "ab", "b", "\x7f", "\xc3\xa9"};
    const size_t count = sizeof(ascending) / sizeof(ascending[0]);
    (void)state;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count; k++) {
            int order = view_compare(view_of(ascending[i]), view_of(ascending[k]));
            assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
        }
    assert_int_equal(view_compare(VIEW_NONE, VIEW_NONE), 0);
    assert_true(view_compare(VIEW_NONE, VIEW_LITERAL("a")) < 0);
}

static void test_view_trim(void **state)
{
    (void)state;
    assert_true(view_is(view_trim(VIEW_LITERAL(" \t\r\n a b \n")), "a b"));
    assert_true(view_is(view_trim(VIEW_LITERAL("ab")), "ab"));
    assert_int_equal(view_trim(VIEW_LITERAL(" \t ")).len, 0);
    assert_int_equal(view_trim(VIEW_NONE).len, 0);
    assert_int_equal(view_trim(VIEW_LITERAL("\0 ")).len, 1);
}

static void test_buffer_grows(void **state)
{
    struct buffer b;
    (void)state;
    buffer_init(&b, ROOMY);
    assert_null(b.data);
    assert_string_equal(buffer_text(&b), "");
    assert_non_null(buffer_view(&b).ptr);
    buffer_add_text(&b, "one");
    buffer_add_char(&b, ' ');
    buffer_add_view(&b, VIEW_LITERAL("two"));
    buffer_add(&b, " three?", 6);
    buffer_add_char(&b, ' ');
    buffer_add_int(&b, INT64_MIN);
    buffer_addf(&b, " %s-%03d", "four", 5);
    assert_string_equal(buffer_text(&b), "one two three -9223372036854775808 four-005");
    for (int i = 0; i < 10000; i++)
        buffer_add_text(&b, "0123456789");
    assert_int_equal(b.len, 43 + 100000);
    assert_true(b.capacity > b.len);
    assert_int_equal(b.data[b.len], '\0');
    assert_memory_equal(b.data + b.len - 10, "0123456789", 10);
    buffer_addf(&b, "%*s", 5000, "x"); /* longer than any buffer of its own */
    assert_int_equal(b.len, 43 + 100000 + 5000);
    assert_false(b.overflowed);
    buffer_release(&b);
    assert_null(b.data);
    assert_int_equal(b.max, ROOMY);
}

static void test_buffer_keeps_its_bound(void **state)
{
    struct buffer b;
    (void)state;
    buffer_init(&b, 10);
    buffer_add_text(&b, "0123456789");
    assert_false(b.overflowed);
    assert_true(b.capacity <= 11);
    buffer_add(&b, "", 0);
    assert_false(b.overflowed);
    buffer_add_char(&b, 'x');
    assert_true(b.overflowed);
    assert_string_equal(buffer_text_cut(&b), "0123456789");

    /* What follows is ignored, though it would fit. */
    buffer_clear(&b);
    buffer_add_text(&b, "0123");
    buffer_addf(&b, "%s", "4567890");
    assert_true(b.overflowed);
    buffer_add_char(&b, '4');
    assert_string_equal(buffer_text_cut(&b), "0123");
    buffer_clear(&b);
    assert_false(b.overflowed);
    assert_string_equal(buffer_text(&b), "");
    buffer_release(&b);

    buffer_init(&b, 0);
    buffer_add_text(&b, "");
    assert_false(b.overflowed);
    buffer_add_char(&b, 'x');
    assert_true(b.overflowed);
    buffer_add(&b, "x", SIZE_MAX);
    assert_int_equal(b.len, 0);
    buffer_release(&b);
}

static void test_buffer_holds_any_byte(void **state)
{
    struct buffer b;
    (void)state;
    buffer_init(&b, ROOMY);
    for (int i = 0; i < 256; i++)
        buffer_add_char(&b, (char)i);
    assert_int_equal(b.len, 256);
    for (int i = 0; i < 256; i++)
        assert_int_equal((unsigned char)b.data[i], i);
    buffer_release(&b);
}

static void test_arena(void **state)
{
    struct arena a;
    unsigned char *blocks[200];
    (void)state;
    arena_init(&a);
    assert_int_equal(arena_size(&a), 0);
    for (size_t i = 0; i < 200; i++) {
        size_t size = i * 17;
        blocks[i] = arena_alloc(&a, size);
        assert_int_equal((uintptr_t)blocks[i] % _Alignof(max_align_t), 0);
        for (size_t k = 0; k < size; k++)
            assert_int_equal(blocks[i][k], 0);
        memset(blocks[i], (int)i, size);
    }
    /* No block reaches into another one. */
    for (size_t i = 0; i < 200; i++)
        for (size_t k = 0; k < i * 17; k++)
            assert_int_equal(blocks[i][k], i);
    assert_true(arena_size(&a) >= (size_t)17 * 199 * 200 / 2);
    assert_true(arena_size(&a) < (size_t)2 * 17 * 199 * 200 / 2);
    arena_release(&a);
    assert_int_equal(arena_size(&a), 0);
    arena_release(&a);
}

static void test_arena_of_large_blocks(void **state)
{
    struct arena a;
    (void)state;
    arena_init(&a);
    char *large = arena_alloc(&a, ROOMY);
    large[0] = large[ROOMY - 1] = 'x';
    char *small = arena_alloc(&a, 1);
    small[0] = 'y';
    assert_true(arena_size(&a) >= ROOMY + 1);
    assert_int_equal(large[ROOMY - 1], 'x');
    arena_release(&a);
}

static void test_arena_copies(void **state)
{
    struct arena a;
    char text[] = "a\0b";
    (void)state;
    arena_init(&a);
    struct view copy = arena_copy(&a, (struct view){text, 3});
    memset(text, 'x', 3);
    assert_true(view_equal(copy, VIEW_LITERAL("a\0b")));
    assert_int_equal(copy.ptr[3], '\0');
    assert_null(arena_copy(&a, VIEW_NONE).ptr);
    struct view empty = arena_copy(&a, VIEW_LITERAL(""));
    assert_non_null(empty.ptr);
    assert_int_equal(empty.len, 0);
    assert_int_equal(empty.ptr[0], '\0');
    /* Text packs; what follows it is aligned again. */
    assert_int_equal((uintptr_t)arena_alloc(&a, 8) % _Alignof(max_align_t), 0);
    arena_release(&a);
}

static void test_arena_is_used_again(void **state)
{
    struct arena a;
    (void)state;
    arena_init(&a);
    arena_clear(&a);
    for (int round = 0; round < 100; round++) {
        for (int i = 0; i < 300; i++) {
            unsigned char *block = arena_alloc(&a, 100);
            assert_int_equal(block[0], 0); /* zero, also if it was used before */
            assert_int_equal(block[99], 0);
            memset(block, 0xff, 100);
        }
        arena_clear(&a);
    }
    /* One chunk was kept, however many rounds there were. */
    assert_true(arena_size(&a) > 0);
    assert_true(arena_size(&a) < (size_t)128 * 1024);
    arena_release(&a);
}

static void test_error(void **state)
{
    struct error e;
    (void)state;
    memset(&e, 'x', sizeof(e));
    assert_int_equal(error_set(&e, ERROR_CONFIG, "role '%s' is %d\nlines\tlong", "reader", 2), -1);
    assert_int_equal(e.kind, ERROR_CONFIG);
    assert_string_equal(e.text, "role 'reader' is 2 lines long");
    assert_string_equal(e.code, "");
    assert_string_equal(e.request_id, "");
    assert_int_equal(e.http_status, 0);
    assert_int_equal(error_prefix(&e, "account %s", "111111111111"), -1);
    assert_string_equal(e.text, "account 111111111111: role 'reader' is 2 lines long");
    assert_int_equal(e.kind, ERROR_CONFIG);
    errno = ENOENT;
    assert_int_equal(error_set_errno(&e, "cannot open '%s'", "x"), -1);
    assert_int_equal(e.kind, ERROR_SYSTEM);
    assert_string_equal(e.text, "cannot open 'x': No such file or directory");
    error_clear(&e);
    assert_int_equal(e.kind, ERROR_NONE);
    assert_string_equal(e.text, "");
    error_clear(NULL);
    assert_int_equal(error_set(NULL, ERROR_CONFIG, "x"), -1);
    assert_int_equal(error_prefix(NULL, "x"), -1);
    assert_int_equal(error_set_errno(NULL, "x"), -1);
}

/* The text may be made from the text that the error holds already. */
static void test_error_from_itself(void **state)
{
    struct error e;
    (void)state;
    error_set(&e, ERROR_NETWORK, "no route");
    e.http_status = 503;
    error_set(&e, ERROR_TIMEOUT, "gave up: %s", e.text);
    assert_string_equal(e.text, "gave up: no route");
    assert_int_equal(e.http_status, 0);
    error_prefix(&e, "%s", e.text);
    assert_string_equal(e.text, "gave up: no route: gave up: no route");
}

static void test_error_is_cut(void **state)
{
    struct error e;
    char text[5000];
    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    error_set(&e, ERROR_CONFIG, "%s", text);
    assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
    error_prefix(&e, "prefix");
    assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
    assert_memory_equal(e.text, "prefix: xxx", 11);
    error_prefix(&e, "%s", text);
    assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
}

/* The middle goes, between characters. */
static void test_error_is_cut_in_the_middle(void **state)
{
    struct error e;
    char text[5000];
    (void)state;
    for (size_t shift = 0; shift < 4; shift++) {
        size_t len = shift;
        memset(text, 'a', shift);
        while (len < 4000)
            len += (size_t)snprintf(text + len, sizeof(text) - len, "\xe2\x82\xac\x01");
        len += (size_t)snprintf(text + len, sizeof(text) - len, "the end");
        error_set_text(&e, ERROR_CONFIG, (struct view){text, len});
        assert_string_equal(e.text + strlen(e.text) - 7, "the end");
        assert_true(strlen(e.text) > sizeof(e.text) - 8);
        assert_null(strstr(e.text, "\\xe2"));
        for (struct view rest = view_of(e.text); rest.len > 0;) {
            size_t one = character_length(rest);
            assert_true(one > 0);
            rest = (struct view){rest.ptr + one, rest.len - one};
        }
    }
}

static void test_error_code(void **state)
{
    struct error e;
    (void)state;
    error_set(&e, ERROR_SERVICE, "denied");
    snprintf(e.code, sizeof(e.code), "AccessDenied");
    assert_true(error_is_code(&e, "AccessDenied"));
    assert_false(error_is_code(&e, "AccessDeniedException"));
    assert_false(error_is_code(&e, "Access"));
    e.kind = ERROR_NETWORK;
    assert_false(error_is_code(&e, "AccessDenied"));
}

static void test_secret(void **state)
{
    struct secret s = {0};
    (void)state;
    assert_false(secret_present(&s));
    assert_null(secret_reveal(&s).ptr);
    secret_clear(&s);
    secret_set(&s, VIEW_LITERAL("first"));
    assert_true(secret_present(&s));
    assert_true(view_is(secret_reveal(&s), "first"));
    assert_int_equal(s.text[5], '\0');
    secret_set(&s, secret_reveal(&s)); /* a copy of itself */
    assert_true(view_is(secret_reveal(&s), "first"));
    secret_set(&s, (struct view){"second", 3});
    assert_true(view_is(secret_reveal(&s), "sec"));
    secret_set(&s, VIEW_LITERAL(""));
    assert_true(secret_present(&s));
    assert_int_equal(s.len, 0);
    secret_set(&s, VIEW_NONE);
    assert_false(secret_present(&s));
    secret_set(&s, VIEW_LITERAL("again"));
    secret_clear(&s);
    assert_null(s.text);
    assert_int_equal(s.len, 0);
}

static void test_wipe(void **state)
{
    char bytes[] = "secret";
    (void)state;
    secret_wipe(bytes, 3);
    assert_memory_equal(bytes, "\0\0\0ret", 7);
    secret_wipe(bytes, sizeof(bytes));
    assert_memory_equal(bytes, "\0\0\0\0\0\0\0", 7);
    secret_wipe(NULL, 0);
}

static void test_alloc(void **state)
{
    (void)state;
    char *text = xstrdup("text");
    assert_string_equal(text, "text");
    text = xrealloc(text, 100);
    assert_string_equal(text, "text");
    free(text);
    text = xstrndup("text", 2);
    assert_string_equal(text, "te");
    free(text);
    int *numbers = xcalloc(10, sizeof(int));
    for (int i = 0; i < 10; i++)
        assert_int_equal(numbers[i], 0);
    free(numbers);
    void *nothing = xmalloc(0);
    assert_non_null(nothing);
    free(nothing);
}

/* SplitMix64's published first numbers for the seed 1234567. */
static void test_random(void **state)
{
    static const uint64_t expected[] = {6457827717110365317u, 3203168211198807973u,
                                        9817491932198370423u, 4593380528125082431u,
                                        16408922859458223821u};
    struct random r;
    bool seen[6] = {false};
    (void)state;
    random_init(&r, 1234567);
    for (size_t i = 0; i < 5; i++)
        assert_true(random_next(&r) == expected[i]);
    for (int i = 0; i < 1000; i++) {
        int64_t number = random_up_to(&r, 5);
        assert_in_range(number, 0, 5);
        seen[number] = true;
    }
    for (int i = 0; i < 6; i++)
        assert_true(seen[i]);
    assert_int_equal(random_up_to(&r, 0), 0);
    assert_int_equal(random_up_to(&r, -1), 0);
    assert_true(random_up_to(&r, INT64_MAX) >= 0);
    struct random other;
    random_init_system(&r);
    random_init_system(&other);
    assert_true(random_next(&r) != random_next(&other));
}

static void test_clock(void **state)
{
    const struct clock *c = clock_system();
    (void)state;
    int64_t before = clock_steady_ms(c);
    assert_true(clock_wall_ms(c) > INT64_C(1700000000000));
    assert_true(clock_steady_ms(c) >= before);
}

static void assert_quoted(struct view text, const char *expected)
{
    struct buffer b;
    buffer_init(&b, ROOMY);
    json_quote(&b, text);
    assert_string_equal(buffer_text(&b), expected);
    buffer_release(&b);
}

static void test_json_quote(void **state)
{
    (void)state;
    assert_quoted(VIEW_LITERAL(""), "\"\"");
    assert_quoted(VIEW_LITERAL("plain"), "\"plain\"");
    assert_quoted(VIEW_LITERAL("\"\\/"), "\"\\\"\\\\/\"");
    assert_quoted(VIEW_LITERAL("\n\r\t\b\f"), "\"\\n\\r\\t\\b\\f\"");
    assert_quoted(VIEW_LITERAL("a\0b\x01\x1f\x7f"), "\"a\\u0000b\\u0001\\u001f\x7f\"");
    assert_quoted(VIEW_LITERAL("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x99\x82"),
                  "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x99\x82\"");
    assert_quoted(VIEW_LITERAL("\nmiddle\n"), "\"\\nmiddle\\n\"");
}

/* Every character of ASCII stands as itself, or as the escape that RFC 8259 has for it. */
static void test_json_quote_of_every_character(void **state)
{
    static const char escaped[] = "\"\\\n\r\t\b\f";
    static const char letters[] = "\"\\nrtbf";
    char expected[16];
    (void)state;
    for (int c = 0; c < 128; c++) {
        char text[] = {(char)c, 'x'};
        const char *found = c != 0 ? strchr(escaped, c) : NULL;
        if (found)
            snprintf(expected, sizeof(expected), "\"\\%cx\"", letters[found - escaped]);
        else if (c < 0x20)
            snprintf(expected, sizeof(expected), "\"\\u%04xx\"", (unsigned)c);
        else
            snprintf(expected, sizeof(expected), "\"%cx\"", c);
        assert_quoted((struct view){text, 2}, expected);
    }
}

static void test_json_writer(void **state)
{
    struct buffer b;
    struct json_writer w;
    (void)state;
    buffer_init(&b, ROOMY);
    buffer_add_text(&b, "body=");
    json_writer_init(&w, &b);
    json_object_begin(&w);
    json_key(&w, "empty");
    json_array_begin(&w);
    json_array_end(&w);
    json_key(&w, "nested");
    json_array_begin(&w);
    json_object_begin(&w);
    json_object_end(&w);
    json_array_begin(&w);
    json_int(&w, INT64_MAX);
    json_int(&w, INT64_MIN);
    json_array_end(&w);
    json_bool(&w, true);
    json_bool(&w, false);
    json_text(&w, VIEW_NONE);
    json_array_end(&w);
    json_key(&w, "k\"ey");
    json_text(&w, VIEW_LITERAL("v"));
    json_key(&w, "none");
    json_text(&w, VIEW_NONE);
    json_key(&w, "blank");
    json_text(&w, VIEW_LITERAL(""));
    json_key(&w, "at");
    json_time(&w, 1706693400);
    json_key(&w, "never");
    json_time(&w, TIMESTAMP_NONE);
    json_object_end(&w);
    assert_string_equal(buffer_text(&b),
                        "body={\"empty\":[],\"nested\":[{},[9223372036854775807,"
                        "-9223372036854775808],true,false,null],\"k\\\"ey\":\"v\",\"none\":null,"
                        "\"blank\":\"\",\"at\":\"2024-01-31T09:30:00Z\",\"never\":null}");
    buffer_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_view),
        cmocka_unit_test(test_view_compare),
        cmocka_unit_test(test_view_trim),
        cmocka_unit_test(test_buffer_grows),
        cmocka_unit_test(test_buffer_keeps_its_bound),
        cmocka_unit_test(test_buffer_holds_any_byte),
        cmocka_unit_test(test_arena),
        cmocka_unit_test(test_arena_of_large_blocks),
        cmocka_unit_test(test_arena_copies),
        cmocka_unit_test(test_arena_is_used_again),
        cmocka_unit_test(test_error),
        cmocka_unit_test(test_error_from_itself),
        cmocka_unit_test(test_error_is_cut),
        cmocka_unit_test(test_error_is_cut_in_the_middle),
        cmocka_unit_test(test_error_code),
        cmocka_unit_test(test_secret),
        cmocka_unit_test(test_wipe),
        cmocka_unit_test(test_alloc),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_clock),
        cmocka_unit_test(test_json_quote),
        cmocka_unit_test(test_json_quote_of_every_character),
        cmocka_unit_test(test_json_writer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
