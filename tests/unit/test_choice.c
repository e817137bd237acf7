/* SPDX-License-Identifier: MIT */
/* Which source a fact is read from: strategy, what the report says of the user, what has failed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "census/choice.h"

#include <stdio.h>

/* Short names, so that a row is a line. */
#define REPORT         SOURCE_GET_CREDENTIAL_REPORT
#define DETAILS        SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS
#define USERS          SOURCE_LIST_USERS
#define PROFILE        SOURCE_GET_LOGIN_PROFILE
#define DEVICES        SOURCE_LIST_MFA_DEVICES
#define KEYS           SOURCE_LIST_ACCESS_KEYS
#define KEY_USE        SOURCE_GET_ACCESS_KEY_LAST_USED
#define TAGS           SOURCE_LIST_USER_TAGS
#define CREDENTIALS    SOURCE_LIST_SERVICE_CREDENTIALS
#define OF_USER        SOURCE_LIST_SERVICE_CREDENTIALS_OF_USER
#define NONE           SOURCE_NONE
#define AUTO           STRATEGY_AUTO
#define BULK           STRATEGY_BULK
#define PER_USER       STRATEGY_PER_USER
#define FAILED(source) SOURCE_BIT(source)

/* Users as the report may show them. */
static const struct report_line with_password = {
    .password = SAID_TRUE, .mfa = SAID_TRUE, .password_used_s = 5, .password_changed_s = 7};
static const struct report_line no_password = {.password = SAID_FALSE,
                                               .mfa = SAID_FALSE,
                                               .password_used_s = TIMESTAMP_NONE,
                                               .password_changed_s = TIMESTAMP_NONE};
/* There is one, but AWS does not say since when. */
static const struct report_line no_date = {.password = SAID_TRUE,
                                           .mfa = SAID_FALSE,
                                           .password_used_s = 5,
                                           .password_changed_s = TIMESTAMP_NONE};
static const struct report_line nothing_said = {.password = SAID_NOTHING,
                                                .mfa = SAID_NOTHING,
                                                .password_used_s = TIMESTAMP_NONE,
                                                .password_changed_s = TIMESTAMP_NONE};

static const struct report_line rotated = {
    .password = SAID_TRUE, .mfa = SAID_TRUE, .tells_rotation = true, .password_rotation_s = 9};

