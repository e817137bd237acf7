/* SPDX-License-Identifier: MIT */
/* The credential report, read: every oddity that AWS has been seen to put into one. */
#include "report_scene.h"

/* ---- a report as AWS writes it ---- */

static void test_plain(void **state)
{
    assert_both(*state, COLUMNS "\n" ROOT "\n" ANN "\n" BOB "\n");
}

static void test_last_line_without_line_end(void **state)
{
    assert_both(*state, COLUMNS "\n" ROOT "\n" ANN "\n" BOB);
}

static void test_crlf(void **state)
{
    assert_both(*state, COLUMNS "\r\n" ROOT "\r\n" ANN "\r\n" BOB "\r\n");
    assert_both(*state, COLUMNS "\r\n" ROOT "\r\n" ANN "\r\n" BOB);
}

static void test_root_is_no_user(void **state)
{
    struct scene *s = *state;
    lines_of(s, COLUMNS "\n" ROOT "\n", 0);
    assert_both(s, COLUMNS "\n" ANN "\n" ROOT "\n" BOB "\n");
}

static void test_nobody(void **state)
{
    lines_of(*state, COLUMNS "\n", 0);
    lines_of(*state, COLUMNS, 0);
}

static void test_quotes(void **state)
{
    struct scene *s = *state;
    const struct report_line *lines = lines_of(
        s,
        COLUMNS
        "\n\"a,b\"\"c\"\"\",\"arn:\nx\r\ny\",\"2020-01-02T03:04:05+00:00\",\"true\",N/A,N/A,"
        "N/A,\"FALSE\",true,\"2021-01-01T00:00:01Z\",N/A,\"eu,west\",\"\",false,N/A,N/A,N/"
        "A,N/A,false,N/A,false,\"N/A\"\n" BOB "\n",
        2);
    assert_view(lines[0].user, "a,b\"c\"");
    assert_int_equal(lines[0].created_s, ANN_CREATED_S);
    assert_int_equal(lines[0].password, SAID_TRUE);
    assert_int_equal(lines[0].mfa, SAID_FALSE);
    assert_int_equal(lines[0].keys[0].created_s, ANN_KEY_1_S);
    assert_view(lines[0].keys[0].region, "eu,west");
    assert_bob(&lines[1]);
}

/* The line end inside belongs to the name: the lines behind it keep their places. */
static void test_a_line_end_in_quotes(void **state)
{
    const struct report_line *lines = lines_of(
        *state,
        COLUMNS "\n\"two\nlines\",arn,2022-01-01T00:00:00Z,false,N/A,N/A,N/A,false,false,N/"
                "A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A\n" ANN "\n",
        2);
    assert_view(lines[0].user, "two\nlines");
    assert_ann(&lines[1]);
}

/* ---- columns ---- */

/* A line's cells in another order: 'order' of the columns of COLUMNS, 'extra' behind each. */
static void add_line(struct buffer *out, const char *line, bool backwards, const char *extra)
{
    const char *cells[COLUMN_NAMES];
    size_t lens[COLUMN_NAMES];
    for (size_t i = 0; i < COLUMN_NAMES; i++) {
        cells[i] = line;
        lens[i] = strcspn(line, ",\n");
        line += lens[i] + 1;
    }
    for (size_t i = 0; i < COLUMN_NAMES; i++) {
        size_t from = backwards ? COLUMN_NAMES - 1 - i : (i * 5) % COLUMN_NAMES;
        buffer_addf(out, "%s%.*s%s", i > 0 ? "," : "", (int)lens[from], cells[from], extra);
    }
    buffer_add_char(out, '\n');
}

static void test_columns_in_any_order(void **state)
{
    struct scene *s = *state;
    for (int backwards = 0; backwards < 2; backwards++) {
        buffer_clear(&s->text);
        add_line(&s->text, COLUMNS, backwards, "");
        add_line(&s->text, ROOT, backwards, "");
        add_line(&s->text, ANN, backwards, "");
        add_line(&s->text, BOB, backwards, "");
        assert_both(s, buffer_text(&s->text));
    }
}

