/* SPDX-License-Identifier: MIT */
/* The file of suppressions: what a line matches, what is refused, and how messages name the place.
 */
#include "rules_scene.h"

#define HEADER   "rule,account,user,tag,expires,reason,ticket\n"
#define DAY_S    INT64_C(1717200000) /* 2024-06-01T00:00:00Z, the first second of STARTED_S's day */
#define KEY_ID   "AKIAIOSFODNN7EXAMPLE"
#define FILENAME "accepted.csv"

static struct suppressions *read_text(const char *text, struct error *e)
{
    return suppressions_read(view_of(text), FILENAME, e);
}

static struct suppressions *read_whole(const char *text)
{
    struct error e = {0};
    struct suppressions *s = read_text(text, &e);
    if (!s)
        fail_msg("%s", e.text);
    return s;
}

/* The scene: jane's key, a tag with '=' in its value, an account whose id begins with zeros. */
struct covering {
    struct rules_scene scene;
    struct finding of_key, of_user, of_account;
};

static void covering_begin(struct covering *c)
{
    scene_begin(&c->scene);
    strcpy(c->scene.account.id, "001111111111");
    add_tag(&c->scene, "team", "core=a");
    add_tag(&c->scene, "empty", "");
    c->of_key = (struct finding){.rule = rule_find(VIEW_LITERAL("user-key-age")),
                                 .account = &c->scene.account,
                                 .user = &c->scene.user,
                                 .resource_type = RESOURCE_ACCESS_KEY,
                                 .resource_id = VIEW_LITERAL(KEY_ID)};
    c->of_user = c->of_key;
    c->of_user.resource_type = RESOURCE_USER;
    c->of_user.resource_id = c->scene.user.arn;
    c->of_user.rule = rule_find(VIEW_LITERAL("user-admin"));
    c->of_account = c->of_user;
    c->of_account.user = NULL;
    c->of_account.resource_id = view_of(c->scene.account.id);
    c->of_account.rule = rule_find(VIEW_LITERAL("root-mfa"));
}

static bool covers(const char *line, const struct finding *f, int64_t started_s)
{
    char text[512];
    snprintf(text, sizeof(text), HEADER "%s\n", line);
    struct suppressions *s = read_whole(text);
    bool is_covered = suppressions_match(s, f, started_s) != NULL;
    suppressions_free(s);
    return is_covered;
}

static void test_what_a_line_matches(void **state)
{
    (void)state;
    const struct {
        const char *line;
        bool key, user, account;
    } cases[] = {
        {",,,,,any,", true, true, true},
        {"*,*,,,,any,", true, true, true},
        {"user-key-age,,,,,whole name,", true, false, false},
        {"user-*,,,,,glob,", true, true, false},
        {"user-k?y-age,,,,,one character each,", true, false, false},
        {"*-mfa,,,,,the end,", false, false, true},
        {",001111111111,,,,id,", true, true, true},
        {",?01111111111,,,,glob,", true, true, true},
        {",00*,,,,glob,", true, true, true},
        {",11*,,,,globs begin where the id does,", false, false, false},
        {",,jane,,,name,", true, true, false},
        {",,Jane,,,case counts,", false, false, false},
        {",,jan,,,whole names,", false, false, false},
        {",,j?n*,,,glob,", true, true, false},
        {",,arn:aws:iam::111111111111:user/jane,,,ARN,", true, true, false},
        {",,arn:aws:iam::*:user/*,,,ARN,", true, true, false},
        {",," KEY_ID ",,,key,", true, false, false},
        {",,AKIA*,,,keys,", true, false, false},
        {",,*,,,an account is no user,", true, true, false},
        {",,,team=core=a,,the first '=' parts,", true, true, false},
        {",,,team=core,,whole value,", false, false, false},
        {",,,Team=core=a,,case counts,", false, false, false},
        {",,,team=*,,no glob in tags,", false, false, false},
        {",,,empty=,,an empty value,", true, true, false},
        {"user-admin,00*,jane,team=core=a,,all must match,", false, true, false},
        {"user-admin,00*,joe,team=core=a,,all must match,", false, false, false},
    };
    struct covering c;
    covering_begin(&c);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        print_message("%s\n", cases[i].line);
        assert_int_equal(covers(cases[i].line, &c.of_key, STARTED_S), cases[i].key);
        assert_int_equal(covers(cases[i].line, &c.of_user, STARTED_S), cases[i].user);
        assert_int_equal(covers(cases[i].line, &c.of_account, STARTED_S), cases[i].account);
    }
    scene_end(&c.scene);
}

