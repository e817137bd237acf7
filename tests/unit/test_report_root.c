/* SPDX-License-Identifier: MIT */
/* The report's line of the root user, and when passwords must next be changed. */
#include "report_scene.h"

#include <stdio.h>

#define ROOT_HEAD "<root_account>,arn:aws:iam::111111111111:root,2019-01-01T00:00:00+00:00,"
#define TIME_1    "2023-05-05T05:05:05+00:00"
#define TIME_1_S  1683263105
#define YES       SAID_TRUE
#define NO        SAID_FALSE
#define NIL       SAID_NOTHING
#define NEVER     TIMESTAMP_NONE

/* Password, its use, MFA, then of each key whether it is active and its use, then certificates. */
#define LINE(password, used, mfa, key_1, use_1, key_2, use_2, certificate_1, certificate_2)        \
    ROOT_HEAD password "," used ",N/A,N/A," mfa "," key_1 ",N/A," use_1 ",N/A,N/A," key_2          \
                       ",N/A," use_2 ",N/A,N/A," certificate_1 ",N/A," certificate_2 ",N/A"

static void test_lines(void **state)
{
    static const struct {
        const char *line;
        enum report_said password, mfa, key, certificate;
        bool not_supported, tells_use;
        int64_t used_s;
    } rows[] = {
        {LINE("not_supported", TIME_1, "true", "false", "N/A", "false", "N/A", "false", "false"),
         NIL, YES, NO, NO, true, true, TIME_1_S},
        {LINE("true", "no_information", "false", "true", "N/A", "false", "N/A", "false", "true"),
         YES, NO, YES, YES, false, true, NEVER},
        {LINE("FALSE", "N/A", "TRUE", "false", "N/A", "TRUE", "N/A", "true", "false"), NO, YES, YES,
         YES, false, true, NEVER},
        /* What is not told is not false. */
        {LINE("N/A", "N/A", "N/A", "false", "N/A", "N/A", "N/A", "", "false"), NIL, NIL, NIL, NIL,
         false, true, NEVER},
        {LINE("N/A", "N/A", "", "N/A", "N/A", "true", "N/A", "true", "what"), NIL, NIL, YES, YES,
         false, true, NEVER},
        /* A time that can't be read takes nothing from the rest. */
        {LINE("true", "yesterday", "true", "false", "N/A", "false", "N/A", "false", "false"), YES,
         YES, NO, NO, false, false, NEVER},
        {LINE("true", TIME_1, "true", "false", "soon", "false", "N/A", "false", "false"), YES, YES,
         NO, NO, false, false, TIME_1_S},
        {LINE("true", TIME_1, "true", "false", "N/A", "false", "13/1/2024", "false", "false"), YES,
         YES, NO, NO, false, false, TIME_1_S},
    };
    struct scene *s = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[2048];
        snprintf(text, sizeof(text), "%s\n%s\n%s\n", COLUMNS, rows[i].line, BOB);
        lines_of(s, text, 1);
        const struct report_root *root = &s->report.root;
        assert_true(root->listed);
        assert_int_equal(root->password, rows[i].password);
        assert_int_equal(root->password_not_supported, rows[i].not_supported);
        assert_int_equal(root->mfa, rows[i].mfa);
        assert_int_equal(root->key, rows[i].key);
        assert_int_equal(root->certificate, rows[i].certificate);
        assert_int_equal(root->tells_use, rows[i].tells_use);
        assert_int_equal(root->password_used_s, rows[i].used_s);
    }
}

static void test_key_uses(void **state)
{
    struct scene *s = *state;
    lines_of(s,
             COLUMNS
             "\n" LINE("true", "N/A", "true", "true", TIME_1, "true", "N/A", "false", "false") "\n",
             0);
    assert_int_equal(s->report.root.key_used_s[0], TIME_1_S);
    assert_int_equal(s->report.root.key_used_s[1], NEVER);
    lines_of(s,
             COLUMNS
             "\n" LINE("true", "N/A", "true", "true", "N/A", "true", TIME_1, "false", "false") "\n",
             0);
    assert_int_equal(s->report.root.key_used_s[0], NEVER);
    assert_int_equal(s->report.root.key_used_s[1], TIME_1_S);
}

/* Without the line, or with one that is cut, nothing is told. */
static void test_no_line(void **state)
{
    struct scene *s = *state;
    lines_of(s, COLUMNS "\n" BOB "\n", 1);
    assert_false(s->report.root.listed);
    lines_of(s, COLUMNS "\n" ROOT_HEAD "true\n" BOB "\n", 1);
    assert_false(s->report.root.listed);
}

/* A date that can't be read takes only itself away: the user is still in the report. */
static void test_rotation(void **state)
{
    static const struct {
        const char *cell;
        bool told;
        int64_t time_s;
    } rows[] = {{TIME_1, true, TIME_1_S},
                {"N/A", true, NEVER},
                {"not_supported", true, NEVER},
                {"", true, NEVER},
                {"never", false, NEVER}};
    struct scene *s = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[2048];
        snprintf(text, sizeof(text),
                 COLUMNS "\nbob,arn,2022-01-01T00:00:00+00:00,false,N/A,N/A,%s,false,false,N/A,N/A,"
                         "N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A\n",
                 rows[i].cell);
        const struct report_line *line = lines_of(s, text, 1);
        assert_bob(line);
        assert_int_equal(line->tells_rotation, rows[i].told);
        assert_int_equal(line->password_rotation_s, rows[i].time_s);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)
    const struct CMUnitTest tests[] = {
        TEST(test_lines),
        TEST(test_key_uses),
        TEST(test_no_line),
        TEST(test_rotation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
