/* SPDX-License-Identifier: MIT */
/* The settings of a run, checked and typed; nothing is contacted for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/config.h"
#include "base/alloc.h"
#include "base/log.h"
#include "output/account_fields.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct scene {
    struct settings settings;
    struct config config;
    struct error e;
    bool made;
    char folder[64];
    char path[128];
};

static void drop(struct scene *s)
{
    if (s->made)
        config_release(&s->config);
    settings_release(&s->settings);
    s->made = false;
}

static int scene_begin(void **state)
{
    static struct scene s;
    s = (struct scene){0};
    log_configure(LOG_ERROR, LOG_TEXT, NULL);
    snprintf(s.folder, sizeof(s.folder), "/tmp/test_config.XXXXXX");
    assert_non_null(mkdtemp(s.folder));
    snprintf(s.path, sizeof(s.path), "%s/accounts", s.folder);
    *state = &s;
    return 0;
}

static int scene_end(void **state)
{
    struct scene *s = *state;
    drop(s);
    unlink(s->path);
    assert_int_equal(rmdir(s->folder), 0);
    return 0;
}

static void set(struct scene *s, enum setting_id id, const char *value)
{
    assert_int_equal(settings_from_flag(&s->settings, id, value, &s->e), 0);
}

static int make(struct scene *s, bool in_lambda)
{
    if (s->made)
        config_release(&s->config);
    error_clear(&s->e);
    s->made = true;
    return config_make(&s->settings, in_lambda, &s->config, &s->e);
}

static void made(struct scene *s)
{
    if (make(s, false) != 0)
        fail_msg("%s", s->e.text);
}

/* With one flag set beside the role it is refused in these words; the flag is then forgotten. */
static void refused(struct scene *s, enum setting_id id, const char *value, const char *part)
{
    drop(s);
    set(s, SETTING_ROLE_NAME, "census");
    set(s, id, value);
    assert_int_equal(make(s, false), -1);
    assert_int_equal(s->e.kind, ERROR_CONFIG);
    if (!strstr(s->e.text, part))
        fail_msg("'%s' is not in '%s'", part, s->e.text);
}

static void accepted(struct scene *s, enum setting_id id, const char *value)
{
    drop(s);
    set(s, SETTING_ROLE_NAME, "census");
    set(s, id, value);
    made(s);
}

static void write_accounts(const struct scene *s, const char *text, size_t len)
{
    int fd = open(s->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), len);
    close(fd);
}

/* "111111111111 222222222222 " */
static const char *joined(const struct view *items, size_t count)
{
    static char text[512];
    size_t len = 0;
    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%.*s ", VIEW_ARG(items[i]));
    return text;
}

static const char *accounts(const struct scene *s)
{
    return joined(s->config.scope.accounts, s->config.scope.account_count);
}

/* ---- defaults ---- */

static void test_defaults(void **state)
{
    struct scene *s = *state;
    set(s, SETTING_ROLE_NAME, "census");
    made(s);
    const struct config *c = &s->config;
    assert_null(c->scope.accounts);
    assert_int_equal(c->scope.account_count, 0);
    assert_int_equal(c->scope.unit_count, 0);
    assert_int_equal(c->scope.excluded_count, 0);
    assert_null(c->organization_id.ptr);
    assert_true(view_is(c->role, "census"));
    assert_false(secret_present(&c->external_id));
    assert_null(c->destination.bucket);
    assert_string_equal(c->destination.prefix, "");
    assert_null(c->destination.output);
    assert_string_equal(c->format->name, "csv");
    assert_int_equal(c->columns, COLUMNS_STANDARD);
    assert_false(c->csv_raw);
    assert_true(c->session_policy);
    assert_int_equal(c->strategy, STRATEGY_AUTO);
    assert_int_equal(c->max_connections, 64);
    assert_int_equal(c->max_report_age_s, 5 * 3600);
}

/* ---- accounts ---- */