static void test_unknown_tags_match_nothing(void **state)
{
    (void)state;
    struct covering c;
    covering_begin(&c);
    c.scene.user.unknown = FACT_BIT(FACT_TAGS);
    assert_false(covers(",,,team=core=a,,x,", &c.of_user, STARTED_S));
    assert_true(covers(",,jane,,,x,", &c.of_user, STARTED_S));
    c.scene.user.unknown = 0;
    c.scene.account.unknown = FACT_BIT(FACT_TAGS);
    assert_false(covers(",,,team=core=a,,x,", &c.of_user, STARTED_S));
    scene_end(&c.scene);
}

static void test_the_last_day_counts_to_its_last_second(void **state)
{
    (void)state;
    struct covering c;
    covering_begin(&c);
    assert_true(covers(",,,,2024-06-01,x,", &c.of_user, DAY_S));
    assert_true(covers(",,,,2024-06-01,x,", &c.of_user, DAY_S + D(1) - 1));
    assert_false(covers(",,,,2024-06-01,x,", &c.of_user, DAY_S + D(1)));
    assert_false(covers(",,,,2024-05-31,x,", &c.of_user, DAY_S));
    assert_true(covers(",,,,2024-02-29,a leap day,", &c.of_user, DAY_S - D(93)));
    scene_end(&c.scene);
}

static void test_lines_are_alternatives_and_the_first_counts(void **state)
{
    (void)state;
    struct covering c;
    size_t count;
    covering_begin(&c);
    struct suppressions *s = read_whole(HEADER ",,joe,,,other,\n,,jane,,2001-01-01,expired,\n"
                                               ",,jane,,,first,T-1\n,,j*,,,second,\n");
    const struct suppression *lines = suppressions_lines(s, &count);
    assert_int_equal(count, 4);
    const struct suppression *found = suppressions_match(s, &c.of_user, STARTED_S);
    assert_ptr_equal(found, &lines[2]);
    assert_int_equal(found->line, 4);
    assert_true(view_is(found->reason, "first"));
    assert_true(view_is(found->ticket, "T-1"));
    assert_null(suppressions_match(s, &c.of_account, STARTED_S));
    for (size_t i = 0; i < count; i++)
        assert_int_equal(lines[i].matched, i == 2);
    assert_true(suppression_has_expired(&lines[1], STARTED_S));
    assert_null(suppressions_match(NULL, &c.of_user, STARTED_S));
    suppressions_free(s);
    scene_end(&c.scene);
}

/* As spreadsheets write it: a byte order mark, CR LF, quotes, blanks, empty lines, empty cells. */
static void test_what_spreadsheets_write(void **state)
{
    (void)state;
    static const char text[] = "\xef\xbb\xbfrule, account,user,tag,expires,reason,ticket,,\r\n"
                               "\r\n"
                               ",,,,,,,,\r\n"
                               "user-admin,\"001111111111\", jane ,,2030-12-31,\"a, \"\"b\"\"\r\n"
                               "c\",T-1,\r\n"
                               "  \r\n"
                               "*,,,,,last,";
    size_t count;
    struct suppressions *s = read_whole(text);
    const struct suppression *lines = suppressions_lines(s, &count);
    assert_int_equal(count, 2);
    assert_int_equal(lines[0].line, 4);
    assert_true(view_is(lines[0].user, "jane"));
    assert_true(view_is(lines[0].account, "001111111111"));
    assert_true(view_is(lines[0].reason, "a, \"b\"\r\nc"));
    assert_true(view_is(lines[0].expires, "2030-12-31"));
    assert_null(lines[0].tag.ptr);
    assert_int_equal(lines[1].line, 7);
    assert_null(lines[1].ticket.ptr);
    assert_int_equal(lines[1].expires_s, TIMESTAMP_NONE);
    suppressions_free(s);
}

/* As people write it: blanks around quotes do not make the comma between them part two cells. */
static void test_blanks_around_quotes(void **state)
{
    (void)state;
    size_t count;
    struct suppressions *s = read_whole(HEADER "user-admin, , \t\"j\" , , , \"a, b\" , \"T\" \n");
    const struct suppression *lines = suppressions_lines(s, &count);
    assert_int_equal(count, 1);
    assert_true(view_is(lines[0].user, "j"));
    assert_true(view_is(lines[0].reason, "a, b"));
    assert_true(view_is(lines[0].ticket, "T"));
    suppressions_free(s);
}

static void test_a_file_without_lines(void **state)
{
    (void)state;
    static const char *const texts[] = {HEADER, "rule,account,user,tag,expires,reason,ticket",
                                        HEADER "\n\n"};
    size_t count;
    for (size_t i = 0; i < 3; i++) {
        struct suppressions *s = read_whole(texts[i]);
        suppressions_lines(s, &count);
        assert_int_equal(count, 0);
        suppressions_free(s);
    }
}

