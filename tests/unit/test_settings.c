/* SPDX-License-Identifier: MIT */
/* Settings: the table, where a value comes from, and which values are allowed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/collect_command.h"
#include "app/settings.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

struct scene {
    struct settings settings;
    struct error e;
};

static void clear_environment(void)
{
    for (size_t id = 0; id < SETTING_COUNT; id++)
        if (settings_table[id].variable)
            unsetenv(settings_table[id].variable);
}

static int scene_begin(void **state)
{
    static struct scene s;
    s = (struct scene){0};
    clear_environment();
    *state = &s;
    return 0;
}

static int scene_end(void **state)
{
    settings_release(&((struct scene *)*state)->settings);
    clear_environment();
    return 0;
}

static int from_event(struct scene *s, const char *text)
{
    json_error_t where;
    error_clear(&s->e);
    json_t *event = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, &where);
    if (!event)
        fail_msg("%s: %s", text, where.text);
    int result = settings_from_event(&s->settings, event, &s->e);
    json_decref(event);
    return result == 0 ? settings_check(&s->settings, &s->e) : result;
}

/* Sets a flag over what is there, and checks what counts then. */
static int from_flag(struct scene *s, enum setting_id id, const char *value)
{
    error_clear(&s->e);
    int result = settings_from_flag(&s->settings, id, value, &s->e);
    return result == 0 ? settings_check(&s->settings, &s->e) : result;
}

static int from_environment(struct scene *s)
{
    error_clear(&s->e);
    settings_from_environment(&s->settings);
    return settings_check(&s->settings, &s->e);
}

static void assert_refused(const struct scene *s, int result, const char *part)
{
    assert_int_equal(result, -1);
    assert_int_equal(s->e.kind, ERROR_CONFIG);
    if (!strstr(s->e.text, part))
        fail_msg("'%s' is not in '%s'", part, s->e.text);
}

/* ---- the table ---- */

/* Every setting of the contract, by its three names. */
static void test_table(void **state)
{
    static const struct {
        enum setting_id id;
        const char *flag, *event, *variable, *fallback;
    } rows[] = {
        {SETTING_ACCOUNTS, "accounts", "child_account_ids", "CHILD_ACCOUNT_IDS", NULL},
        {SETTING_UNITS, "ou", "organizational_unit_ids", "ORGANIZATIONAL_UNIT_IDS", NULL},
        {SETTING_EXCLUDE, "exclude", "exclude_account_ids", "EXCLUDE_ACCOUNT_IDS", NULL},
        {SETTING_ORGANIZATION_ID, "organization-id", "organization_id", "ORGANIZATION_ID", NULL},
        {SETTING_ROLE_NAME, "role-name", "role_name", "ROLE_NAME", NULL},
        {SETTING_EXTERNAL_ID, "external-id", "external_id", "EXTERNAL_ID", NULL},
        {SETTING_S3_BUCKET, "s3-bucket", "s3_bucket_name", "S3_BUCKET_NAME", NULL},
        {SETTING_S3_PREFIX, "s3-prefix", "s3_prefix", "S3_PREFIX", ""},
        {SETTING_SSE, "sse", "sse", "SSE", NULL},
        {SETTING_SSE_KMS_KEY_ID, "sse-kms-key-id", "sse_kms_key_id", "SSE_KMS_KEY_ID", NULL},
        {SETTING_EXPECTED_BUCKET_OWNER, "expected-bucket-owner", "expected_bucket_owner",
         "EXPECTED_BUCKET_OWNER", NULL},
        {SETTING_OUTPUT, "output", NULL, NULL, NULL},
        {SETTING_FORMAT, "format", "format", "OUTPUT_FORMAT", "csv"},
        {SETTING_COLUMNS, "columns", "columns", "OUTPUT_COLUMNS", "standard"},
        {SETTING_STRATEGY, "strategy", "strategy", "STRATEGY", "auto"},
        {SETTING_MAX_CONNECTIONS, "max-connections", "max_connections", "MAX_CONNECTIONS", "64"},
        {SETTING_MAX_REPORT_AGE, "max-report-age", "max_report_age", "MAX_REPORT_AGE", "300"},
        {SETTING_JSON, "json", NULL, NULL, NULL},
        {SETTING_LOG_LEVEL, "log-level", NULL, "LOG_LEVEL", NULL},
        {SETTING_LOG_FORMAT, "log-format", NULL, "LOG_FORMAT", NULL},
    };
    const struct scene *s = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct setting *row = &settings_table[rows[i].id];
        const char *const pairs[][2] = {
            {row->flag, rows[i].flag},
            {row->event, rows[i].event},
            {row->variable, rows[i].variable},
            {settings_text(&s->settings, rows[i].id), rows[i].fallback}};
        for (size_t k = 0; k < 4; k++)
            if (pairs[k][0] || pairs[k][1]) {
                assert_non_null(pairs[k][0]);
                assert_non_null(pairs[k][1]);
                assert_string_equal(pairs[k][0], pairs[k][1]);
            }
    }
}