static void test_account_lists(void **state)
{
    struct scene *s = *state;
    accepted(s, SETTING_ACCOUNTS, "222222222222, 111111111111 ,,\t333333333333,");
    assert_string_equal(accounts(s), "111111111111 222222222222 333333333333 ");
    /* Twice is once. */
    accepted(s, SETTING_ACCOUNTS, "222222222222,111111111111,222222222222,222222222222");
    assert_string_equal(accounts(s), "111111111111 222222222222 ");
    accepted(s, SETTING_ACCOUNTS, "000000000000");
    assert_string_equal(accounts(s), "000000000000 ");
}

static void test_no_account_ids(void **state)
{
    struct scene *s = *state;
    static const char *const wrong[] = {
        "11111111111",    "1111111111111",
        "11111111111a",   "-11111111111",
        "+11111111111",   "1111-1111-11",
        "0x1111111111",   "\xd9\xa1\xd9\xa1\xd9\xa1\xd9\xa1\xd9\xa1\xd9\xa1",
        "11111111111\x0b"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        char part[96];
        snprintf(part, sizeof(part), ": '%.*s' is not an account id (12 digits)",
                 (int)strcspn(wrong[i], "\x0b"), wrong[i]);
        if (strchr(wrong[i], '\x0b'))
            snprintf(part, sizeof(part), "is not an account id (12 digits)");
        refused(s, SETTING_ACCOUNTS, wrong[i], part);
        refused(s, SETTING_EXCLUDE, wrong[i], part);
    }
    refused(s, SETTING_ACCOUNTS, "111111111111,banana,222222222222",
            "accounts: 'banana' is not an");
}

/* An empty list was meant to be some list: never 'everything'. */
static void test_empty_lists(void **state)
{
    struct scene *s = *state;
    static const char *const empty[] = {"", " ", ",", " , ,", "# all of them"};
    for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
        refused(s, SETTING_ACCOUNTS, empty[i], "lists no account");
        refused(s, SETTING_UNITS, empty[i], "lists no organizational unit");
        accepted(s, SETTING_EXCLUDE, empty[i]);
        assert_int_equal(s->config.scope.excluded_count, 0);
    }
}

static void test_file(void **state)
{
    struct scene *s = *state;
    static const char text[] = "# production\r\n"
                               "222222222222 # the shop\r\n"
                               "\r\n"
                               "   111111111111,333333333333#both\n"
                               "#444444444444\n"
                               "222222222222";
    char value[160];
    snprintf(value, sizeof(value), "@%s", s->path);
    write_accounts(s, text, sizeof(text) - 1);
    accepted(s, SETTING_ACCOUNTS, value);
    assert_string_equal(accounts(s), "111111111111 222222222222 333333333333 ");
    accepted(s, SETTING_EXCLUDE, value);
    assert_int_equal(s->config.scope.excluded_count, 4);
    /* Beside ids, and twice. */
    snprintf(value, sizeof(value), "555555555555,@%s,@%s", s->path, s->path);
    accepted(s, SETTING_ACCOUNTS, value);
    assert_string_equal(accounts(s), "111111111111 222222222222 333333333333 555555555555 ");
}

static void test_bad_files(void **state)
{
    struct scene *s = *state;
    char value[160];
    snprintf(value, sizeof(value), "@%s", s->path);
    refused(s, SETTING_ACCOUNTS, value, "--accounts: can't read '/tmp/test_config.");
    assert_non_null(strstr(s->e.text, "No such file or directory"));
    write_accounts(s, "", 0);
    refused(s, SETTING_ACCOUNTS, value, "lists no account");
    write_accounts(s, "111111111111\n1234\n", 18);
    refused(s, SETTING_ACCOUNTS, value, ":2: '1234' is not an account id");
    write_accounts(s, "111111111111\0\n", 14);
    refused(s, SETTING_ACCOUNTS, value, "holds a NUL byte");
    /* A file names no other file. */
    write_accounts(s, "@/etc/passwd\n", 13);
    refused(s, SETTING_ACCOUNTS, value, "'@/etc/passwd' is not an account id");
    refused(s, SETTING_ACCOUNTS, "@", "can't read ''");
    snprintf(value, sizeof(value), "@%s", s->folder);
    refused(s, SETTING_ACCOUNTS, value, "Is a directory");
}