static void test_what_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"", "line 1: the header must be rule,account,user,tag,expires,reason,ticket"},
        {"rule,account,user,tag,expires,reason\n", "line 1: the header must be"},
        {"rule,account,user,tag,expires,reason,ticket,owner\n", "line 1: there are more than 7"},
        {"rule,rule,user,tag,expires,reason,ticket\n", "line 1: the header must be"},
        {"rule,account,user,tag,expires,why,ticket\n", "line 1: the header must be"},
        {"Rule,account,user,tag,expires,reason,ticket\n", "line 1: the header must be"},
        {"rule;account;user;tag;expires;reason;ticket\n", "line 1: the header must be"},
        {"user-admin,,,,,x,\n", "line 1: the header must be"},
        {HEADER "user-admin,,,,,,T-1\n", "line 2: a reason is missing"},
        {HEADER "user-admin,,,,,  ,T-1\n", "line 2: a reason is missing"},
        {HEADER "\nuser-admin\n", "line 3: a reason is missing"},
        {HEADER "user-admim,,,,,x,\n",
         "line 2: there is no rule 'user-admim' (did you mean 'user-admin'?)"},
        {HEADER "USER-ADMIN,,,,,x,\n", "line 2: there is no rule 'USER-ADMIN'"},
        {HEADER "root-?,,,,,x,\n", "line 2: there is no rule 'root-?'"},
        {HEADER ",11111111111,,,,x,\n", "line 2: the account id does not have 12 digits"},
        {HEADER ",1.1E+11,,,,x,\n", "line 2: the account must be an id of 12 digits"},
        {HEADER ",,,team,,x,\n", "line 2: the tag must be written as key=value"},
        {HEADER ",,,=core,,x,\n", "line 2: the tag must be written as key=value"},
        {HEADER ",,,,31.12.2030,x,\n", "line 2: the date in 'expires' must be written as"},
        {HEADER ",,,,2030-12-31T00:00:00Z,x,\n", "line 2: the date in 'expires'"},
        {HEADER ",,,,2030-02-29,x,\n", "line 2: the date in 'expires'"},
        {HEADER ",,,,2030-1-1,x,\n", "line 2: the date in 'expires'"},
        {HEADER ",,,,,a, b,c\n", "line 2: there are more than 7 cells"},
        {HEADER ",,,,,\"a\nb,\n", "line 2: a quoted cell has no closing quote"},
        {HEADER ",,,,,\"a\nb\"c,\n", "line 3: text follows the closing quote of a cell"},
        {HEADER ",,,,,\"a\nb\",\nx,,,,,y,\n", "line 4: there is no rule 'x'"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct error e = {0};
        print_message("%s\n", cases[i].text);
        assert_null(read_text(cases[i].text, &e));
        assert_int_equal(e.kind, ERROR_CONFIG);
        assert_non_null(strstr(e.text, "'" FILENAME "', "));
        assert_non_null(strstr(e.text, cases[i].said));
    }
}

static void test_a_nul_is_refused(void **state)
{
    (void)state;
    static const char text[] = HEADER ",,\0,,,x,\n";
    struct error e = {0};
    assert_null(suppressions_read((struct view){text, sizeof(text) - 1}, FILENAME, &e));
    assert_non_null(strstr(e.text, "line 2: a cell holds a NUL"));
}

static void read_lines(size_t lines, size_t padding, const char *said)
{
    struct buffer text;
    struct error e = {0};
    buffer_init(&text, (size_t)16 * 1024 * 1024);
    buffer_add_text(&text, HEADER);
    for (size_t i = 0; i < lines; i++)
        buffer_add_text(&text, "*,,,,,x,\n");
    for (size_t i = 0; i < padding; i++)
        buffer_add_char(&text, '\n');
    struct suppressions *s = suppressions_read(buffer_view(&text), FILENAME, &e);
    assert_int_equal(s == NULL, said != NULL);
    if (said)
        assert_non_null(strstr(e.text, said));
    suppressions_free(s);
    buffer_release(&text);
}

static void test_limits(void **state)
{
    (void)state;
    read_lines(SUPPRESSIONS_MAX_LINES, 0, NULL);
    read_lines(SUPPRESSIONS_MAX_LINES, 5, NULL);
    read_lines(SUPPRESSIONS_MAX_LINES + 1, 0, "line 10002: there are over 10,000 lines");
    read_lines(1, SUPPRESSIONS_MAX_BYTES, "'" FILENAME "' is over 4 MiB");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_a_line_matches),
        cmocka_unit_test(test_unknown_tags_match_nothing),
        cmocka_unit_test(test_the_last_day_counts_to_its_last_second),
        cmocka_unit_test(test_lines_are_alternatives_and_the_first_counts),
        cmocka_unit_test(test_what_spreadsheets_write),
        cmocka_unit_test(test_blanks_around_quotes),
        cmocka_unit_test(test_a_file_without_lines),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_a_nul_is_refused),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