static void test_columns_that_came_later(void **state)
{
    struct scene *s = *state;
    add_line(&s->text, COLUMNS, true, ",new_column");
    add_line(&s->text, ROOT, true, ",N/A");
    add_line(&s->text, ANN, true, ",\"some, text\"");
    add_line(&s->text, BOB, true, ",");
    assert_both(s, buffer_text(&s->text));
}

/* A header of 64 columns is read, one of 65 refused. */
static void test_many_columns(void **state)
{
    struct scene *s = *state;
    for (int more = 64 - COLUMN_NAMES; more <= 65 - COLUMN_NAMES; more++) {
        buffer_clear(&s->text);
        buffer_add_text(&s->text, COLUMNS);
        for (int i = 0; i < more; i++)
            buffer_addf(&s->text, ",new_%d", i);
        buffer_add_text(&s->text, "\n" ANN);
        for (int i = 0; i < more; i++)
            buffer_add_text(&s->text, ",x");
        if (more + COLUMN_NAMES == 64)
            assert_ann(&lines_of(s, buffer_text(&s->text), 1)[0]);
        else
            refused(s, buffer_text(&s->text), ERROR_PROTOCOL, "too many columns");
    }
}

/* Each column that is needed, under another name: the error names it. */
static void test_a_column_that_is_missing(void **state)
{
    struct scene *s = *state;
    static const char *const needed[] = {"user",
                                         "user_creation_time",
                                         "password_enabled",
                                         "password_last_used",
                                         "password_last_changed",
                                         "mfa_active",
                                         "access_key_1_last_rotated",
                                         "access_key_1_last_used_date",
                                         "access_key_1_last_used_region",
                                         "access_key_1_last_used_service",
                                         "access_key_2_last_rotated",
                                         "access_key_2_last_used_date",
                                         "access_key_2_last_used_region",
                                         "access_key_2_last_used_service",
                                         "cert_1_last_rotated",
                                         "cert_2_last_rotated"};
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        char named[64], spoilt[] = COLUMNS;
        char *at = spoilt;
        size_t len = strlen(needed[i]);
        while (strncmp(at, needed[i], len) != 0 || (at[len] != ',' && at[len] != '\0'))
            at += strcspn(at, ",") + 1;
        *at = '_';
        snprintf(named, sizeof(named), "no column '%s'", needed[i]);
        buffer_clear(&s->text);
        buffer_addf(&s->text, "%s\n" ANN "\n", spoilt);
        refused(s, buffer_text(&s->text), ERROR_PROTOCOL, named);
    }
}

static void test_columns_that_nobody_needs(void **state)
{
    struct scene *s = *state;
    char spoilt[] = COLUMNS;
    static const char *const unneeded[] = {
        "arn",           "password_next_rotation", "access_key_1_active", "access_key_2_active",
        "cert_1_active", "cert_2_active"};
    for (size_t i = 0; i < sizeof(unneeded) / sizeof(unneeded[0]); i++)
        *strstr(spoilt, unneeded[i]) = '_';
    buffer_addf(&s->text, "%s\n" ROOT "\n" ANN "\n" BOB "\n", spoilt);
    assert_both(s, buffer_text(&s->text));
}

static void test_empty(void **state)
{
    struct scene *s = *state;
    refused(s, "", ERROR_PROTOCOL, "no column 'user'");
    refused(s, "\n\n", ERROR_PROTOCOL, "no column 'user'");
    refused(s, "<html>it is not here</html>", ERROR_PROTOCOL, "no column 'user'");
}

/* ---- words ---- */

/* Ann's line with other words for the password, MFA and dates. */
static const struct report_line *line_with(struct scene *s, const char *password, const char *used,
                                           const char *changed, const char *mfa, const char *key)
{
    buffer_clear(&s->text);
    buffer_addf(&s->text,
                COLUMNS
                "\nann,arn,2020-01-02T03:04:05Z,%s,%s,%s,N/A,%s,false,%s,%s,N/A,N/A,false,%s,"
                "N/A,N/A,N/A,false,%s,false,%s\n",
                password, used, changed, mfa, key, used, key, key, key);
    return lines_of(s, buffer_text(&s->text), 1);
}

