/* SPDX-License-Identifier: MIT */
/* Lists of ids as people write and export them: what separates, where an item stands, what is
 * wrong with one that is not an account id. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/account_id.h"
#include "app/id_list.h"
#include "app/scope.h"
#include "base/alloc.h"
#include "base/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NBSP "\xc2\xa0"
#define BOM  "\xef\xbb\xbf"
#define A    "111111111111"
#define B    "222222222222"

struct scene {
    struct settings settings;
    struct arena arena;
    struct id_list list;
    struct error e;
    const char *stdin_reader;
    char folder[64];
    char path[96];
};

static int scene_begin(void **state)
{
    static struct scene s;
    s = (struct scene){0};
    arena_init(&s.arena);
    log_configure(LOG_ERROR, LOG_TEXT, NULL);
    snprintf(s.folder, sizeof(s.folder), "/tmp/test_id_list.XXXXXX");
    assert_non_null(mkdtemp(s.folder));
    snprintf(s.path, sizeof(s.path), "%s/my accounts#1.txt", s.folder);
    *state = &s;
    return 0;
}

static int scene_end(void **state)
{
    struct scene *s = *state;
    id_list_release(&s->list);
    settings_release(&s->settings);
    arena_release(&s->arena);
    unlink(s->path);
    assert_int_equal(rmdir(s->folder), 0);
    return 0;
}

static int read_list(struct scene *s, const char *value)
{
    id_list_release(&s->list);
    settings_release(&s->settings);
    assert_int_equal(settings_from_flag(&s->settings, SETTING_ACCOUNTS, value, &s->e), 0);
    return id_list_read(&s->list, &s->settings, SETTING_ACCOUNTS, &s->stdin_reader, &s->arena,
                        &s->e);
}

/* The items with where they stand: "ID@PLACE ", the folder left out. */
static const char *items(const struct scene *s)
{
    static char text[1024];
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < s->list.count; i++) {
        char place[ID_LIST_PLACE_SIZE];
        id_list_place(&s->list, &s->list.items[i], place);
        const char *name = strrchr(place, '/');
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%.*s@%s ",
                                 VIEW_ARG(s->list.items[i].text), name ? name + 1 : place);
    }
    return text;
}

static int read_file(struct scene *s, const char *text, size_t len)
{
    char value[128];
    int fd = open(s->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), len);
    close(fd);
    snprintf(value, sizeof(value), "@%s", s->path);
    return read_list(s, value);
}

static void assert_list(struct scene *s, const char *value, const char *expected)
{
    if (read_list(s, value) != 0)
        fail_msg("%s", s->e.text);
    assert_string_equal(items(s), expected);
}

static void assert_file(struct scene *s, const char *text, const char *expected)
{
    if (read_file(s, text, strlen(text)) != 0)
        fail_msg("%s", s->e.text);
    assert_string_equal(items(s), expected);
}

static void test_separators(void **state)
{
    struct scene *s = *state;
    static const char *const between[] = {",",
                                          " ",
                                          "\t",
                                          "\n",
                                          "\r\n",
                                          "\r",
                                          ", ",
                                          NBSP,
                                          ";",
                                          "; ",
                                          ",,",
                                          " ,",
                                          NBSP "," BOM,
                                          "\xe2\x80\xaf",
                                          "\xe2\x80\x87",
                                          "\xe3\x80\x80",
                                          "\t\t",
                                          "\xe2\x80\x80",
                                          "\xe2\x80\x89",
                                          "\xe2\x80\x8b",
                                          "\xe2\x81\x9f"};
    for (size_t i = 0; i < sizeof(between) / sizeof(between[0]); i++) {
        char value[96];
        snprintf(value, sizeof(value), BOM NBSP A "%s" B " " NBSP, between[i]);
        assert_list(s, value, A "@--accounts " B "@--accounts ");
    }
}

static void test_lines(void **state)
{
    struct scene *s = *state;
    assert_file(s, BOM "# prod\r\n" A "\r\n\r\n" B "#x\t" A "\n\n" A "\t" B,
                A "@my accounts#1.txt:2 " B "@my accounts#1.txt:4 " A "@my accounts#1.txt:6 " B
                  "@my accounts#1.txt:6 ");
    /* Line ends of an old Mac. */
    assert_file(s, "x\r" A "\r" B "\r",
                "x@my accounts#1.txt:1 " A "@my accounts#1.txt:2 " B "@my accounts#1.txt:3 ");
}