static void test_file_too_large(void **state)
{
    struct scene *s = *state;
    char value[160];
    const size_t len = (size_t)17 * 1024 * 1024;
    char *text = xmalloc(len);
    memset(text, ' ', len);
    write_accounts(s, text, len);
    free(text);
    snprintf(value, sizeof(value), "@%s", s->path);
    refused(s, SETTING_ACCOUNTS, value, "File too large");
}

static void test_stdin(void **state)
{
    struct scene *s = *state;
    int ends[2];
    int before = dup(STDIN_FILENO);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "222222222222\n111111111111\n", 26), 26);
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    accepted(s, SETTING_ACCOUNTS, "-");
    assert_string_equal(accounts(s), "111111111111 222222222222 ");
    dup2(before, STDIN_FILENO);
    close(before);
}

/* Only who types a command may name a file of this machine. */
static void test_files_on_the_command_line_only(void **state)
{
    struct scene *s = *state;
    static const char *const lists[] = {"@/etc/hostname", "-"};
    for (size_t i = 0; i < 2; i++) {
        drop(s);
        set(s, SETTING_ROLE_NAME, "census");
        json_t *event = json_pack("{s:[s]}", "child_account_ids", lists[i]);
        assert_int_equal(settings_from_event(&s->settings, event, &s->e), 0);
        json_decref(event);
        assert_int_equal(make(s, false), -1);
        assert_non_null(strstr(s->e.text, "is allowed on the command line only"));
        drop(s);
        set(s, SETTING_ROLE_NAME, "census");
        setenv("EXCLUDE_ACCOUNT_IDS", lists[i], 1);
        settings_from_environment(&s->settings);
        unsetenv("EXCLUDE_ACCOUNT_IDS");
        assert_int_equal(make(s, false), -1);
        assert_non_null(strstr(s->e.text, "is allowed on the command line only"));
    }
}

static void test_units(void **state)
{
    struct scene *s = *state;
    accepted(s, SETTING_UNITS, "ou-ab12-cdefghij,r-ab12");
    assert_string_equal(joined(s->config.scope.units, s->config.scope.unit_count),
                        "ou-ab12-cdefghij r-ab12 ");
    refused(s, SETTING_UNITS, "111111111111",
            "'111111111111' is not the id of an organizational unit");
    refused(s, SETTING_UNITS, "ou-a,root", "'root' is not the id");
}

static void test_too_many_units(void **state)
{
    struct scene *s = *state;
    struct buffer list;
    buffer_init(&list, (size_t)1024 * 1024);
    for (int i = 0; i < 2000; i++)
        buffer_addf(&list, "ou-ab12-%08d,", i);
    accepted(s, SETTING_UNITS, buffer_text(&list));
    assert_int_equal(s->config.scope.unit_count, 2000);
    buffer_add_text(&list, "ou-ab12-x");
    refused(s, SETTING_UNITS, buffer_text(&list), "more than 2000 organizational units");
    buffer_release(&list);
}

static void test_too_many_accounts(void **state)
{
    struct scene *s = *state;
    struct buffer list;
    buffer_init(&list, (size_t)4 * 1024 * 1024);
    for (int i = 0; i < 100000; i++)
        buffer_addf(&list, "%012d,", i);
    accepted(s, SETTING_ACCOUNTS, buffer_text(&list));
    assert_int_equal(s->config.scope.account_count, 100000);
    buffer_add_text(&list, "999999999999");
    refused(s, SETTING_ACCOUNTS, buffer_text(&list), "more than 100000 items");
    buffer_release(&list);
}

/* ---- role ---- */