static void test_truth_in_any_case(void **state)
{
    static const struct {
        const char *word;
        enum report_said truth;
    } words[] = {
        {"true", SAID_TRUE},     {"TRUE", SAID_TRUE},
        {"True", SAID_TRUE},     {"false", SAID_FALSE},
        {"FALSE", SAID_FALSE},   {"False", SAID_FALSE},
        {"N/A", SAID_NOTHING},   {"not_supported", SAID_NOTHING},
        {"", SAID_NOTHING},      {"no_information", SAID_NOTHING},
        {"truee", SAID_NOTHING}, {"tru", SAID_NOTHING},
        {"1", SAID_NOTHING},     {"\" true\"", SAID_NOTHING},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        const struct report_line *line = line_with(*state, words[i].word, "N/A", "N/A", "x", "N/A");
        assert_int_equal(line->password, words[i].truth);
        assert_int_equal(line->mfa, SAID_NOTHING);
        line = line_with(*state, "x", "N/A", "N/A", words[i].word, "N/A");
        assert_int_equal(line->mfa, words[i].truth);
        assert_int_equal(line->password, SAID_NOTHING);
    }
}

static void test_times(void **state)
{
    static const char *const times[] = {"2023-02-03T04:05:06Z", "2023-02-03T04:05:06+00:00",
                                        "2023-02-03T04:05:06.000Z", "2023-02-03T05:05:06+01:00"};
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        const struct report_line *line =
            line_with(*state, "true", times[i], times[i], "true", times[i]);
        assert_int_equal(line->password_used_s, 1675397106);
        assert_int_equal(line->password_changed_s, 1675397106);
        assert_int_equal(line->keys[0].created_s, 1675397106);
        assert_int_equal(line->keys[0].used_s, 1675397106);
        assert_int_equal(line->keys[1].created_s, 1675397106);
        assert_true(line->has_certificate);
        assert_true(line->has_key);
    }
}

static void test_words_that_are_no_times(void **state)
{
    static const char *const words[] = {"N/A", "no_information", "not_supported", "", "n/a"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        const struct report_line *line =
            line_with(*state, "true", words[i], words[i], "true", words[i]);
        assert_int_equal(line->password_used_s, TIMESTAMP_NONE);
        assert_int_equal(line->password_changed_s, TIMESTAMP_NONE);
        assert_int_equal(line->keys[0].created_s, TIMESTAMP_NONE);
        assert_int_equal(line->keys[0].used_s, TIMESTAMP_NONE);
        assert_false(line->has_certificate);
        assert_false(line->has_key);
    }
}

/* A time that nobody can read is not 'never': the user counts as not held, and is asked about. */
static void test_times_that_can_not_be_read(void **state)
{
    static const char *const times[] = {"yesterday", "2023-02-30T00:00:00Z", "2023-02-03",
                                        "2023-02-03 04:05:06", "1675397106"};
    static const char *const places[] = {"2020-01-02T03:04:05+00:00", "2024-01-05T06:07:08+00:00",
                                         "2023-02-03T04:05:06+00:00", "2021-01-01T00:00:01+00:00",
                                         "2024-01-02T03:00:00+00:00", "2020-06-06T06:06:06+00:00",
                                         "2020-05-05T05:05:05+00:00"};
    static const char line[] = ANN;
    struct scene *s = *state;
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        for (size_t place = 0; place < sizeof(places) / sizeof(places[0]); place++) {
            const char *at = strstr(line, places[place]);
            buffer_clear(&s->text);
            buffer_addf(&s->text, COLUMNS "\n%.*s%s%s\n" BOB, (int)(at - line), line, times[i],
                        at + strlen(places[place]));
            assert_bob(lines_of(s, buffer_text(&s->text), 1));
        }
}

/* No date of creation: the line is there, and is about no user that has one. */
static void test_a_creation_that_is_not_told(void **state)
{
    struct scene *s = *state;
    buffer_addf(&s->text, COLUMNS "\nbob,arn,no_information%s\n", strstr(BOB, ",false"));
    assert_int_equal(lines_of(s, buffer_text(&s->text), 1)->created_s, TIMESTAMP_NONE);
}