/* What exports put around an id. */
static void test_quotes(void **state)
{
    struct scene *s = *state;
    assert_file(s, "\"" A "\",'" B "'\r\n", A "@my accounts#1.txt:1 " B "@my accounts#1.txt:1 ");
    assert_file(s, "\"" A " '" B "\" \"",
                "\"" A "@my accounts#1.txt:1 '" B "\"@my accounts#1.txt:1 \"@my accounts#1.txt:1 ");
}

/* A file's name may have blanks and '#'; ids may stand beside it. */
static void test_files_among_ids(void **state)
{
    struct scene *s = *state;
    char value[256];
    assert_int_equal(read_file(s, B "\n", 13), 0);
    snprintf(value, sizeof(value), A " @%s , 333333333333", s->path);
    assert_list(s, value, A "@--accounts " B "@my accounts#1.txt:1 333333333333@--accounts ");
}

static void assert_no_text(struct scene *s, const char *bytes, size_t len, const char *part)
{
    assert_int_equal(read_file(s, bytes, len), -1);
    assert_int_equal(s->e.kind, ERROR_CONFIG);
    if (!strstr(s->e.text, part) || !strstr(s->e.text, "my accounts#1.txt "))
        fail_msg("'%s' and the file's name are not in '%s'", part, s->e.text);
}

static void test_files_that_are_no_text(void **state)
{
    struct scene *s = *state;
    assert_no_text(s,
                   "\xff\xfe"
                   "1\0001\000",
                   6, "is UTF-16");
    assert_no_text(s, "\xfe\xff\0001\0001", 6, "is UTF-16");
    assert_no_text(s, "1\0001\000", 4, "is UTF-16");
    assert_no_text(s, "\0001\0001", 4, "is UTF-16");
    assert_no_text(s, "PK\x03\x04 and more", 13, "Excel");
    assert_no_text(s, "\x1f\x8b\x08", 3, "gzip");
    assert_no_text(s, A "\0" B, 25, "holds a NUL byte");
}

/* Each string of an event's array is a list, and so is each flag: a comment ends with it. */
static void test_event_arrays(void **state)
{
    struct scene *s = *state;
    json_t *event = json_pack("{s:[s, s, s]}", "child_account_ids", "444444444444 # the shop",
                              A "\t333333333333", BOM B);
    assert_int_equal(settings_from_event(&s->settings, event, &s->e), 0);
    json_decref(event);
    assert_int_equal(
        id_list_read(&s->list, &s->settings, SETTING_ACCOUNTS, &s->stdin_reader, &s->arena, &s->e),
        0);
    assert_int_equal(s->list.count, 4);
    assert_int_equal(settings_from_flag(&s->settings, SETTING_EXCLUDE, A "#x", &s->e), 0);
    assert_int_equal(settings_from_flag(&s->settings, SETTING_EXCLUDE, B, &s->e), 0);
    struct scope scope = {0};
    assert_int_equal(scope_read(&s->settings, &s->arena, &scope, &s->e), 0);
    assert_int_equal(scope.account_count, 4);
    assert_int_equal(scope.excluded_count, 2);
    settings_release(&s->settings);
    event = json_pack("{s:[s, s]}", "exclude_account_ids", A, "16164386781");
    assert_int_equal(settings_from_event(&s->settings, event, &s->e), 0);
    json_decref(event);
    assert_int_equal(scope_read(&s->settings, &s->arena, &scope, &s->e), -1);
    assert_non_null(strstr(s->e.text, "the event's 'exclude_account_ids': '16164386781' is not an "
                                      "account id (12 digits): a spreadsheet"));
}

static void test_stdin_once(void **state)
{
    struct scene *s = *state;
    int before = dup(STDIN_FILENO);
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(nothing, STDIN_FILENO);
    close(nothing);
    assert_list(s, "-", "");
    id_list_release(&s->list);
    assert_int_equal(
        id_list_read(&s->list, &s->settings, SETTING_ACCOUNTS, &s->stdin_reader, &s->arena, &s->e),
        -1);
    assert_string_equal(s->e.text,
                        "--accounts: standard input has been read already, for --accounts");
    dup2(before, STDIN_FILENO);
    close(before);
}

