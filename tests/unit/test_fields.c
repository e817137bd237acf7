/* SPDX-License-Identifier: MIT */
/* The table of fields: whole, in order, and what a format has to read because of it. */
#include "output/fields.h"
#include "writer_scene.h"

/* First the standard set, then the extended and the full one, then what is not in the CSV. */
static void test_sets_are_in_order(void **state)
{
    (void)state;
    assert_int_equal(fields_in_csv(COLUMNS_STANDARD), 18);
    assert_int_equal(fields_in_csv(COLUMNS_EXTENDED), 32);
    assert_int_equal(fields_in_csv(COLUMNS_FULL), 44);
    for (enum field_id id = 0; id < FIELD_COUNT; id++) {
        const struct field *f = &output_fields[id];
        assert_non_null(f->value);
        assert_true(f->column || f->json);
        assert_int_equal(f->column != NULL, id < fields_in_csv(COLUMNS_FULL));
        if (id > 0 && f->column)
            assert_true(output_fields[id - 1].set <= f->set);
    }
}

static void test_names_differ(void **state)
{
    (void)state;
    for (enum field_id a = 0; a < FIELD_COUNT; a++)
        for (enum field_id b = 0; b < a; b++) {
            const struct field *x = &output_fields[a], *y = &output_fields[b];
            if (x->column && y->column)
                assert_string_not_equal(x->column, y->column);
            if (x->json && y->json)
                assert_string_not_equal(x->json, y->json);
        }
}

/* A field that has a name in JSON is in the order of JSON Lines, once; the full ones are last. */
static void test_json_order_is_whole(void **state)
{
    (void)state;
    const size_t count = fields_in_json_count(COLUMNS_FULL);
    assert_int_equal(fields_in_json_count(COLUMNS_STANDARD), 23);
    assert_int_equal(fields_in_json_count(COLUMNS_EXTENDED), 23);
    assert_int_equal(count, 35);
    for (enum field_id id = 0; id < FIELD_COUNT; id++) {
        unsigned found = 0;
        for (size_t i = 0; i < count; i++)
            found += fields_in_json[i] == id;
        if (found != (output_fields[id].json != NULL))
            fail_msg("field %d is %u times in the order of JSON Lines", (int)id, found);
    }
    for (size_t i = 0; i < count; i++)
        assert_int_equal(output_fields[fields_in_json[i]].set == COLUMNS_FULL, i >= 23);
}

/* By which columns the result names a fact that is unknown; a fact without any would be silent. */
static void test_names_of_facts(void **state)
{
    (void)state;
    static const char *const expected[FACT_COUNT] = {
        [FACT_USERS] = "UserName CreationDateTime CreationAgeInDays Path ARN",
        [FACT_ALIAS] = "AccountAlias",
        [FACT_TAGS] = "Tags",
        [FACT_GROUPS] = "Groups",
        [FACT_PASSWORD_AGE] = "PasswordAge",
        [FACT_PASSWORD] = "ConsoleAccess",
        [FACT_PASSWORD_USED] = "ConsoleLastSignIn",
        [FACT_PASSWORD_CHANGED] = "PasswordLastChanged",
        [FACT_MFA] = "MFAEnabled",
        [FACT_MFA_DEVICES] = "MFADevices",
        [FACT_KEYS] = "AccessKeyID ActiveKeyAge",
        [FACT_KEYS_USED] = "LastActivity AccessKeyLastUsed",
        [FACT_CERTIFICATES] = "SigningCerts",
        [FACT_BOUNDARY] = "PermissionsBoundary",
        [FACT_POLICIES] = "AttachedPolicies",
        [FACT_ACCOUNT_NAME] = "AccountName",
        [FACT_PASSWORD_ROTATION] = "PasswordNextRotation",
        [FACT_INLINE_POLICIES] = "InlinePolicies",
        [FACT_GROUP_POLICIES] = "GroupPolicies",
        [FACT_ADMIN] = "IsAdmin AdminVia",
        [FACT_SERVICE_CREDENTIALS] = "ServiceCredentials",
        [FACT_SSH_KEYS] = "SSHPublicKeys",
        [FACT_OU] = "AccountOU",
        /* The rest is about accounts, and has no column of the users. */
    };
    for (enum fact fact = 0; fact < FACT_COUNT; fact++) {
        char names[256] = "";
        for (enum field_id id = 0; id < FIELD_COUNT; id++)
            if (field_stands_for(id, fact))
                snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
                         names[0] ? " " : "", output_fields[id].column);
        assert_string_equal(names, expected[fact] ? expected[fact] : "");
    }
}

/* What a format shows decides what is read, and nothing else does. */
static void test_wanted(void **state)
{
    (void)state;
    const struct writer_options standard = {.columns = COLUMNS_STANDARD},
                                extended = {.columns = COLUMNS_EXTENDED},
                                full = {.columns = COLUMNS_FULL};
    const fact_set of_first_edition = FACT_BIT(FACT_ACCOUNT_NAME + 1) - 1;
    const fact_set extra = FACT_BIT(FACT_MFA_DEVICES) | FACT_BIT(FACT_BOUNDARY) |
                           FACT_BIT(FACT_POLICIES) | FACT_BIT(FACT_PASSWORD_CHANGED) |
                           FACT_BIT(FACT_ACCOUNT_NAME);
    const fact_set of_full = FACT_BIT(FACT_PASSWORD_ROTATION) | FACT_BIT(FACT_INLINE_POLICIES) |
                             FACT_BIT(FACT_GROUP_POLICIES) | FACT_BIT(FACT_ADMIN) |
                             FACT_BIT(FACT_SERVICE_CREDENTIALS) | FACT_BIT(FACT_SSH_KEYS) |
                             FACT_BIT(FACT_OU);
    assert_int_equal(format("csv")->wanted(&standard), of_first_edition & ~extra);
    assert_int_equal(format("csv")->wanted(&extended), of_first_edition);
    assert_int_equal(format("csv")->wanted(&full), of_first_edition | of_full);
    assert_int_equal(format("jsonl")->wanted(&standard), of_first_edition);
    assert_int_equal(format("jsonl")->wanted(&extended), of_first_edition);
    assert_int_equal(format("jsonl")->wanted(&full), of_first_edition | of_full);
    assert_int_equal(field_wants(FIELD_KEY_DESCRIPTION), FACT_BIT(FACT_KEYS) | FACT_BIT(FACT_TAGS));
    assert_int_equal(field_wants(FIELD_DATA_AS_OF), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sets_are_in_order),
        cmocka_unit_test(test_names_differ),
        cmocka_unit_test(test_json_order_is_whole),
        cmocka_unit_test(test_names_of_facts),
        cmocka_unit_test(test_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
