/* SPDX-License-Identifier: MIT */
/* The fields about an account: what could not be read is unknown, and counts are never too low. */
#include "output/account_fields.h"
#include "writer_scene.h"

#define F(fact) FACT_BIT(FACT_##fact)

/* An account of two users, of whom everything is known: one with a password, one with a key. */
struct census_scene {
    struct scene s;
    struct user other;
    struct user *users[2];
    struct account_row row;
};

static void begin(struct census_scene *c)
{
    *c = (struct census_scene){0};
    scene_begin(&c->s);
    clear_user(&c->other, "eve", "arn:aws:iam::111111111111:user/eve", "AIDAEVE");
    set_password(&c->s, "2024-05-01T00:00:00Z");
    c->users[0] = &c->s.user;
    c->users[1] = &c->other;
    c->s.account.users = c->users;
    c->s.account.user_count = 2;
    c->s.account.ou = VIEW_LITERAL("o-1/r-1/ou-1");
    c->s.account.state = VIEW_LITERAL("ACTIVE");
    c->s.account.report_at_s = TIMESTAMP_NONE;
    c->s.account.root.used_s = TIMESTAMP_NONE;
    c->s.account.password_policy.text = VIEW_LITERAL("default");
    c->row.account = &c->s.account;
}

static void expect_text(struct census_scene *c, enum account_field_id field, const char *text)
{
    struct value value = account_row_value(&c->row, field);
    assert_int_equal(value.kind, VALUE_TEXT);
    assert_view(value.text, text);
}

static void expect_number(struct census_scene *c, enum account_field_id field, int64_t number)
{
    struct value value = account_row_value(&c->row, field);
    assert_true(value.kind == VALUE_NUMBER || value.kind == VALUE_TRUTH);
    assert_int_equal(value.number, number);
}

static void expect_kind(struct census_scene *c, enum account_field_id field, enum value_kind kind)
{
    c->row.lost = 0;
    assert_int_equal(account_row_value(&c->row, field).kind, kind);
    assert_int_equal(c->row.lost, kind == VALUE_UNKNOWN ? UINT64_C(1) << field : 0);
}

static void test_table_is_whole(void **state)
{
    (void)state;
    assert_true(ACCOUNT_FIELD_COUNT <= 64);
    for (size_t a = 0; a < ACCOUNT_FIELD_COUNT; a++) {
        assert_non_null(account_fields[a].column);
        assert_non_null(account_fields[a].json);
        assert_non_null(account_fields[a].value);
        for (size_t b = 0; b < a; b++) {
            assert_string_not_equal(account_fields[a].column, account_fields[b].column);
            assert_string_not_equal(account_fields[a].json, account_fields[b].json);
        }
    }
}

static void test_wanted(void **state)
{
    (void)state;
    const fact_set root = F(ROOT_PASSWORD) | F(ROOT_MFA) | F(ROOT_MFA_KIND) | F(ROOT_KEYS) |
                          F(ROOT_CERTIFICATES) | F(ROOT_USED);
    assert_int_equal(account_fields_wanted(), root | F(USERS) | F(ALIAS) | F(ACCOUNT_NAME) | F(OU) |
                                                  F(PASSWORD) | F(MFA) | F(KEYS) |
                                                  F(SERVICE_CREDENTIALS) | F(PASSWORD_POLICY));
}

static void test_counts(void **state)
{
    (void)state;
    struct census_scene c;
    struct service_credential credentials[2] = {{.next = &credentials[1]},
                                                {.status = VIEW_LITERAL("Inactive")}};
    begin(&c);
    add_key(&c.s, "AKIA1", true, "2024-01-01T00:00:00Z");
    add_key(&c.s, "AKIA2", false, "2024-01-01T00:00:00Z");
    c.other.service_credentials = credentials;
    expect_number(&c, ACCOUNT_FIELD_USERS, 2);
    expect_number(&c, ACCOUNT_FIELD_USERS_WITH_PASSWORD, 1);
    expect_number(&c, ACCOUNT_FIELD_USERS_WITHOUT_MFA, 1);
    expect_number(&c, ACCOUNT_FIELD_ACTIVE_KEYS, 1);
    expect_number(&c, ACCOUNT_FIELD_SERVICE_CREDENTIALS, 2);
    c.s.user.has_mfa = true;
    expect_number(&c, ACCOUNT_FIELD_USERS_WITHOUT_MFA, 0);
    assert_int_equal(c.row.lost, 0);
    scene_end(&c.s);
}

