/* SPDX-License-Identifier: MIT */
/* Text and bytes in a page: nothing from outside can be taken for markup, and what was packed comes
 * back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/timestamp.h"
#include "page/html.h"
#include "page/packing.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define BYTES ((size_t)300000)

static const struct row {
    const char *given, *wanted;
} rows[] = {
    {"jane", "jane"},
    {"</script><img src=x onerror=alert(1)>", "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;"},
    {"a&b", "a&amp;b"},
    {"\"quoted' ", "&quot;quoted&#39; "},
    {"&lt;", "&amp;lt;"},
    {"Zo\xc3\xab", "Zo\xc3\xab"},
    /* A change of direction, an invisible character, bytes that are not UTF-8. */
    {"a\xe2\x80\xae"
     "b",
     "a\\xe2\\x80\\xaeb"},
    {"a\x01\x7f", "a\\x01\\x7f"},
    {"a\xff<", "a\\xff&lt;"},
    {"", ""},
};

static void test_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buffer out;
        buffer_init(&out, 1024);
        html_text(&out, view_of(rows[i].given));
        assert_string_equal(buffer_text(&out), rows[i].wanted);
        buffer_release(&out);
    }
}

static void test_numbers(void **state)
{
    struct buffer out;
    (void)state;
    buffer_init(&out, 1024);
    html_count(&out, 0);
    buffer_add_char(&out, ' ');
    html_count(&out, 999);
    buffer_add_char(&out, ' ');
    html_count(&out, 1234567);
    buffer_add_char(&out, ' ');
    html_day(&out, 86400);
    buffer_add_char(&out, ' ');
    html_day(&out, TIMESTAMP_NONE);
    assert_string_equal(buffer_text(&out), "0 999 1,234,567 1970-01-02 none");
    buffer_release(&out);
}

/* RFC 4648, section 10. */
static void test_base64(void **state)
{
    static const char *const cases[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"}};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buffer out;
        buffer_init(&out, 64);
        packing_base64((const unsigned char *)cases[i][0], strlen(cases[i][0]), &out);
        assert_string_equal(buffer_text_cut(&out), cases[i][1]);
        buffer_release(&out);
    }
}

static unsigned char digit_of(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return c == '=' ? 0 : (unsigned char)(strchr(digits, c) - digits);
}

static size_t from_base64(const char *text, unsigned char *out)
{
    size_t len = 0;
    for (; *text; text += 4) {
        unsigned three = (unsigned)digit_of(text[0]) << 18 | (unsigned)digit_of(text[1]) << 12 |
                         (unsigned)digit_of(text[2]) << 6 | digit_of(text[3]);
        out[len++] = (unsigned char)(three >> 16);
        if (text[2] != '=')
            out[len++] = (unsigned char)(three >> 8);
        if (text[3] != '=')
            out[len++] = (unsigned char)three;
    }
    return len;
}

/* More than one piece of base64, from bytes that hardly shrink. */
static void test_packing(void **state)
{
    struct packing *p = packing_new((size_t)1024 * 1024);
    struct buffer out;
    struct error e;
    size_t at = 0, pieces = 0;
    char *bytes = malloc(BYTES), *back = malloc(BYTES + 1);
    unsigned char *packed = malloc(BYTES * 2);
    uint32_t seed = 1;
    (void)state;
    for (size_t i = 0; i < BYTES; i++) {
        seed = seed * 1664525 + 1013904223;
        bytes[i] = (char)(seed >> 24);
    }
    for (size_t i = 0; i < BYTES; i += 1000)
        packing_add(p, (struct view){bytes + i, 1000});
    assert_int_equal(packing_finish(p, &e), 0);
    buffer_init(&out, (size_t)1024 * 1024);
    while (packing_write(p, &at, &out))
        pieces++;
    assert_in_range(pieces, 2, 20);
    z_stream z = {.next_in = packed, .next_out = (Bytef *)back, .avail_out = BYTES + 1};
    z.avail_in = (uInt)from_base64(buffer_text(&out), packed);
    assert_int_equal(inflateInit2(&z, -15), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    inflateEnd(&z);
    assert_int_equal(z.total_out, BYTES);
    assert_memory_equal(back, bytes, BYTES);
    buffer_release(&out);
    packing_free(p);
    free(bytes);
    free(back);
    free(packed);
}

/* A page whose data are too large is an error, not a page that lacks some. */
static void test_too_much(void **state)
{
    struct packing *p = packing_new(10);
    struct error e;
    (void)state;
    packing_add(p, VIEW_LITERAL("all work and no play makes jack a dull boy"));
    assert_int_equal(packing_finish(p, &e), -1);
    assert_int_equal(e.kind, ERROR_LIMIT);
    packing_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),     cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_base64),   cmocka_unit_test(test_packing),
        cmocka_unit_test(test_too_much),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
