/* SPDX-License-Identifier: MIT */
/* The credential report as text: cut, broken, no base64, huge. */
#include "report_scene.h"

/* ---- lines that are not whole ---- */

static void test_lines_with_too_many_or_too_few_cells(void **state)
{
    struct scene *s = *state;
    assert_both(s, COLUMNS "\nshort,arn\n" ANN "\n" ANN ",more\n\n" BOB "\n,\n");
    lines_of(s, COLUMNS "\n" ANN ",\n", 0);
    buffer_add_text(&s->text, COLUMNS "\n" ANN "\n");
    for (int i = 0; i < 1000; i++)
        buffer_add_text(&s->text, "x,");
    buffer_add_text(&s->text, "\n" BOB "\n");
    assert_both(s, buffer_text(&s->text));
}

/* It takes in what is behind it: those users are then read one by one. */
static void test_a_quote_that_does_not_end(void **state)
{
    const struct report_line *lines =
        lines_of(*state, COLUMNS "\n" ANN "\n\"" BOB "\n" BOB "\n", 1);
    assert_ann(&lines[0]);
}

static void test_no_text_is_believed_to_end(void **state)
{
    struct scene *s = *state;
    static const char text[] = COLUMNS "\nann\0,arn\n" BOB "\n";
    assert_int_equal(read_text(s, text, sizeof(text) - 1), 0);
    assert_int_equal(s->report.count, 1);
    assert_bob(&s->report.lines[0]);
}

/* Cut anywhere: no byte beyond is read, and a line that is whole is what it was. */
static void test_cut_at_each_byte(void **state)
{
    static const char text[] = COLUMNS ",additional_credentials_info\r\n" ROOT ",N/A\r\n" ANN
                                       ",\"1 more, of \"\"it\"\"\"\r\n" BOB ",N/A\r\n";
    struct scene *s = *state;
    size_t header = strlen(COLUMNS), whole = 0;
    for (size_t len = 0; len < sizeof(text); len++) {
        int result = read_text(s, text, len);
        assert_int_equal(result, len < header ? -1 : 0);
        if (result != 0) {
            assert_int_equal(s->e.kind, ERROR_PROTOCOL);
            continue;
        }
        whole = s->report.count;
        if (whole > 0)
            assert_view(s->report.lines[0].user, "ann");
        if (whole == 2)
            assert_view(s->report.lines[1].user, "bob");
    }
    assert_int_equal(whole, 2);
}

/* ---- base64 ---- */

static void test_base64_cut_at_each_byte(void **state)
{
    static const char text[] = COLUMNS "\n" ROOT "\n" ANN "\n" BOB "\n";
    struct scene *s = *state;
    char base64[sizeof(text) * 2];
    size_t len = (size_t)EVP_EncodeBlock((unsigned char *)base64, (const unsigned char *)text,
                                         (int)sizeof(text) - 1);
    assert_int_equal(read_base64(s, base64, len), 0);
    assert_int_equal(s->report.count, 2);
    for (size_t cut = 0; cut < len; cut++) {
        int result = read_base64(s, base64, cut);
        if (cut % 4 != 0)
            assert_int_equal(result, -1);
        if (result != 0)
            assert_int_equal(s->e.kind, ERROR_PROTOCOL);
    }
}

static void test_what_is_no_base64(void **state)
{
    struct scene *s = *state;
    static const char *const wrong[] = {
        "====", "dXNlcg=", "dXN*cg==", "dXNlcg==dXNlcg==", "\x80\x80\x80\x80", "A", "<html>"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(read_base64(s, wrong[i], strlen(wrong[i])), -1);
        assert_int_equal(s->e.kind, ERROR_PROTOCOL);
    }
    assert_int_equal(read_base64(s, "dXNlcg=", 7), -1);
    assert_non_null(strstr(s->e.text, "not valid base64"));
}

/* As MIME breaks it. */
static void test_base64_in_lines(void **state)
{
    static const char text[] = COLUMNS "\n" ROOT "\n" ANN "\n" BOB "\n";
    struct scene *s = *state;
    char base64[sizeof(text) * 2];
    size_t len = (size_t)EVP_EncodeBlock((unsigned char *)base64, (const unsigned char *)text,
                                         (int)sizeof(text) - 1);
    for (size_t at = 0; at < len; at += 76)
        buffer_addf(&s->text, "%.*s\r\n", (int)(len - at < 76 ? len - at : 76), base64 + at);
    assert_int_equal(read_base64(s, buffer_text(&s->text), s->text.len), 0);
    assert_int_equal(s->report.count, 2);
    assert_ann(&s->report.lines[0]);
    assert_bob(&s->report.lines[1]);
}

/* ---- size ---- */

static void add_users(struct buffer *out, size_t lines)
{
    buffer_add_text(out, COLUMNS "\n");
    for (size_t i = 1; i < lines; i++)
        buffer_addf(out,
                    "user%06zu,arn,2022-01-01T00:00:00Z,false,N/A,N/A,N/A,false,false,N/A,N/A,"
                    "N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A%s",
                    i, i + 1 < lines ? "\n" : "");
}

static void test_huge(void **state)
{
    struct scene *s = *state;
    add_users(&s->text, 100000);
    const struct report_line *lines = lines_of(s, buffer_text(&s->text), 99999);
    assert_view(lines[0].user, "user000001");
    assert_view(lines[99998].user, "user099999");
    buffer_clear(&s->text);
    add_users(&s->text, 100001);
    refused(s, buffer_text(&s->text), ERROR_LIMIT, "more than 100000 lines");
    assert_int_equal(s->report.count, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)
    const struct CMUnitTest tests[] = {
        TEST(test_lines_with_too_many_or_too_few_cells),
        TEST(test_a_quote_that_does_not_end),
        TEST(test_no_text_is_believed_to_end),
        TEST(test_cut_at_each_byte),
        TEST(test_base64_cut_at_each_byte),
        TEST(test_what_is_no_base64),
        TEST(test_base64_in_lines),
        TEST(test_huge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