/* One user of whom a fact is unknown, or an account of which it is, makes the count unknown. */
static void test_counts_unknown(void **state)
{
    (void)state;
    const struct {
        enum account_field_id field;
        fact_set fact;
    } cases[] = {
        {ACCOUNT_FIELD_USERS_WITH_PASSWORD, F(PASSWORD)},
        {ACCOUNT_FIELD_USERS_WITHOUT_MFA, F(PASSWORD)},
        {ACCOUNT_FIELD_ACTIVE_KEYS, F(KEYS)},
        {ACCOUNT_FIELD_SERVICE_CREDENTIALS, F(SERVICE_CREDENTIALS)},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct census_scene c;
        begin(&c);
        expect_kind(&c, cases[i].field, VALUE_NUMBER);
        c.other.unknown = cases[i].fact;
        expect_kind(&c, cases[i].field, VALUE_UNKNOWN);
        c.other.unknown = 0;
        c.s.account.unknown = cases[i].fact;
        expect_kind(&c, cases[i].field, VALUE_UNKNOWN);
        scene_end(&c.s);
    }
}

/* Whoever is known to have no password, or to have MFA, is not counted whatever else is unknown. */
static void test_without_mfa(void **state)
{
    (void)state;
    struct census_scene c;
    begin(&c);
    c.other.unknown = F(MFA);
    expect_number(&c, ACCOUNT_FIELD_USERS_WITHOUT_MFA, 1);
    c.s.user.unknown = F(MFA);
    expect_kind(&c, ACCOUNT_FIELD_USERS_WITHOUT_MFA, VALUE_UNKNOWN);
    c.s.user.unknown = F(PASSWORD);
    c.s.user.has_mfa = true;
    expect_number(&c, ACCOUNT_FIELD_USERS_WITHOUT_MFA, 0);
    scene_end(&c.s);
}

static void test_root(void **state)
{
    (void)state;
    struct census_scene c;
    begin(&c);
    expect_kind(&c, ACCOUNT_FIELD_ROOT_LAST_USED, VALUE_NONE);
    expect_kind(&c, ACCOUNT_FIELD_ROOT_LAST_USED_BY, VALUE_NONE);
    expect_number(&c, ACCOUNT_FIELD_ROOT_PASSWORD, 0);
    c.s.account.root = (struct root_user){.has_password = true,
                                          .has_mfa = true,
                                          .has_keys = true,
                                          .has_certificates = true,
                                          .mfa_kind = ROOT_MFA_VIRTUAL,
                                          .used_s = 1,
                                          .used_by = VIEW_LITERAL("access_key_2")};
    expect_number(&c, ACCOUNT_FIELD_ROOT_PASSWORD, 1);
    expect_number(&c, ACCOUNT_FIELD_ROOT_MFA, 1);
    expect_text(&c, ACCOUNT_FIELD_ROOT_MFA_KIND, "virtual");
    expect_number(&c, ACCOUNT_FIELD_ROOT_ACCESS_KEYS, 1);
    expect_number(&c, ACCOUNT_FIELD_ROOT_CERTIFICATES, 1);
    expect_kind(&c, ACCOUNT_FIELD_ROOT_LAST_USED, VALUE_TIME);
    expect_text(&c, ACCOUNT_FIELD_ROOT_LAST_USED_BY, "access_key_2");
    c.s.account.root.mfa_kind = ROOT_MFA_HARDWARE;
    expect_text(&c, ACCOUNT_FIELD_ROOT_MFA_KIND, "hardware");
    scene_end(&c.s);
}

static void test_root_unknown(void **state)
{
    (void)state;
    struct census_scene c;
    begin(&c);
    c.s.account.unknown = F(ROOT_MFA_KIND);
    expect_text(&c, ACCOUNT_FIELD_ROOT_MFA_KIND, "none"); /* MFA is known to be off */
    c.s.account.root.has_mfa = true;
    expect_kind(&c, ACCOUNT_FIELD_ROOT_MFA_KIND, VALUE_UNKNOWN);
    c.s.account.unknown = F(ROOT_PASSWORD) | F(ROOT_MFA) | F(ROOT_MFA_KIND) | F(ROOT_KEYS) |
                          F(ROOT_CERTIFICATES) | F(ROOT_USED) | F(PASSWORD_POLICY);
    for (enum account_field_id id = ACCOUNT_FIELD_ROOT_PASSWORD; id < ACCOUNT_FIELD_REPORT_AT; id++)
        expect_kind(&c, id, VALUE_UNKNOWN);
    scene_end(&c.s);
}

