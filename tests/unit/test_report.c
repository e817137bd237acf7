/* The credential report, read: every oddity that AWS has been seen to put into one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "census/report.h"

#include <openssl/evp.h>
#include <stdlib.h>

#define GENERATED_S 1706693400 /* 2024-01-31T09:30:00Z */
#define TEXT_MAX    ((size_t)64 * 1024 * 1024)

/* As AWS writes it: the columns in their order, without the one that came later. */
#define COLUMNS                                                                                    \
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,"       \
    "password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,"             \
    "access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,"    \
    "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"                   \
    "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"                  \
    "cert_1_last_rotated,cert_2_active,cert_2_last_rotated"
#define COLUMN_NAMES 22
#define ROOT                                                                                       \
    "<root_account>,arn:aws:iam::111111111111:root,2019-01-01T00:00:00+00:00,not_supported,"       \
    "2023-05-05T05:05:05+00:00,not_supported,not_supported,true,true,2020-01-01T00:00:00+00:00,"   \
    "N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
#define ANN_HEAD                                                                                   \
    "ann,arn:aws:iam::111111111111:user/ann,2020-01-02T03:04:05+00:00,true,"                       \
    "2024-01-05T06:07:08+00:00,2023-02-03T04:05:06+00:00,2024-05-05T00:00:00+00:00,true,"
#define ANN_KEYS                                                                                   \
    "true,2021-01-01T00:00:01+00:00,2024-01-02T03:00:00+00:00,eu-west-1,s3,"                       \
    "false,2020-06-06T06:06:06+00:00,N/A,N/A,N/A,"
#define ANN ANN_HEAD ANN_KEYS "true,2020-05-05T05:05:05+00:00,false,N/A"
/* Nothing but a name and a date. */
#define BOB                                                                                        \
    "bob,arn:aws:iam::111111111111:user/bob,2022-01-01T00:00:00+00:00,false,N/A,N/A,N/A,false,"    \
    "false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"

#define ANN_CREATED_S 1577934245
#define ANN_KEY_1_S   1609459201
#define ANN_KEY_2_S   1591423566

struct scene {
    struct arena arena;
    struct report report;
    struct error e;
    struct buffer text;
};

static int scene_begin(void **state)
{
    struct scene *s = xcalloc(1, sizeof(*s));
    arena_init(&s->arena);
    buffer_init(&s->text, TEXT_MAX);
    *state = s;
    return 0;
}

static int scene_end(void **state)
{
    struct scene *s = *state;
    arena_release(&s->arena);
    buffer_release(&s->text);
    free(s);
    return 0;
}

/* The base64 in a block of its own size, so that a byte read beyond it is seen. */
static int read_base64(struct scene *s, const char *base64, size_t len)
{
    char *exact = xmalloc(len + (len == 0));
    memcpy(exact, base64, len);
    arena_clear(&s->arena);
    error_clear(&s->e);
    int result = report_read((struct view){exact, len}, GENERATED_S, &s->arena, &s->report, &s->e);
    /* What was read is the arena's: nothing of it may point into the answer. */
    memset(exact, '#', len);
    free(exact);
    return result;
}

static int read_text(struct scene *s, const char *text, size_t len)
{
    unsigned char *base64 = xmalloc(len / 3 * 4 + 5);
    int made = EVP_EncodeBlock(base64, (const unsigned char *)text, (int)len);
    int result = read_base64(s, (const char *)base64, (size_t)made);
    free(base64);
    return result;
}

/* Reads a report that is fine, of so many users. */
static const struct report_line *lines_of(struct scene *s, const char *text, size_t count)
{
    if (read_text(s, text, strlen(text)) != 0)
        fail_msg("%s\n%s", s->e.text, text);
    assert_int_equal(s->report.generated_s, GENERATED_S);
    if (s->report.count != count)
        fail_msg("%zu users instead of %zu in\n%s", s->report.count, count, text);
    return s->report.lines;
}

static void refused(struct scene *s, const char *text, enum error_kind kind, const char *part)
{
    assert_int_equal(read_text(s, text, strlen(text)), -1);
    assert_int_equal(s->e.kind, kind);
    if (!strstr(s->e.text, part))
        fail_msg("'%s' is not in '%s'", part, s->e.text);
}