static void test_a_place_that_is_not_known(void **state)
{
    const struct report_line *line =
        line_with(*state, "true", "N/A", "N/A", "true", "2023-02-03T04:05:06Z");
    for (size_t i = 0; i < REPORT_SLOTS; i++) {
        assert_true(view_equal(line->keys[i].region, VIEW_NONE));
        assert_true(view_equal(line->keys[i].service, VIEW_NONE));
    }
}

static void test_certificate_in_the_second_place(void **state)
{
    struct scene *s = *state;
    buffer_add_text(&s->text,
                    COLUMNS "\n" ANN_HEAD ANN_KEYS "false,N/A,true,2020-05-05T05:05:05+00:00\n");
    assert_true(lines_of(s, buffer_text(&s->text), 1)->has_certificate);
}

static const struct report_line *keys_line(struct scene *s, const char *one, const char *two)
{
    buffer_clear(&s->text);
    buffer_addf(&s->text, COLUMNS "\n" ANN_HEAD "%s,%s,false,N/A,false,N/A\n", one, two);
    return lines_of(s, buffer_text(&s->text), 1);
}

#define NO_KEY  "false,N/A,N/A,N/A,N/A"
#define OLD_KEY "true,2020-06-06T06:06:06Z,2023-01-01T00:00:00Z,eu-west-1,s3"
#define NEW_KEY "false,2021-01-01T00:00:01Z,2024-01-01T00:00:00Z,us-east-1,iam"

/* It has to be listed all the same. */
static void test_active_without_a_date(void **state)
{
    static const char *const active[] = {"true,N/A,N/A,N/A,N/A", "TRUE,no_information,N/A,N/A,N/A"};
    struct scene *s = *state;
    for (size_t i = 0; i < 2; i++) {
        const struct report_line *line = keys_line(s, active[i], NO_KEY);
        assert_true(line->has_key);
        assert_int_equal(line->keys[0].created_s, TIMESTAMP_NONE);
        assert_true(keys_line(s, NO_KEY, active[i])->has_key);
        assert_false(keys_line(s, NO_KEY, NO_KEY)->has_key);
        buffer_clear(&s->text);
        buffer_addf(&s->text, COLUMNS "\n" ANN_HEAD NO_KEY "," NO_KEY ",%s\n",
                    i == 0 ? "false,N/A,true,N/A" : "TRUE,N/A,false,N/A");
        line = lines_of(s, buffer_text(&s->text), 1);
        assert_true(line->has_certificate);
        assert_false(line->has_key);
    }
}

static void test_additional_credentials(void **state)
{
    struct scene *s = *state;
    static const struct {
        const char *cell;
        bool more;
    } cells[] = {
        {"N/A", false},
        {"", false},
        {"no_information", false},
        {"not_supported", false},
        {"FALSE", false},
        {"\"1 additional access key(s), use ListAccessKeys to see them. \"", true},
        {"2 additional certificate(s)", true},
        {"something that nobody has seen", true},
    };
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
        buffer_clear(&s->text);
        buffer_addf(&s->text,
                    COLUMNS ",additional_credentials_info\r\n" ROOT ",N/A\r\n" ANN ",%s\r\n",
                    cells[i].cell);
        assert_int_equal(lines_of(s, buffer_text(&s->text), 1)->has_more, cells[i].more);
    }
}

/* ---- keys ---- */

static void test_keys_in_any_order(void **state)
{
    struct scene *s = *state;
    for (int swapped = 0; swapped < 2; swapped++) {
        const struct report_line *line =
            swapped ? keys_line(s, NEW_KEY, OLD_KEY) : keys_line(s, OLD_KEY, NEW_KEY);
        const struct report_key *old = report_find_key(line, ANN_KEY_2_S);
        const struct report_key *young = report_find_key(line, ANN_KEY_1_S);
        assert_ptr_equal(old, &line->keys[swapped]);
        assert_ptr_equal(young, &line->keys[!swapped]);
        assert_view(old->service, "s3");
        assert_view(young->region, "us-east-1");
        assert_null(report_find_key(line, ANN_KEY_1_S + 1));
        assert_null(report_find_key(line, ANN_KEY_1_S - 1));
    }
}