static void test_roles(void **state)
{
    struct scene *s = *state;
    accepted(s, SETTING_FORMAT, "csv");
    set(s, SETTING_ROLE_NAME, "/team/audit/Census_+=,.@-1");
    made(s);
    assert_true(view_is(s->config.role, "team/audit/Census_+=,.@-1"));
    static const char *const wrong[] = {
        "a b",   "a\tb",     "caf\xc3\xa9", "a/",     "/",    "a:b",      "a\"b",
        "a'b",   "a\nb",     "a*",          "a\\b",   "a%2f", "//census", "///",
        "a b/c", "pa\tth/c", "p*th/c",      "${x}/c", "a?/c", "\x7f/c",   "caf\xc3\xa9/c"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        refused(s, SETTING_ROLE_NAME, wrong[i], "a role's name has 1 to 64 letters");
    refused(s, SETTING_ROLE_NAME, "arn:aws:iam::111111111111:role/census",
            "give the role's name, not its ARN");
    /* IAM's own rule lets a path have such parts. */
    accepted(s, SETTING_ROLE_NAME, "/!team#1//x/census");
    assert_true(view_is(s->config.role, "!team#1//x/census"));
}

/* Quotas of IAM: 64 of a name, 512 of a path with both its slashes. */
static void test_long_roles(void **state)
{
    struct scene *s = *state;
    char role[600];
    memset(role, 'r', sizeof(role));
    role[64] = '\0';
    accepted(s, SETTING_ROLE_NAME, role);
    role[64] = 'r';
    role[65] = '\0';
    refused(s, SETTING_ROLE_NAME, role, "a role's name has 1 to 64 letters");
    role[65] = 'r';
    role[510] = '/'; /* and the one that it begins with */
    role[511] = 'r';
    role[512] = '\0';
    accepted(s, SETTING_ROLE_NAME, role);
    memmove(role + 1, role, 513);
    refused(s, SETTING_ROLE_NAME, role, "a path of at most 512 characters");
    role[0] = '/'; /* the same path as before */
    accepted(s, SETTING_ROLE_NAME, role);
}

static void test_no_role(void **state)
{
    struct scene *s = *state;
    assert_int_equal(make(s, false), -1);
    assert_string_equal(s->e.text, "no role to assume: give --role-name, the event's 'role_name' "
                                   "or ROLE_NAME");
    set(s, SETTING_ROLE_NAME, "");
    assert_int_equal(make(s, false), -1);
    assert_int_equal(s->e.kind, ERROR_CONFIG);
}

static void test_external_id(void **state)
{
    struct scene *s = *state;
    accepted(s, SETTING_EXTERNAL_ID, "hush");
    assert_true(view_is(secret_reveal(&s->config.external_id), "hush"));
    config_release(&s->config);
    assert_false(secret_present(&s->config.external_id));
    s->made = false;
}

/* STS would repeat it in its complaint; so do we not. */
static void test_wrong_external_ids(void **state)
{
    static const char *const wrong[] = {"hush hush", "h",     "hush\n", "h\xC3\xBCsh",
                                        "hush\\",    "hush#", "hush*"};
    struct scene *s = *state;
    char text[1226];
    accepted(s, SETTING_EXTERNAL_ID, "hU9_+=,.@:/-");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        refused(s, SETTING_EXTERNAL_ID, wrong[i], "--external-id is not a valid external id");
        assert_null(strstr(s->e.text, "hush"));
    }
    memset(text, 'x', 1225);
    text[1225] = '\0';
    refused(s, SETTING_EXTERNAL_ID, text, "2 to 1224 letters, digits");
    text[1224] = '\0';
    accepted(s, SETTING_EXTERNAL_ID, text);
}

/* ---- output ---- */

