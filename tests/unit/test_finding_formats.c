/* SPDX-License-Identifier: MIT */
/* Exact lines of each format of findings, with names that were made to break them. */
#include "rules_scene.h"

#include "base/version.h"
#include "output/finding_format.h"
#include "output/finding_table.h"

static const struct finding_run run = {.run_id = "r1", .started_s = STARTED_S};

struct writing {
    struct rules_scene s;
    const struct finding_format *format;
    struct finding_table table;
};

static void writing_take(void *arg, const struct finding *f)
{
    struct writing *w = arg;
    if (w->format)
        w->format->finding(&run, f, &w->s.seen);
    else
        finding_table_add(&w->table, f);
}

static void writing_begin(struct writing *w)
{
    scene_begin(&w->s);
    w->s.options.include_pass = false;
    w->s.account.name = VIEW_LITERAL("Core \"A\", =x");
    w->s.account.ou = VIEW_LITERAL("o-1/r-1/ou-1/");
    add_key(&w->s, "AKIA1", "Active", D(100) + 60, D(1));
    finding_table_init(&w->table);
}

static void writing_end(struct writing *w)
{
    finding_table_release(&w->table);
    scene_end(&w->s);
}

/* The lines of these rules in a format. */
static const char *lines(struct writing *w, const char *format, const char *rules)
{
    struct error e;
    w->format = finding_format_find(view_of(format));
    assert_non_null(w->format);
    assert_int_equal(check_options_rules(&w->s.options, view_of(rules), "--rules", &e), 0);
    buffer_clear(&w->s.seen);
    checker_init(&w->s.checker, &w->s.options);
    if (w->format->begin)
        w->format->begin(&w->s.seen);
    checker_account(&w->s.checker, &w->s.account, writing_take, w);
    checker_release(&w->s.checker);
    return buffer_text(&w->s.seen);
}

#define KEY_ID "\"finding_id\":\"2be70affa855c9485ad07057f96e5dcb\""

static void test_jsonl(void **state)
{
    (void)state;
    struct writing w;
    writing_begin(&w);
    const char *text = lines(&w, "jsonl", "user-key-age");
    assert_string_equal(
        strchr(text, ',') + 1,
        "\"rule\":\"user-key-age\",\"status\":\"fail\",\"severity\":\"medium\","
        "\"account_id\":\"111111111111\",\"account_name\":\"Core \\\"A\\\", =x\","
        "\"account_ou\":\"o-1/r-1/ou-1/\",\"user_name\":\"jane\","
        "\"user_arn\":\"arn:aws:iam::111111111111:user/jane\",\"kind\":\"machine\","
        "\"resource_type\":\"access_key\",\"resource_id\":\"AKIA1\","
        "\"reason\":\"the key is 100 days old; the limit is 90\",\"limit\":90,\"value\":100,"
        "\"since\":\"2024-05-23\",\"because\":[],\"suppression\":null,\"frameworks\":{"
        "\"cis-1.4\":\"1.14\",\"cis-1.5\":\"1.14\",\"cis-2.0\":\"1.14\",\"cis-3.0\":\"1.14\","
        "\"cis-4.0.1\":\"1.14\",\"cis-5.0\":\"1.13\",\"cis-6.0\":\"2.13\",\"cis-7.0\":\"2.12\","
        "\"aws-fsbp\":\"IAM.3\",\"pci-dss-4.0.1\":\"8.3.9, 8.6.3\","
        "\"nist-800-53-r5\":\"AC-2(1), AC-2(3), AC-3(15)\"},"
        "\"data_as_of\":\"2024-06-01T12:00:00Z\",\"run_id\":\"r1\"}\n");
    w.s.account.outcome = OUTCOME_FAILED;
    w.s.account.failed_stage = "AssumeRole";
    snprintf(w.s.account.failed.code, sizeof(w.s.account.failed.code), "AccessDenied");
    text = lines(&w, "jsonl", "root-certificate");
    assert_non_null(strstr(text, "\"status\":\"unknown\",\"severity\":\"critical\""));
    assert_non_null(
        strstr(text, "\"user_name\":null,\"user_arn\":null,\"kind\":null,"
                     "\"resource_type\":\"account\",\"resource_id\":\"111111111111\",\"reason\":"
                     "\"the account could not be read: AssumeRole, AccessDenied\",\"limit\":null,"
                     "\"value\":null,\"since\":null,\"because\":[],\"suppression\":null,"
                     "\"frameworks\":{},\"data_as_of\":null,\"run_id\":\"r1\"}\n"));
    writing_end(&w);
}