static void test_a_key_in_one_place_alone(void **state)
{
    struct scene *s = *state;
    const struct report_line *line = keys_line(s, NO_KEY, OLD_KEY);
    assert_true(line->has_key);
    assert_ptr_equal(report_find_key(line, ANN_KEY_2_S), &line->keys[1]);
    line = keys_line(s, OLD_KEY, NO_KEY);
    assert_true(line->has_key);
    assert_ptr_equal(report_find_key(line, ANN_KEY_2_S), &line->keys[0]);
}

/* Of two keys of one second nobody can tell which is which. */
static void test_keys_of_one_second(void **state)
{
    struct scene *s = *state;
    const struct report_line *line = keys_line(s, OLD_KEY, OLD_KEY);
    assert_true(line->has_key);
    assert_null(report_find_key(line, ANN_KEY_2_S));
}

/* A key that is gone may leave its last use behind: such a user is asked about, even in bulk. */
static void test_a_use_without_a_key(void **state)
{
    struct scene *s = *state;
    static const char used[] = "false,N/A,2024-01-02T03:00:00Z,eu-west-1,s3";
    assert_true(keys_line(s, used, NO_KEY)->has_key);
    assert_true(keys_line(s, NO_KEY, used)->has_key);
}

/* As AWS has written it since 2026: times with Z, a root user like others, no last line end. */
static void test_as_it_is_today(void **state)
{
    struct scene *s = *state;
    static const char text[] = COLUMNS
        "\n<root_account>,arn:aws:iam::123456789012:root,2020-01-02T03:04:05Z,true,no_information,"
        "2020-01-02T03:04:05Z,not_supported,true,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,"
        "N/A,false,N/A"
        "\nb-keys,arn:aws:iam::123456789012:user/b-keys,2026-09-11T13:14:49Z,false,N/A,N/A,N/"
        "A,false,"
        "true,2026-09-11T13:14:50Z,N/A,N/A,N/A,false,2026-09-11T13:14:50Z,N/A,N/A,N/A,false,N/A,"
        "false,N/A"
        "\nG-certs,arn:aws:iam::123456789012:user/G-certs,2026-09-11T13:15:08Z,false,N/A,N/A,N/A,"
        "false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,2026-09-11T13:15:10Z,true,"
        "2026-09-11T13:15:09Z"
        "\nc-reset,arn:aws:iam::123456789012:user/c-reset,2026-09-11T13:14:46Z,true,no_information,"
        "2026-09-11T13:14:47Z,N/A,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/"
        "A,false,"
        "N/A";
    const struct report_line *lines = lines_of(s, text, 3);
    assert_view(lines[0].user, "b-keys");
    assert_true(lines[0].has_key);
    assert_int_equal(lines[0].password, SAID_FALSE);
    assert_int_equal(lines[0].keys[0].created_s - lines[0].created_s, 1);
    assert_true(lines[1].has_certificate);
    assert_false(lines[1].has_key);
    assert_view(lines[2].user, "c-reset");
    assert_int_equal(lines[2].password, SAID_TRUE);
    assert_int_equal(lines[2].password_changed_s - lines[2].created_s, 1);
    assert_true(lines[2].password_used_s == TIMESTAMP_NONE);
    assert_false(lines[2].has_certificate);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)
    const struct CMUnitTest tests[] = {
        TEST(test_plain),
        TEST(test_last_line_without_line_end),
        TEST(test_crlf),
        TEST(test_root_is_no_user),
        TEST(test_nobody),
        TEST(test_quotes),
        TEST(test_a_line_end_in_quotes),
        TEST(test_columns_in_any_order),
        TEST(test_columns_that_came_later),
        TEST(test_many_columns),
        TEST(test_a_column_that_is_missing),
        TEST(test_columns_that_nobody_needs),
        TEST(test_empty),
        TEST(test_truth_in_any_case),
        TEST(test_times),
        TEST(test_words_that_are_no_times),
        TEST(test_times_that_can_not_be_read),
        TEST(test_a_creation_that_is_not_told),
        TEST(test_a_place_that_is_not_known),
        TEST(test_certificate_in_the_second_place),
        TEST(test_active_without_a_date),
        TEST(test_additional_credentials),
        TEST(test_keys_in_any_order),
        TEST(test_a_key_in_one_place_alone),
        TEST(test_keys_of_one_second),
        TEST(test_a_use_without_a_key),
        TEST(test_as_it_is_today),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