#define assert_view(seen, wanted)                                                                  \
    do {                                                                                           \
        struct view is = (seen);                                                                   \
        if (!view_is(is, wanted))                                                                  \
            fail_msg("'%.*s' instead of '%s'", VIEW_ARG(is), (wanted));                            \
    } while (0)

static void assert_ann(const struct report_line *line)
{
    assert_view(line->user, "ann");
    assert_int_equal(line->created_s, ANN_CREATED_S);
    assert_int_equal(line->password, REPORT_TRUE);
    assert_int_equal(line->mfa, REPORT_TRUE);
    assert_int_equal(line->password_used_s, 1704434828);
    assert_int_equal(line->password_changed_s, 1675397106);
    assert_int_equal(line->keys[0].created_s, ANN_KEY_1_S);
    assert_int_equal(line->keys[0].used_s, 1704164400);
    assert_view(line->keys[0].region, "eu-west-1");
    assert_view(line->keys[0].service, "s3");
    assert_int_equal(line->keys[1].created_s, ANN_KEY_2_S);
    assert_int_equal(line->keys[1].used_s, TIMESTAMP_NONE);
    assert_true(line->has_certificate);
    assert_false(line->has_more);
    assert_true(line->has_key);
}

static void assert_bob(const struct report_line *line)
{
    assert_view(line->user, "bob");
    assert_int_equal(line->created_s, 1640995200);
    assert_int_equal(line->password, REPORT_FALSE);
    assert_int_equal(line->mfa, REPORT_FALSE);
    assert_int_equal(line->password_used_s, TIMESTAMP_NONE);
    assert_int_equal(line->password_changed_s, TIMESTAMP_NONE);
    assert_false(line->has_certificate);
    assert_false(line->has_more);
    assert_false(line->has_key);
    assert_null(report_find_key(line, ANN_KEY_1_S));
}

static void assert_both(struct scene *s, const char *text)
{
    const struct report_line *lines = lines_of(s, text, 2);
    assert_ann(&lines[0]);
    assert_bob(&lines[1]);
}

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
    assert_int_equal(lines[0].password, REPORT_TRUE);
    assert_int_equal(lines[0].mfa, REPORT_FALSE);
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
        enum report_truth truth;
    } words[] = {
        {"true", REPORT_TRUE},      {"TRUE", REPORT_TRUE},
        {"True", REPORT_TRUE},      {"false", REPORT_FALSE},
        {"FALSE", REPORT_FALSE},    {"False", REPORT_FALSE},
        {"N/A", REPORT_NOT_SAID},   {"not_supported", REPORT_NOT_SAID},
        {"", REPORT_NOT_SAID},      {"no_information", REPORT_NOT_SAID},
        {"truee", REPORT_NOT_SAID}, {"tru", REPORT_NOT_SAID},
        {"1", REPORT_NOT_SAID},     {"\" true\"", REPORT_NOT_SAID},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        const struct report_line *line = line_with(*state, words[i].word, "N/A", "N/A", "x", "N/A");
        assert_int_equal(line->password, words[i].truth);
        assert_int_equal(line->mfa, REPORT_NOT_SAID);
        line = line_with(*state, "x", "N/A", "N/A", words[i].word, "N/A");
        assert_int_equal(line->mfa, words[i].truth);
        assert_int_equal(line->password, REPORT_NOT_SAID);
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
    static const char *const words[] = {
        "N/A", "no_information", "not_supported",        "",
        "n/a", "yesterday",      "2023-02-30T00:00:00Z", "2023-02-03"};
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

/* No date of creation: the line is there, and is about no user that has one. */
static void test_a_creation_that_is_no_time(void **state)
{
    struct scene *s = *state;
    buffer_add_text(&s->text, COLUMNS "\n" BOB "\n");
    memcpy(strstr(buffer_text(&s->text), "2022-01-01"), "no_informa", 10);
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
    assert_non_null(strstr(s->e.text, "no base64"));
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
        TEST(test_a_creation_that_is_no_time),
        TEST(test_a_place_that_is_not_known),
        TEST(test_certificate_in_the_second_place),
        TEST(test_active_without_a_date),
        TEST(test_additional_credentials),
        TEST(test_keys_in_any_order),
        TEST(test_a_key_in_one_place_alone),
        TEST(test_keys_of_one_second),
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