static void test_table_is_whole(void **state)
{
    (void)state;
    for (size_t id = 0; id < SETTING_COUNT; id++) {
        const struct setting *row = &settings_table[id];
        assert_non_null(row->flag);
        assert_non_null(row->help);
        assert_true((row->kind == KIND_CHOICE) == (row->choices != NULL));
        assert_true((row->kind == KIND_SWITCH) == (row->value_name == NULL));
        assert_true(row->kind != KIND_NUMBER || row->least < row->most);
        for (size_t other = 0; other < id; other++)
            assert_string_not_equal(row->flag, settings_table[other].flag);
    }
}

/* ---- precedence ---- */

static void test_precedence(void **state)
{
    struct scene *s = *state;
    assert_string_equal(settings_text(&s->settings, SETTING_FORMAT), "csv");
    assert_string_equal(settings_origin(&s->settings, SETTING_FORMAT), "format");
    setenv("OUTPUT_FORMAT", "jsonl", 1);
    assert_int_equal(from_environment(s), 0);
    assert_string_equal(settings_text(&s->settings, SETTING_FORMAT), "jsonl");
    assert_string_equal(settings_origin(&s->settings, SETTING_FORMAT), "OUTPUT_FORMAT");
    assert_int_equal(from_event(s, "{\"format\":\"csv\"}"), 0);
    assert_string_equal(settings_text(&s->settings, SETTING_FORMAT), "csv");
    assert_int_equal(from_flag(s, SETTING_FORMAT, "jsonl"), 0);
    assert_string_equal(settings_text(&s->settings, SETTING_FORMAT), "jsonl");
}

static void test_empty_variable_is_none(void **state)
{
    struct scene *s = *state;
    setenv("ROLE_NAME", "", 1);
    setenv("STRATEGY", "", 1);
    setenv("MAX_CONNECTIONS", "", 1);
    assert_int_equal(from_environment(s), 0);
    assert_null(settings_text(&s->settings, SETTING_ROLE_NAME));
    assert_string_equal(settings_text(&s->settings, SETTING_STRATEGY), "auto");
    assert_int_equal(settings_number(&s->settings, SETTING_MAX_CONNECTIONS), 64);
}

static void test_wrong_variable(void **state)
{
    struct scene *s = *state;
    setenv("STRATEGY", "bulky", 1);
    assert_refused(s, from_environment(s), "STRATEGY is 'bulky': allowed are auto, bulk, per-user");
}

/* ---- values ---- */