static void test_organization_ids(void **state)
{
    struct scene *s = *state;
    accepted(s, SETTING_ORGANIZATION_ID, "o-exampleorgid");
    assert_true(view_is(s->config.organization_id, "o-exampleorgid"));
    accepted(s, SETTING_ORGANIZATION_ID, "o-0123456789");
    accepted(s, SETTING_ORGANIZATION_ID, "o-0123456789abcdefghijklmnopqrstuv");
    static const char *const wrong[] = {
        "",
        "123",
        "o-",
        "o-012345678",                         /* nine */
        "o-0123456789abcdefghijklmnopqrstuvw", /* thirty-three */
        "o-0123456789A",
        "o-0123456789/b",
        "../../../x/o-1",
        "O-0123456789",
        "o_0123456789",
        " o-0123456789",
        "o-0123456789\n",
        "r-0123456789",
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        refused(s, SETTING_ORGANIZATION_ID, wrong[i], "not an organization id ('o-'");
}

/* What a format and its columns need decides what is asked for. */
static void test_wanted(void **state)
{
    struct scene *s = *state;
    const fact_set first_edition = FACT_BIT(FACT_ACCOUNT_NAME + 1) - 1;
    const fact_set ssh_keys = FACT_BIT(FACT_SSH_KEYS);
    const fact_set extra = FACT_BIT(FACT_MFA_DEVICES) | FACT_BIT(FACT_BOUNDARY) |
                           FACT_BIT(FACT_POLICIES) | FACT_BIT(FACT_PASSWORD_CHANGED) |
                           FACT_BIT(FACT_ACCOUNT_NAME);
    accepted(s, SETTING_COLUMNS, "standard");
    assert_int_equal(s->config.wanted, first_edition & ~extra);
    accepted(s, SETTING_COLUMNS, "extended");
    assert_int_equal(s->config.wanted, first_edition);
    accepted(s, SETTING_FORMAT, "jsonl");
    assert_int_equal(s->config.wanted, first_edition);
    accepted(s, SETTING_COLUMNS, "full");
    const fact_set full = s->config.wanted;
    assert_int_equal(full & (FACT_BIT(FACT_ADMIN) | FACT_BIT(FACT_OU) | ssh_keys),
                     FACT_BIT(FACT_ADMIN) | FACT_BIT(FACT_OU));
    accepted(s, SETTING_ACCOUNTS_FILE, "accounts.csv");
    assert_int_equal(s->config.wanted, (first_edition & ~extra) | account_fields_wanted());
    /* SSH keys are read only where a column shows them. */
    accepted(s, SETTING_SSH_KEYS, NULL);
    assert_int_equal(s->config.wanted, first_edition & ~extra);
    settings_release(&s->settings);
    set(s, SETTING_ROLE_NAME, "census");
    set(s, SETTING_COLUMNS, "full");
    set(s, SETTING_SSH_KEYS, NULL);
    made(s);
    assert_int_equal(s->config.wanted, full | ssh_keys);
}

static void test_strategies(void **state)
{
    struct scene *s = *state;
    accepted(s, SETTING_STRATEGY, "bulk");
    assert_int_equal(s->config.strategy, STRATEGY_BULK);
    accepted(s, SETTING_STRATEGY, "per-user");
    assert_int_equal(s->config.strategy, STRATEGY_PER_USER);
    accepted(s, SETTING_NO_SESSION_POLICY, NULL);
    assert_false(s->config.session_policy);
    accepted(s, SETTING_CSV_RAW, NULL);
    assert_true(s->config.csv_raw);
    accepted(s, SETTING_MAX_CONNECTIONS, "7");
    assert_int_equal(s->config.max_connections, 7);
    accepted(s, SETTING_MAX_REPORT_AGE, "90");
    assert_int_equal(s->config.max_report_age_s, 5400);
    accepted(s, SETTING_MAX_REPORT_AGE, "0");
    assert_int_equal(s->config.max_report_age_s, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_defaults),
        TEST(test_account_lists),
        TEST(test_no_account_ids),
        TEST(test_empty_lists),
        TEST(test_file),
        TEST(test_bad_files),
        TEST(test_file_too_large),
        TEST(test_stdin),
        TEST(test_files_on_the_command_line_only),
        TEST(test_units),
        TEST(test_too_many_units),
        TEST(test_too_many_accounts),
        TEST(test_roles),
        TEST(test_long_roles),
        TEST(test_no_role),
        TEST(test_external_id),
        TEST(test_wrong_external_ids),
        TEST(test_organization_ids),
        TEST(test_wanted),
        TEST(test_strategies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