static const struct row {
    const char *what;
    enum strategy strategy;
    enum report_use report;
    unsigned failed;
    const struct report_line *line; /* NULL: the report does not hold the user */
    enum fact fact;
    enum source_id source;
} rows[] = {
    /* The report tells. */
    {"password", AUTO, REPORT_USED, 0, &with_password, FACT_PASSWORD, REPORT},
    {"its age", BULK, REPORT_USED, 0, &with_password, FACT_PASSWORD_AGE, REPORT},
    {"sign-in", AUTO, REPORT_USED, 0, &with_password, FACT_PASSWORD_USED, REPORT},
    {"no password", BULK, REPORT_USED, 0, &no_password, FACT_PASSWORD, REPORT},
    {"nor an age", AUTO, REPORT_USED, 0, &no_password, FACT_PASSWORD_AGE, REPORT},
    {"nor a change", BULK, REPORT_USED, 0, &no_password, FACT_PASSWORD_CHANGED, REPORT},
    {"MFA", BULK, REPORT_USED, 0, &with_password, FACT_MFA, REPORT},
    {"use of keys", AUTO, REPORT_USED, 0, &with_password, FACT_KEYS_USED, REPORT},
    /* A password without a date: GetLoginProfile has the day on which it was made. */
    {"there is one", AUTO, REPORT_USED, 0, &no_date, FACT_PASSWORD, REPORT},
    {"no date, auto", AUTO, REPORT_USED, 0, &no_date, FACT_PASSWORD_AGE, PROFILE},
    {"no date, bulk", BULK, REPORT_USED, 0, &no_date, FACT_PASSWORD_AGE, PROFILE},
    {"changed when?", AUTO, REPORT_USED, 0, &no_date, FACT_PASSWORD_CHANGED, NONE},
    /* The next change of a password: only the report knows, if its date can be read. */
    {"next change", AUTO, REPORT_USED, 0, &rotated, FACT_PASSWORD_ROTATION, REPORT},
    {"not read", AUTO, REPORT_USED, 0, &with_password, FACT_PASSWORD_ROTATION, NONE},
    {"no line", BULK, REPORT_USED, 0, NULL, FACT_PASSWORD_ROTATION, NONE},
    /* Service-specific credentials: of all users, or else of each, whatever the strategy. */
    {"of all", PER_USER, REPORT_MISSING, 0, NULL, FACT_SERVICE_CREDENTIALS, CREDENTIALS},
    {"auto", AUTO, REPORT_USED, FAILED(CREDENTIALS), NULL, FACT_SERVICE_CREDENTIALS, OF_USER},
    {"bulk", BULK, REPORT_USED, FAILED(CREDENTIALS), NULL, FACT_SERVICE_CREDENTIALS, OF_USER},
    {"per-user", PER_USER, REPORT_MISSING, FAILED(CREDENTIALS), NULL, FACT_SERVICE_CREDENTIALS,
     OF_USER},
    /* Administrators: one source. */
    {"admin", BULK, REPORT_USED, 0, NULL, FACT_ADMIN, DETAILS},
    {"admin", PER_USER, REPORT_MISSING, 0, NULL, FACT_ADMIN, NONE},
    {"admin, denied", AUTO, REPORT_USED, FAILED(DETAILS), NULL, FACT_ADMIN, NONE},
    /* Sign-ins of those who have no password are in ListUsers, whatever the strategy. */
    {"auto", AUTO, REPORT_USED, 0, &no_password, FACT_PASSWORD_USED, USERS},
    {"bulk", BULK, REPORT_USED, 0, &no_password, FACT_PASSWORD_USED, USERS},
    {"per-user", PER_USER, REPORT_MISSING, 0, NULL, FACT_PASSWORD_USED, USERS},
    {"auto, denied", AUTO, REPORT_USED, FAILED(USERS), &no_password, FACT_PASSWORD_USED, NONE},
    {"bulk, denied", BULK, REPORT_USED, FAILED(USERS), &no_password, FACT_PASSWORD_USED, NONE},
    {"but not others'", BULK, REPORT_USED, FAILED(USERS), &with_password, FACT_PASSWORD_USED,
     REPORT},
    /* A line that says nothing. */
    {"password", BULK, REPORT_USED, 0, &nothing_said, FACT_PASSWORD, PROFILE},
    {"MFA", AUTO, REPORT_USED, 0, &nothing_said, FACT_MFA, DEVICES},
    {"sign-in", BULK, REPORT_USED, 0, &nothing_said, FACT_PASSWORD_USED, USERS},
    /* Users whom the report does not hold. */
    {"password", AUTO, REPORT_USED, 0, NULL, FACT_PASSWORD, PROFILE},
    {"age", BULK, REPORT_USED, 0, NULL, FACT_PASSWORD_AGE, PROFILE},
    {"sign-in", BULK, REPORT_USED, 0, NULL, FACT_PASSWORD_USED, USERS},
    {"MFA", BULK, REPORT_USED, 0, NULL, FACT_MFA, DEVICES},
    {"use", BULK, REPORT_USED, 0, NULL, FACT_KEYS_USED, KEY_USE},
    {"change", BULK, REPORT_USED, 0, NULL, FACT_PASSWORD_CHANGED, NONE},
    /* A report that was set aside: all are read per user, under 'bulk' too. */
    {"password", AUTO, REPORT_SET_ASIDE, 0, NULL, FACT_PASSWORD, PROFILE},
    {"password", BULK, REPORT_SET_ASIDE, 0, NULL, FACT_PASSWORD, PROFILE},
    {"sign-in", BULK, REPORT_SET_ASIDE, 0, NULL, FACT_PASSWORD_USED, USERS},
    {"MFA", BULK, REPORT_SET_ASIDE, 0, NULL, FACT_MFA, DEVICES},
    {"use", BULK, REPORT_SET_ASIDE, 0, NULL, FACT_KEYS_USED, KEY_USE},
    {"tags", BULK, REPORT_SET_ASIDE, 0, NULL, FACT_TAGS, DETAILS},
    {"even with a line", BULK, REPORT_SET_ASIDE, 0, &with_password, FACT_MFA, DEVICES},
    /* A report that could not be had: 'auto' reads per user, 'bulk' has no other source. */
    {"auto", AUTO, REPORT_MISSING, FAILED(REPORT), NULL, FACT_PASSWORD, PROFILE},
    {"auto", AUTO, REPORT_MISSING, FAILED(REPORT), NULL, FACT_PASSWORD_USED, USERS},
    {"auto", AUTO, REPORT_MISSING, FAILED(REPORT), NULL, FACT_KEYS_USED, KEY_USE},
    {"bulk", BULK, REPORT_MISSING, FAILED(REPORT), NULL, FACT_PASSWORD, NONE},
    {"bulk", BULK, REPORT_MISSING, FAILED(REPORT), NULL, FACT_PASSWORD_USED, NONE},
    {"bulk", BULK, REPORT_MISSING, FAILED(REPORT), NULL, FACT_MFA, NONE},
    {"bulk", BULK, REPORT_MISSING, FAILED(REPORT), NULL, FACT_KEYS_USED, NONE},
    /* Details that failed. */
    {"tags", AUTO, REPORT_USED, FAILED(DETAILS), &with_password, FACT_TAGS, TAGS},
    {"boundary", AUTO, REPORT_USED, FAILED(DETAILS), &with_password, FACT_BOUNDARY, NONE},
    /* per-user uses nothing else. */
    {"password", PER_USER, REPORT_MISSING, 0, NULL, FACT_PASSWORD, PROFILE},
    {"tags", PER_USER, REPORT_MISSING, 0, NULL, FACT_TAGS, TAGS},
    {"keys", PER_USER, REPORT_MISSING, 0, NULL, FACT_KEYS, KEYS},
    {"policies", PER_USER, REPORT_MISSING, 0, NULL, FACT_POLICIES, NONE},
    {"change", PER_USER, REPORT_MISSING, 0, NULL, FACT_PASSWORD_CHANGED, NONE},
    /* No source at all. */
    {"name", AUTO, REPORT_USED, 0, &with_password, FACT_ACCOUNT_NAME, NONE},
};