static void test_choices(void **state)
{
    struct scene *s = *state;
    static const char *const wrong[] = {"",     "cs",    "csvx",      "CSVX",      " csv",
                                        "csv ", "sqlit", "csv jsonl", "csv,jsonl", "xml"};
    static const char *const right[] = {"csv", "jsonl", "sqlite"};
    for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        assert_int_equal(from_flag(s, SETTING_FORMAT, right[i]), 0);
        assert_string_equal(settings_text(&s->settings, SETTING_FORMAT), right[i]);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        char part[64];
        snprintf(part, sizeof(part), "--format is '%s': allowed are csv, jsonl", wrong[i]);
        assert_refused(s, from_flag(s, SETTING_FORMAT, wrong[i]), part);
    }
}

static void test_several_choices(void **state)
{
    struct scene *s = *state;
    assert_refused(s, from_flag(s, SETTING_FORMAT, "csv,jsonl"),
                   "--format is 'csv,jsonl': allowed are csv, jsonl, sqlite; give one of them");
}

/* In any case, and in the words of Lambda and others: what the table has is what counts then. */
static void test_choices_are_spelled_alike(void **state)
{
    static const struct {
        enum setting_id id;
        const char *given, *means;
    } rows[] = {
        {SETTING_FORMAT, "CSV", "csv"},
        {SETTING_FORMAT, "JsonL", "jsonl"},
        {SETTING_COLUMNS, "Extended", "extended"},
        {SETTING_STRATEGY, "BULK", "bulk"},
        {SETTING_STRATEGY, "Per-User", "per-user"},
        {SETTING_LOG_FORMAT, "JSON", "json"},
        {SETTING_LOG_FORMAT, "Text", "text"},
        {SETTING_LOG_LEVEL, "INFO", "info"},
        {SETTING_LOG_LEVEL, "Debug", "debug"},
        {SETTING_LOG_LEVEL, "WARNING", "warn"},
        {SETTING_LOG_LEVEL, "warning", "warn"},
        {SETTING_LOG_LEVEL, "TRACE", "debug"},
        {SETTING_LOG_LEVEL, "FATAL", "error"},
        {SETTING_LOG_LEVEL, "Critical", "error"},
    };
    struct scene *s = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(from_flag(s, rows[i].id, rows[i].given), 0);
        assert_string_equal(settings_text(&s->settings, rows[i].id), rows[i].means);
    }
    assert_refused(s, from_flag(s, SETTING_STRATEGY, "warning"), "--strategy is 'warning'");
}

/* Only what counts is checked. */
static void test_overridden_values(void **state)
{
    struct scene *s = *state;
    setenv("STRATEGY", "bulky", 1);
    setenv("MAX_CONNECTIONS", "abc", 1);
    setenv("OUTPUT_FORMAT", "xml", 1);
    setenv("LOG_LEVEL", "loud", 1);
    assert_refused(s, from_environment(s), "is '");
    /* A number that is not allowed is not used meanwhile. */
    assert_int_equal(settings_number(&s->settings, SETTING_MAX_CONNECTIONS), 64);
    assert_refused(s, from_flag(s, SETTING_LOG_LEVEL, "debug"), "is '");
    assert_refused(s, from_event(s, "{\"strategy\":\"bulk\"}"), "OUTPUT_FORMAT is 'xml'");
    assert_refused(s, from_event(s, "{\"format\":\"jsonl\"}"), "MAX_CONNECTIONS is 'abc'");
    assert_int_equal(from_event(s, "{\"max_connections\":7}"), 0);
    assert_int_equal(settings_number(&s->settings, SETTING_MAX_CONNECTIONS), 7);
    /* Of a flag that stands twice the last one. */
    assert_refused(s, from_flag(s, SETTING_COLUMNS, "all"), "--columns is 'all'");
    assert_int_equal(from_flag(s, SETTING_COLUMNS, "extended"), 0);
}

