/* SPDX-License-Identifier: MIT */
/* XML answers whose whole is within the bounds, and one thing in them is too large. */
#include "api/iam.h"
#include "base/alloc.h"
#include "base/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

struct scene {
    struct xml_reader *reader;
    struct arena arena;
    struct buffer text;
    struct iam_users answer;
    size_t fed; /* bytes of the text, before the reader gave up or it ended */
    struct error error;
};

static int begin(void **state)
{
    struct scene *s = xcalloc(1, sizeof(*s));
    s->reader = xml_reader_new();
    arena_init(&s->arena);
    buffer_init(&s->text, (size_t)64 * 1024 * 1024);
    *state = s;
    return 0;
}

static int end(void **state)
{
    struct scene *s = *state;
    xml_reader_free(s->reader);
    arena_release(&s->arena);
    buffer_release(&s->text);
    free(s);
    return 0;
}

static void repeat(struct scene *s, const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buffer_add_text(&s->text, text);
}

/* Reads s->text in pieces of the network's size; 0 or -1. */
static int read_all(struct scene *s)
{
    const struct query_operation *o = &iam_get_account_authorization_details;
    struct view rest = buffer_view(&s->text);
    arena_clear(&s->arena);
    s->answer = (struct iam_users){0};
    xml_reader_begin(s->reader,
                     "GetAccountAuthorizationDetailsResponse/GetAccountAuthorizationDetailsResult",
                     o->rules, o->rule_count, &s->answer, &s->arena);
    s->fed = 0;
    while (rest.len > 0) {
        struct view piece = {rest.ptr, rest.len < 16384 ? rest.len : 16384};
        if (xml_reader_feed(s->reader, piece, &s->error) != 0)
            return -1;
        s->fed += piece.len;
        rest.ptr += piece.len;
        rest.len -= piece.len;
    }
    return xml_reader_end(s->reader, &s->error);
}

#define HEAD                                                                                       \
    "<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult>"               \
    "<UserDetailList>"
#define TAIL                                                                                       \
    "</UserDetailList></GetAccountAuthorizationDetailsResult>"                                     \
    "</GetAccountAuthorizationDetailsResponse>"

/* ---- one record ---- */

static void add_user(struct scene *s, size_t tags, size_t value_len)
{
    buffer_add_text(&s->text, "<member><UserName>ann</UserName><Tags>");
    for (size_t i = 0; i < tags; i++) {
        buffer_add_text(&s->text, "<member><Key>k</Key><Value>");
        repeat(s, "v", value_len);
        buffer_add_text(&s->text, "</Value></member>");
    }
    buffer_add_text(&s->text, "</Tags></member>");
}

/* However many users there are: the bound is for each. */
static void test_records(void **state)
{
    struct scene *s = *state;
    buffer_add_text(&s->text, HEAD);
    for (int i = 0; i < 10; i++)
        add_user(s, 500, 1000);
    buffer_add_text(&s->text, TAIL);
    if (read_all(s) != 0)
        fail_msg("%s", s->error.text);
    assert_int_equal(s->answer.users.count, 10);
}

static void test_record_too_large(void **state)
{
    static const size_t tags[] = {18000, 40000}, lengths[] = {1000, 0};
    struct scene *s = *state;
    for (size_t i = 0; i < 2; i++) {
        buffer_clear(&s->text);
        buffer_add_text(&s->text, HEAD);
        add_user(s, 1, 1);
        add_user(s, tags[i], lengths[i]);
        buffer_add_text(&s->text, TAIL);
        assert_int_equal(read_all(s), -1);
        assert_int_equal(s->error.kind, ERROR_LIMIT);
        assert_non_null(strstr(s->error.text, "too much in one record, at 'UserDetailList/member"));
    }
    buffer_clear(&s->text);
    buffer_add_text(&s->text, HEAD);
    add_user(s, 1, 1);
    buffer_add_text(&s->text, TAIL);
    assert_int_equal(read_all(s), 0);
}

/* ---- one piece of markup ---- */

/* The reader gives up long before its end: Expat would read all of it anew with each piece. */
static void test_markup_too_large(void **state)
{
    static const char *const forms[][2] = {
        {"<member a=\"", "\"/>"},
        {"<!-- ", " -->"},
        {"<?pi ", "?>"},
        {"<member ", "/>"},
        {"<", "/>"},
        {"</", ">"},
        {"&", ";"},
    };
    struct scene *s = *state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        buffer_clear(&s->text);
        buffer_add_text(&s->text, HEAD);
        buffer_add_text(&s->text, forms[i][0]);
        repeat(s, "aaaaaaaaaaaaaaaa", 1024 * 1024);
        buffer_add_text(&s->text, forms[i][1]);
        buffer_add_text(&s->text, TAIL);
        assert_int_equal(read_all(s), -1);
        if (s->error.kind != ERROR_LIMIT)
            fail_msg("%s: %s", forms[i][0], s->error.text);
        assert_true(s->fed < XML_TOKEN_MAX_BYTES + (size_t)64 * 1024);
    }
}

/* As much of it in small pieces, or as text, is none of that. */
static void test_much_markup(void **state)
{
    struct scene *s = *state;
    buffer_add_text(&s->text, HEAD);
    repeat(s, "<!-- nothing to see here -->", 100000);
    repeat(s, "<?pi nothing to see here?>", 100000);
    buffer_add_text(&s->text, "<other>");
    repeat(s, "some text that nobody asked for ", 100000);
    buffer_add_text(&s->text, "<![CDATA[");
    repeat(s, "some text that nobody asked for ", 100000);
    buffer_add_text(&s->text, "]]></other>");
    repeat(s, "<x/>", 300000);
    add_user(s, 1, 1);
    buffer_add_text(&s->text, TAIL);
    if (read_all(s) != 0)
        fail_msg("%s", s->error.text);
    assert_int_equal(s->answer.users.count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_records),
        TEST(test_record_too_large),
        TEST(test_markup_too_large),
        TEST(test_much_markup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