/* ---- what is wrong with an id ---- */

static void test_account_ids(void **state)
{
    static const char *const rows[][2] = {
        {"16164386781", "f:3: '16164386781' is not an account id (12 digits): a spreadsheet may "
                        "have dropped leading zeros; is it '016164386781'?"},
        {"161643867", "is it '000161643867'?"},
        {"1616438", "f:3: '1616438' is not an account id (12 digits)\n"},
        {"1111111111111", "f:3: '1111111111111' is not an account id (12 digits)\n"},
        {"1111-2222-3333", ": write it without hyphens, '111122223333'"},
        {"1.61644E+11", "took it for a number"},
        {"161643867812.0", "took it for a number"},
        {"ACCOUNTS", "f:3: 'ACCOUNTS' is not an account id (12 digits); ids alone are what \"aws "
                     "organizations list-accounts --query 'Accounts[].Id' --output text\" prints"},
        {"all", "f:3: 'all' is not an account id (12 digits): every active account is read if no "
                "list is given\n"},
        {"*", "every active account is read if no list is given"},
        {"11111111111\x1b", "'11111111111\\x1b' is not"},
        {"\xff" A, "'\\xff" A "' is not"},
        {"\xd9\xa1", "'\xd9\xa1' is not"},
        {"", "'' is not an account id (12 digits)\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e;
        char text[1100];
        assert_int_equal(account_id_check(view_of(rows[i][0]), "f:3", &e), -1);
        assert_int_equal(e.kind, ERROR_CONFIG);
        snprintf(text, sizeof(text), "%s\n", e.text);
        if (!strstr(text, rows[i][1]))
            fail_msg("'%s' is not in '%s'", rows[i][1], text);
    }
    assert_int_equal(account_id_check(VIEW_LITERAL(A), "f:3", NULL), 0);
}

static void test_a_long_item_is_cut(void **state)
{
    char item[4096];
    struct error e;
    (void)state;
    memset(item, '1', sizeof(item));
    assert_int_equal(account_id_check((struct view){item, sizeof(item)}, "f:3", &e), -1);
    assert_non_null(strstr(e.text, "1111...' is not an account id"));
    assert_in_range(strlen(e.text), 60, 200);
}

/* Each list says where its wrong item stands. */
static void test_every_list_names_the_place(void **state)
{
    static const struct {
        enum setting_id id;
        const char *text, *part;
    } rows[] = {
        {SETTING_ACCOUNTS, "#\n" A "\n12 " A, "my accounts#1.txt:3: '12' is not an account id"},
        {SETTING_EXCLUDE, A "\n\nx\x01y", "my accounts#1.txt:3: 'x\\x01y' is not an account id"},
        {SETTING_UNITS, "ou-ab12-cdefghij\nPay\x1bments",
         "my accounts#1.txt:2: 'Pay\\x1bments' is not the id of an organizational unit"},
        {SETTING_ACCOUNTS, "# none\n", "which lists no account"},
        {SETTING_UNITS, "", "which lists no organizational unit"},
    };
    struct scene *s = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scope scope = {0};
        char value[128];
        assert_int_not_equal(read_file(s, rows[i].text, strlen(rows[i].text)), 2);
        settings_release(&s->settings);
        snprintf(value, sizeof(value), "@%s", s->path);
        assert_int_equal(settings_from_flag(&s->settings, rows[i].id, value, &s->e), 0);
        assert_int_equal(scope_read(&s->settings, &s->arena, &scope, &s->e), -1);
        assert_int_equal(s->e.kind, ERROR_CONFIG);
        if (!strstr(s->e.text, rows[i].part) || !strstr(s->e.text, s->path))
            fail_msg("'%s' is not in '%s'", rows[i].part, s->e.text);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_separators),
        TEST(test_lines),
        TEST(test_quotes),
        TEST(test_files_among_ids),
        TEST(test_files_that_are_no_text),
        TEST(test_event_arrays),
        TEST(test_stdin_once),
        TEST(test_account_ids),
        TEST(test_a_long_item_is_cut),
        TEST(test_every_list_names_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