/* The SHA-256 of "user-key-age\n111111111111\nAKIA1", the same in every run. */
static void test_finding_id(void **state)
{
    (void)state;
    struct writing w;
    writing_begin(&w);
    const char *text = lines(&w, "jsonl", "user-key-age");
    print_message("%.60s\n", text);
    assert_non_null(strstr(text, KEY_ID));
    writing_end(&w);
}

static void test_csv(void **state)
{
    (void)state;
    struct writing w;
    struct error e;
    writing_begin(&w);
    w.s.user.name = VIEW_LITERAL("=cmd|x");
    w.s.account.name = VIEW_LITERAL("@sum,\n\"x\"");
    struct suppressions *s = suppressions_read(
        VIEW_LITERAL("rule,account,user,tag,expires,reason,ticket\n,,,,2030-01-31,\"a, b\",\n"),
        "f", &e);
    w.s.options.suppressions = s;
    const char *text = lines(&w, "csv", "user-boundary,user-key-at-setup");
    const char *row = strstr(text, "\r\n");
    assert_memory_equal(text,
                        "finding_id,rule,status,severity,account_id,account_name,account_ou,"
                        "user_name,user_arn,kind,resource_type,resource_id,reason,limit,value,"
                        "since,because,suppression,frameworks,data_as_of,run_id\r\n",
                        (size_t)(row + 2 - text));
    assert_string_equal(
        strchr(row + 2, ','),
        ",user-boundary,suppressed,low,111111111111,\"'@sum,\n\"\"x\"\"\",o-1/r-1/ou-1/,'=cmd|x,"
        "arn:aws:iam::111111111111:user/jane,machine,user,arn:aws:iam::111111111111:user/jane,"
        "the user has no permissions boundary,,,,[],"
        "\"{\"\"reason\"\":\"\"a, b\"\",\"\"expires\"\":\"\"2030-01-31\"\",\"\"ticket\"\":null}\","
        "{},2024-06-01T12:00:00Z,r1\r\n");
    suppressions_free(s);
    writing_end(&w);
}

static void test_ocsf(void **state)
{
    (void)state;
    struct writing w;
    writing_begin(&w);
    w.s.user.unknown = FACT_BIT(FACT_BOUNDARY);
    const char *text = lines(&w, "ocsf", "user-boundary");
    assert_non_null(strstr(
        text, "{\"class_uid\":2003,\"class_name\":\"Compliance Finding\",\"category_uid\":2,"
              "\"category_name\":\"Findings\",\"activity_id\":1,\"activity_name\":\"Create\","
              "\"type_uid\":200301,\"time\":1717243200000,\"severity_id\":2,\"severity\":\"Low\","
              "\"status_id\":1,\"status\":\"New\","
              "\"message\":\"not known: permissions_boundary\","));
    assert_non_null(strstr(text, "\"compliance\":{\"control\":\"user-boundary\",\"standards\":[],"
                                 "\"requirements\":[],\"status_id\":2,\"status\":\"Warning\","
                                 "\"status_details\":[\"permissions_boundary\"]}"));
    assert_non_null(strstr(text, "\"account\":{\"uid\":\"111111111111\","
                                 "\"name\":\"Core \\\"A\\\", =x\",\"type_id\":10}"));
    assert_non_null(strstr(text, "\"version\":\"" IAM_CENSUS_VERSION "\""));
    text = lines(&w, "ocsf", "user-key-age");
    assert_non_null(strstr(text, "\"status_id\":3,\"status\":\"Fail\"}"));
    assert_non_null(strstr(text, "\"first_seen_time\":1716465540000,"));
    assert_int_equal(text[strlen(text) - 1], '\n');
    writing_end(&w);
}