/* What Lambda's own logging controls say goes behind our variable. */
static void test_level_of_lambda(void **state)
{
    struct scene *s = *state;
    setenv("AWS_LAMBDA_LOG_LEVEL", "TRACE", 1);
    setenv("AWS_LAMBDA_LOG_FORMAT", "Text", 1);
    assert_int_equal(from_environment(s), 0);
    assert_string_equal(settings_text(&s->settings, SETTING_LOG_LEVEL), "debug");
    assert_null(settings_text(&s->settings, SETTING_LOG_FORMAT));
    setenv("LOG_LEVEL", "Warn", 1);
    assert_int_equal(from_environment(s), 0);
    assert_string_equal(settings_text(&s->settings, SETTING_LOG_LEVEL), "warn");
    unsetenv("AWS_LAMBDA_LOG_LEVEL");
    unsetenv("AWS_LAMBDA_LOG_FORMAT");
}

static void test_numbers(void **state)
{
    struct scene *s = *state;
    static const char *const wrong[] = {
        "", "0", "-1", "1025", "x", "1x", "1.5", "0x9", "1e2", "99999999999999999999", "12 13"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_refused(s, from_flag(s, SETTING_MAX_CONNECTIONS, wrong[i]),
                       "--max-connections is '");
    assert_non_null(strstr(s->e.text, "it must be a whole number from 1 to 1024"));
    assert_int_equal(from_flag(s, SETTING_MAX_CONNECTIONS, "1"), 0);
    assert_int_equal(settings_number(&s->settings, SETTING_MAX_CONNECTIONS), 1);
    assert_int_equal(from_flag(s, SETTING_MAX_CONNECTIONS, "1024"), 0);
    assert_int_equal(settings_number(&s->settings, SETTING_MAX_CONNECTIONS), 1024);
    assert_refused(s, from_flag(s, SETTING_MAX_REPORT_AGE, "4h"),
                   "--max-report-age is '4h': it must be a whole number of minutes from 0 to ");
    assert_int_equal(from_flag(s, SETTING_MAX_REPORT_AGE, "240"), 0);
    assert_refused(s, from_flag(s, SETTING_READ_TIMEOUT, "30s"),
                   "--read-timeout is '30s': it must be a whole number of seconds from 1 to 600");
    assert_int_equal(from_flag(s, SETTING_READ_TIMEOUT, "30"), 0);
}

static void test_switch(void **state)
{
    struct scene *s = *state;
    assert_false(settings_switch(&s->settings, SETTING_JSON));
    assert_int_equal(from_flag(s, SETTING_JSON, NULL), 0);
    assert_true(settings_switch(&s->settings, SETTING_JSON));
}

/* A switch that is a field and a variable, too, can be turned off by what counts more. */
static void test_switch_of_an_event(void **state)
{
    struct scene *s = *state;
    setenv("SSH_KEYS", "TRUE", 1);
    assert_int_equal(from_environment(s), 0);
    assert_true(settings_switch(&s->settings, SETTING_SSH_KEYS));
    assert_int_equal(from_event(s, "{\"ssh_keys\":false}"), 0);
    assert_false(settings_switch(&s->settings, SETTING_SSH_KEYS));
    assert_int_equal(from_event(s, "{\"ssh_keys\":true,\"accounts_file\":true}"), 0);
    assert_true(settings_switch(&s->settings, SETTING_SSH_KEYS));
    assert_string_equal(settings_text(&s->settings, SETTING_ACCOUNTS_FILE), "true");
    setenv("SSH_KEYS", "yes", 1);
    settings_release(&s->settings);
    assert_refused(s, from_environment(s), "SSH_KEYS is 'yes': allowed are true, false");
    unsetenv("SSH_KEYS");
}

/* A list's flag may stand several times; then it stands over what came from elsewhere. */
static void test_lists_add_up(void **state)
{
    struct scene *s = *state;
    setenv("CHILD_ACCOUNT_IDS", "999999999999", 1);
    assert_int_equal(from_environment(s), 0);
    assert_int_equal(from_flag(s, SETTING_ACCOUNTS, "111111111111,222222222222"), 0);
    assert_int_equal(from_flag(s, SETTING_ACCOUNTS, "333333333333"), 0);
    assert_string_equal(settings_text(&s->settings, SETTING_ACCOUNTS),
                        "111111111111,222222222222\n333333333333");
    /* Other flags are replaced. */
    assert_int_equal(from_flag(s, SETTING_ROLE_NAME, "one"), 0);
    assert_int_equal(from_flag(s, SETTING_ROLE_NAME, "two"), 0);
    assert_string_equal(settings_text(&s->settings, SETTING_ROLE_NAME), "two");
}

/* ---- the event ---- */

static void test_event(void **state)
{
    struct scene *s = *state;
    assert_int_equal(
        from_event(s, "{\"child_account_ids\":[\"111111111111\",\"222222222222\"],"
                      "\"role_name\":\"census\",\"max_connections\":7,\"strategy\":\"per-user\","
                      "\"s3_prefix\":\"\",\"organization_id\":null,\"unheard_of\":{\"a\":[]},"
                      "\"output\":\"/etc/passwd\",\"json\":true}"),
        0);
    assert_string_equal(settings_text(&s->settings, SETTING_ACCOUNTS),
                        "111111111111\n222222222222");
    assert_string_equal(settings_origin(&s->settings, SETTING_ACCOUNTS),
                        "the event's 'child_account_ids'");
    assert_string_equal(settings_text(&s->settings, SETTING_ROLE_NAME), "census");
    assert_int_equal(settings_number(&s->settings, SETTING_MAX_CONNECTIONS), 7);
    assert_string_equal(settings_text(&s->settings, SETTING_STRATEGY), "per-user");
    assert_null(settings_text(&s->settings, SETTING_ORGANIZATION_ID));
    /* What the event has no field for can't be set by it. */
    assert_null(settings_text(&s->settings, SETTING_OUTPUT));
    assert_false(settings_switch(&s->settings, SETTING_JSON));
}

static void test_event_of_wrong_types(void **state)
{
    struct scene *s = *state;
    static const struct {
        const char *event, *part;
    } rows[] = {
        {"{\"child_account_ids\":\"111111111111\"}",
         "'child_account_ids' is of the wrong type: it must be an array of strings"},
        {"{\"child_account_ids\":[111111111111]}", "it must be an array of strings"},
        {"{\"child_account_ids\":[\"111111111111\",null]}", "it must be an array of strings"},
        {"{\"child_account_ids\":{}}", "it must be an array of strings"},
        {"{\"exclude_account_ids\":7}", "'exclude_account_ids' is of the wrong type"},
        {"{\"organizational_unit_ids\":true}", "'organizational_unit_ids' is of the wrong type"},
        {"{\"role_name\":7}", "'role_name' is of the wrong type: it must be a string"},
        {"{\"external_id\":[\"x\"]}", "'external_id' is of the wrong type: it must be a string"},
        {"{\"strategy\":1}", "'strategy' is of the wrong type: it must be a string"},
        {"{\"max_connections\":\"64\"}",
         "'max_connections' is of the wrong type: it must be a whole number"},
        {"{\"max_connections\":64.0}",
         "'max_connections' is of the wrong type: it must be a whole number"},
        {"{\"max_connections\":true}",
         "'max_connections' is of the wrong type: it must be a whole number"},
        {"{\"max_connections\":0}", "the event's 'max_connections' is '0': it must be a whole"},
        {"{\"strategy\":\"fast\"}",
         "the event's 'strategy' is 'fast': allowed are auto, bulk, per-user"},
        {"{\"strategy\":\"auto bulk\"}", "the event's 'strategy' is 'auto bulk'"},
        {"{\"format\":\"xml\"}", "the event's 'format' is 'xml': allowed are csv, jsonl"},
        {"{\"columns\":\"all\"}", "allowed are standard, extended, full"},
        {"{\"ssh_keys\":\"true\"}", "'ssh_keys' is of the wrong type: it must be true or false"},
        {"{\"accounts_file\":\"a.csv\"}",
         "'accounts_file' is of the wrong type: it must be true or false"},
        {"{\"role_name\":\"a\\u0000b\"}", "the event's 'role_name' holds a NUL"},
        {"[]", "the event is not a JSON object"},
        {"\"x\"", "the event is not a JSON object"},
        {"7", "the event is not a JSON object"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        settings_release(&s->settings);
        assert_refused(s, from_event(s, rows[i].event), rows[i].part);
    }
}

/* A list that came out empty never means 'everything'. */
static void test_event_of_empty_lists(void **state)
{
    struct scene *s = *state;
    assert_refused(s, from_event(s, "{\"child_account_ids\":[]}"),
                   "the event's 'child_account_ids' is an empty array");
    assert_refused(s, from_event(s, "{\"organizational_unit_ids\":[]}"),
                   "the event's 'organizational_unit_ids' is an empty array");
    assert_refused(s, from_event(s, "{\"child_account_ids\":[\"\"]}"),
                   "the event's 'child_account_ids' holds an empty string");
    assert_refused(s, from_event(s, "{\"organizational_unit_ids\":[\"\",\"\"]}"),
                   "holds an empty string");
    assert_refused(s, from_event(s, "{\"child_account_ids\":[\"111111111111\",\"\"]}"),
                   "holds an empty string");
    assert_int_equal(from_event(s, "{\"exclude_account_ids\":[]}"), 0);
    assert_null(settings_text(&s->settings, SETTING_EXCLUDE));
}

static void test_no_event(void **state)
{
    struct scene *s = *state;
    assert_int_equal(from_event(s, "null"), 0);
    assert_int_equal(from_event(s, "{}"), 0);
    for (size_t id = 0; id < SETTING_COUNT; id++)
        assert_null(s->settings.values[id]);
}

static void test_release_empties(void **state)
{
    struct scene *s = *state;
    assert_int_equal(from_event(s, "{\"external_id\":\"hush\"}"), 0);
    settings_release(&s->settings);
    for (size_t id = 0; id < SETTING_COUNT; id++) {
        assert_null(s->settings.values[id]);
        assert_null(s->settings.origins[id]);
    }
    settings_release(&s->settings);
}

/* ---- the command line ---- */

static enum flags_outcome read_options(struct scene *s, const char *const *words)
{
    char copies[8][64];
    char *argv[9] = {NULL};
    int argc = 0;
    for (; words[argc]; argc++) {
        snprintf(copies[argc], sizeof(copies[argc]), "%s", words[argc]);
        argv[argc] = copies[argc];
    }
    error_clear(&s->e);
    struct command_line line = {.settings = s->settings};
    enum flags_outcome outcome = command_read(&collect_command, argc, argv, &line, &s->e);
    s->settings = line.settings;
    return outcome;
}

#define OPTIONS(s, ...) read_options(s, (const char *const[]){"collect", __VA_ARGS__, NULL})

static void test_command_line(void **state)
{
    struct scene *s = *state;
    assert_int_equal(OPTIONS(s, "--role-name", "census", "--ou=ou-1", "--ou", "ou-2", "--json"),
                     FLAGS_READ);
    assert_string_equal(settings_text(&s->settings, SETTING_ROLE_NAME), "census");
    assert_string_equal(settings_text(&s->settings, SETTING_UNITS), "ou-1\nou-2");
    assert_true(settings_switch(&s->settings, SETTING_JSON));
    assert_int_equal(OPTIONS(s, "--account", "111111111111"), FLAGS_READ); /* not the file */
    assert_string_equal(settings_text(&s->settings, SETTING_ACCOUNTS), "111111111111");
    assert_int_equal(OPTIONS(s, "--help"), FLAGS_HELP);
    assert_int_equal(OPTIONS(s, "--version"), FLAGS_VERSION);
}

static void test_wrong_command_lines(void **state)
{
    struct scene *s = *state;
    static const struct {
        const char *words[4];
        const char *part;
    } rows[] = {
        {{"collect", "--rolename", "x"}, "unknown option '--rolename': did you mean '--role-name'"},
        {{"collect", "--frobnicate"},
         "unknown option '--frobnicate'; 'iam-census help --all collect' lists all"},
        {{"collect", "--debug"}, "unknown option '--debug': did you mean '--log-level debug'?"},
        {{"collect", "--account-ids", "x"}, "did you mean '--accounts'?"},
        {{"collect", "--role-name"}, "option '--role-name' needs a value"},
        {{"collect", "--json=yes"}, "option '--json' takes no value"},
        {{"collect", "stray"}, "'stray' is not an option"},
        {{"collect", "-x"}, "unknown option '-"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_refused(s, read_options(s, rows[i].words) == FLAGS_WRONG ? -1 : 0, rows[i].part);
}

static void test_help_names_every_flag(void **state)
{
    struct buffer help;
    (void)state;
    buffer_init(&help, 65536);
    command_write_help(&collect_command, COMMAND_HELP_ALL, &help);
    for (size_t id = 0; id < SETTING_COUNT; id++) {
        char flag[64];
        char letter[] = {'-', settings_table[id].letter, ',', ' ', '\0'};
        snprintf(flag, sizeof(flag), "\n  %s--%s ", letter[1] ? letter : "",
                 settings_table[id].flag);
        assert_non_null(strstr(buffer_text(&help), flag));
    }
    assert_false(help.overflowed);
    /* A terminal of 80 columns shows each line whole. */
    for (const char *line = buffer_text(&help); *line; line += strcspn(line, "\n") + 1)
        assert_in_range(strcspn(line, "\n"), 0, 80);
    buffer_release(&help);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)

/* What the help has to say of a flag's variable; NULL if its name or its own line says it. */
static const char *variable_line(const struct setting *setting, char text[96])
{
    char usual[64] = "";
    for (size_t i = 0; setting->flag[i]; i++)
        usual[i] = setting->flag[i] == '-' ? '_' : (char)toupper(setting->flag[i]);
    if (setting->variable)
        snprintf(text, 96, "%s for\n--%s", setting->variable, setting->flag);
    else
        snprintf(text, 96, "--%s", setting->flag);
    bool told = setting->variable ? strcmp(setting->variable, usual) == 0
                                  : strstr(setting->help, "[AWS_") || strstr(usual, "TIMEOUT");
    return told ? NULL : text;
}

/* "CHILD_ACCOUNT_IDS for --accounts": nobody guesses that. */
static void test_help_names_variables(void **state)
{
    struct buffer help;
    char text[96];
    (void)state;
    buffer_init(&help, 65536);
    command_write_help(&collect_command, COMMAND_HELP_ALL, &help);
    const char *part = strstr(buffer_text(&help), "\nEnvironment: ");
    assert_non_null(part);
    for (size_t id = 0; id < SETTING_COUNT; id++) {
        const char *line = variable_line(&settings_table[id], text);
        char *gap = line ? strchr(text, '\n') : NULL;
        bool found = !line || strstr(part, line);
        if (gap)
            *gap = ' ';
        if (!found && !strstr(part, line))
            fail_msg("the help does not say '%s'", line);
    }
    buffer_release(&help);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_table),
        TEST(test_table_is_whole),
        TEST(test_precedence),
        TEST(test_empty_variable_is_none),
        TEST(test_wrong_variable),
        TEST(test_choices),
        TEST(test_several_choices),
        TEST(test_choices_are_spelled_alike),
        TEST(test_overridden_values),
        TEST(test_level_of_lambda),
        TEST(test_numbers),
        TEST(test_switch),
        TEST(test_switch_of_an_event),
        TEST(test_lists_add_up),
        TEST(test_event),
        TEST(test_event_of_wrong_types),
        TEST(test_event_of_empty_lists),
        TEST(test_no_event),
        TEST(test_release_empties),
        TEST(test_command_line),
        TEST(test_wrong_command_lines),
        TEST(test_help_names_every_flag),
        TEST(test_help_names_variables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