static void test_of_the_plan(void **state)
{
    (void)state;
    struct census_scene c;
    begin(&c);
    expect_text(&c, ACCOUNT_FIELD_ID, "111111111111");
    expect_text(&c, ACCOUNT_FIELD_NAME, "Core \"A\"");
    expect_text(&c, ACCOUNT_FIELD_ALIAS, "core,team");
    expect_text(&c, ACCOUNT_FIELD_OU, "o-1/r-1/ou-1");
    expect_text(&c, ACCOUNT_FIELD_STATE, "ACTIVE");
    expect_text(&c, ACCOUNT_FIELD_OUTCOME, "succeeded");
    expect_text(&c, ACCOUNT_FIELD_PASSWORD_POLICY, "default");
    expect_kind(&c, ACCOUNT_FIELD_STAGE, VALUE_NONE);
    expect_kind(&c, ACCOUNT_FIELD_CODE, VALUE_NONE);
    expect_kind(&c, ACCOUNT_FIELD_REPORT_AT, VALUE_NONE);
    c.s.account.report_at_s = 1;
    c.s.account.outcome = OUTCOME_PARTIAL;
    expect_kind(&c, ACCOUNT_FIELD_REPORT_AT, VALUE_TIME);
    expect_text(&c, ACCOUNT_FIELD_OUTCOME, "partial");
    c.s.account.name = c.s.account.ou = c.s.account.state = VIEW_NONE; /* nobody was asked */
    expect_kind(&c, ACCOUNT_FIELD_NAME, VALUE_UNKNOWN);
    expect_kind(&c, ACCOUNT_FIELD_OU, VALUE_UNKNOWN);
    expect_kind(&c, ACCOUNT_FIELD_STATE, VALUE_UNKNOWN);
    scene_end(&c.s);
}

static void expect_unread(struct census_scene *c)
{
    for (enum account_field_id id = 0; id < ACCOUNT_FIELD_COUNT; id++)
        if (id == ACCOUNT_FIELD_ALIAS ||
            (id >= ACCOUNT_FIELD_USERS && id <= ACCOUNT_FIELD_PASSWORD_POLICY))
            expect_kind(c, id, VALUE_UNKNOWN);
    expect_text(c, ACCOUNT_FIELD_ID, "111111111111");
    expect_text(c, ACCOUNT_FIELD_NAME, "Core \"A\"");
    expect_text(c, ACCOUNT_FIELD_OU, "o-1/r-1/ou-1");
    expect_kind(c, ACCOUNT_FIELD_REPORT_AT, VALUE_NONE);
}

/* It may have users and a root password: nothing is empty, false or zero. */
static void test_failed(void **state)
{
    (void)state;
    struct census_scene c;
    begin(&c);
    c.s.account.outcome = OUTCOME_FAILED;
    c.s.account.failed_stage = "AssumeRole";
    error_set(&c.s.account.failed, ERROR_SERVICE, "no");
    snprintf(c.s.account.failed.code, sizeof(c.s.account.failed.code), "AccessDenied");
    c.s.account.report_at_s = 1;
    expect_unread(&c);
    expect_text(&c, ACCOUNT_FIELD_OUTCOME, "failed");
    expect_text(&c, ACCOUNT_FIELD_STAGE, "AssumeRole");
    expect_text(&c, ACCOUNT_FIELD_CODE, "AccessDenied");
    scene_end(&c.s);
}

static void test_skipped(void **state)
{
    (void)state;
    struct census_scene c;
    begin(&c);
    c.s.account.state = VIEW_LITERAL("SUSPENDED");
    c.row.skipped = true;
    expect_unread(&c);
    expect_text(&c, ACCOUNT_FIELD_OUTCOME, "skipped");
    expect_text(&c, ACCOUNT_FIELD_STATE, "SUSPENDED");
    expect_kind(&c, ACCOUNT_FIELD_STAGE, VALUE_NONE);
    scene_end(&c.s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_is_whole), cmocka_unit_test(test_wanted),
        cmocka_unit_test(test_counts),         cmocka_unit_test(test_counts_unknown),
        cmocka_unit_test(test_without_mfa),    cmocka_unit_test(test_root),
        cmocka_unit_test(test_root_unknown),   cmocka_unit_test(test_of_the_plan),
        cmocka_unit_test(test_failed),         cmocka_unit_test(test_skipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