static void test_names(void **state)
{
    (void)state;
    assert_null(finding_format_find(VIEW_LITERAL("xml")));
    assert_string_equal(finding_jsonl.ending, ".findings.jsonl");
    assert_string_equal(finding_csv.ending, ".findings.csv");
    assert_string_equal(finding_ocsf.ending, ".findings.ocsf.jsonl");
    for (size_t i = 0; finding_format_names[i]; i++)
        assert_string_equal(finding_format_find(view_of(finding_format_names[i]))->name,
                            finding_format_names[i]);
}

/* What people see: by severity, the control beside the rule, escaped names. */
static void judge_into_table(struct writing *w, const char *rules, enum framework framework)
{
    struct error e;
    w->format = NULL;
    assert_int_equal(check_options_rules(&w->s.options, view_of(rules), "--rules", &e), 0);
    buffer_clear(&w->s.seen);
    checker_init(&w->s.checker, &w->s.options);
    checker_account(&w->s.checker, &w->s.account, writing_take, w);
    finding_table_write(&w->table, &w->s.checker, framework, &w->s.seen);
    checker_release(&w->s.checker);
}

static void test_table(void **state)
{
    (void)state;
    struct writing w;
    writing_begin(&w);
    w.s.account.name = VIEW_LITERAL("\x1b[2J");
    w.s.account.root.has_keys = true;
    w.s.account.unknown = FACT_BIT(FACT_ROOT_USED);
    judge_into_table(&w, "user-key-age,root-access-key,root-use,user-console-mfa", CIS_5_0);
    assert_string_equal(
        buffer_text(&w.s.seen),
        "critical  root-access-key (cis-5.0 1.3): 1 failed, 0 passed\n"
        "  111111111111 \\x1b[2J: the root user has an active access key\n"
        "  -> Delete the root user's access keys, or its credentials by central root access.\n"
        "\n"
        "high      root-use (cis-5.0 1.6): 0 failed, 0 passed, 1 unknown\n"
        "\n"
        "medium    user-key-age (cis-5.0 1.13): 1 failed, 0 passed\n"
        "  111111111111 \\x1b[2J  jane  AKIA1: the key is 100 days old; the limit is 90\n"
        "  -> Make a new key, move whatever uses this one, and delete it; better, use a role.\n"
        "\n2 findings, 1 unknown\n");
    writing_end(&w);
}

/* Ten of a rule, then how many more there are. */
static void test_table_of_many(void **state)
{
    (void)state;
    struct writing w;
    writing_begin(&w);
    for (int i = 2; i < 14; i++) {
        char *id = arena_alloc(&w.s.account.arena, 8);
        snprintf(id, 8, "AKIA%d", i);
        add_key(&w.s, id, "Active", D(91), NEVER);
    }
    judge_into_table(&w, "user-key-age", FRAMEWORK_COUNT);
    const char *text = buffer_text(&w.s.seen);
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, "the limit is 90")); at++)
        count++;
    assert_int_equal(count, FINDING_TABLE_SHOWN);
    assert_memory_equal(text, "medium    user-key-age: 13 failed, 0 passed\n", 44);
    assert_non_null(strstr(text, "\n  and 3 more\n"));
    assert_non_null(strstr(text, "\n13 findings, 0 unknown\n"));
    writing_end(&w);
}

static void test_table_of_nothing(void **state)
{
    (void)state;
    struct writing w;
    writing_begin(&w);
    judge_into_table(&w, "root-access-key", FRAMEWORK_COUNT);
    assert_string_equal(buffer_text(&w.s.seen), "\n0 findings, 0 unknown\n");
    w.s.account.outcome = OUTCOME_FAILED;
    judge_into_table(&w, "root-access-key", FRAMEWORK_COUNT);
    assert_string_equal(buffer_text(&w.s.seen),
                        "critical  root-access-key: 0 failed, 0 passed, 1 unknown\n"
                        "\n0 findings, 1 unknown; 1 account was not read\n");
    writing_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jsonl),         cmocka_unit_test(test_finding_id),
        cmocka_unit_test(test_csv),           cmocka_unit_test(test_ocsf),
        cmocka_unit_test(test_names),         cmocka_unit_test(test_table),
        cmocka_unit_test(test_table_of_many), cmocka_unit_test(test_table_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