static void test_of_users(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        const struct choice c = {row->strategy, row->report, row->failed};
        enum source_id found = choice_for_user(&c, row->line, row->fact);
        if (found != row->source)
            fail_msg("row %zu (%s): source %d instead of %d", i, row->what, (int)found,
                     (int)row->source);
    }
}

static void test_of_accounts(void **state)
{
    (void)state;
    static const struct {
        enum strategy strategy;
        enum report_use report;
        unsigned failed;
        enum fact fact;
        enum source_id source;
    } cases[] = {
        {AUTO, REPORT_MISSING, 0, FACT_USERS, DETAILS},
        {BULK, REPORT_MISSING, 0, FACT_USERS, DETAILS},
        {PER_USER, REPORT_MISSING, 0, FACT_USERS, USERS},
        {AUTO, REPORT_MISSING, FAILED(DETAILS), FACT_USERS, USERS},
        {AUTO, REPORT_MISSING, FAILED(DETAILS) | FAILED(USERS), FACT_USERS, NONE},
        {PER_USER, REPORT_MISSING, FAILED(USERS), FACT_USERS, NONE},
        {BULK, REPORT_MISSING, 0, FACT_ALIAS, SOURCE_LIST_ACCOUNT_ALIASES},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct choice c = {cases[i].strategy, cases[i].report, cases[i].failed};
        assert_int_equal(choice_for_account(&c, cases[i].fact), cases[i].source);
    }
}

/* Whose lists are not asked for, because the report shows that they are empty. */
static void test_shown_as_none(void **state)
{
    (void)state;
    const struct report_line none = {.mfa = SAID_FALSE};
    const struct report_line more = {.mfa = SAID_FALSE, .has_more = true};
    const struct report_line all = {.mfa = SAID_TRUE, .has_key = true, .has_certificate = true};
    const struct report_line not_said = {.mfa = SAID_NOTHING};
    const struct {
        enum strategy strategy;
        enum report_use report;
        const struct report_line *line;
        bool keys, devices, certificates;
    } cases[] = {
        {BULK, REPORT_USED, &none, true, true, true},
        /* A key made since the report is never missing under 'auto'. */
        {AUTO, REPORT_USED, &none, false, true, true},
        {BULK, REPORT_USED, &all, false, false, false},
        {AUTO, REPORT_USED, &all, false, false, false},
        /* More than two keys or certificates say nothing of devices. */
        {BULK, REPORT_USED, &more, false, true, false},
        {AUTO, REPORT_USED, &more, false, true, false},
        {BULK, REPORT_USED, &not_said, true, false, true},
        {BULK, REPORT_USED, NULL, false, false, false},
        {BULK, REPORT_SET_ASIDE, &none, false, false, false},
        {PER_USER, REPORT_MISSING, NULL, false, false, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct choice c = {cases[i].strategy, cases[i].report, 0};
        const struct report_line *line = cases[i].line;
        assert_int_equal(choice_shows_none(&c, line, KEYS), cases[i].keys);
        assert_int_equal(choice_shows_none(&c, line, DEVICES), cases[i].devices);
        assert_int_equal(choice_shows_none(&c, line, SOURCE_LIST_SIGNING_CERTIFICATES),
                         cases[i].certificates);
        assert_false(choice_shows_none(&c, line, PROFILE));
    }
}

/* What is unknown without any failure makes no account partial. */
static void test_lost_sources(void **state)
{
    (void)state;
    const struct choice whole = {AUTO, REPORT_USED, 0};
    const struct choice no_report = {AUTO, REPORT_MISSING, FAILED(REPORT)};
    const struct choice no_users = {BULK, REPORT_USED, FAILED(USERS)};
    assert_false(choice_lost_source(&whole, FACT_PASSWORD_CHANGED));
    assert_true(choice_lost_source(&no_report, FACT_PASSWORD_CHANGED));
    assert_false(choice_lost_source(&no_report, FACT_BOUNDARY));
    assert_true(choice_lost_source(&no_users, FACT_PASSWORD_USED));
    assert_false(choice_lost_source(&no_users, FACT_ACCOUNT_NAME));
    /* Under 'bulk' a list may be asked for only beside a report. */
    const struct choice bulk_no_report = {BULK, REPORT_MISSING, FAILED(REPORT)};
    const struct choice bulk_too_old = {BULK, REPORT_SET_ASIDE, 0};
    assert_true(choice_lost_source(&bulk_no_report, FACT_MFA_DEVICES));
    assert_false(choice_lost_source(&no_report, FACT_MFA_DEVICES));
    assert_false(choice_lost_source(&bulk_too_old, FACT_PASSWORD_CHANGED));
    assert_false(choice_lost_source(&bulk_no_report, FACT_KEYS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of_users),
        cmocka_unit_test(test_of_accounts),
        cmocka_unit_test(test_shown_as_none),
        cmocka_unit_test(test_lost_sources),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
