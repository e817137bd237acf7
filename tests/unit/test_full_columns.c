/* SPDX-License-Identifier: MIT */
/* The full columns: what they show, and when they are unknown. The golden files have the rest. */
#include "writer_scene.h"

static void begin(struct scene *s)
{
    scene_begin(s);
    s->options.columns = COLUMNS_FULL;
}

static void test_kind(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    expect_cell(&s, "Kind", "none");
    add_key(&s, "AKIA0", false, "2024-01-01T00:00:00Z");
    expect_cell(&s, "Kind", "none");
    s.user.unknown = FACT_BIT(FACT_SERVICE_CREDENTIALS); /* one of them might be active */
    expect_cell(&s, "Kind", "unknown");
    expect_json(&s, "\"kind\":null");
    add_key(&s, "AKIA1", true, "2024-01-01T00:00:00Z");
    expect_cell(&s, "Kind", "machine");
    s.user.unknown |= FACT_BIT(FACT_PASSWORD);
    expect_cell(&s, "Kind", "unknown");
    s.user.unknown = 0;
    set_password(&s, "2024-05-01T00:00:00Z");
    expect_cell(&s, "Kind", "human");
    scene_end(&s);
}

static void test_kinds_of_devices(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    add_name(&s, &s.user.mfa_devices, "arn:aws:iam::111111111111:mfa/a");
    add_name(&s, &s.user.mfa_devices, "arn:aws:iam::111111111111:sms-mfa/a");
    add_name(&s, &s.user.mfa_devices, "arn:aws-cn:iam::111111111111:u2f/user/a/k");
    add_name(&s, &s.user.mfa_devices, "GAHT1");
    expect_cell(&s, "MFADeviceKinds",
                "\"[\"\"token\"\",\"\"passkey\"\",\"\"virtual\"\",\"\"sms\"\"]\"");
    expect_json(&s, "\"mfa_device_kinds\":[\"token\",\"passkey\",\"virtual\",\"sms\"]");
    s.user.unknown = FACT_BIT(FACT_MFA_DEVICES);
    expect_cell(&s, "MFADeviceKinds", "unknown");
    scene_end(&s);
}

static void test_next_rotation(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    s.user.unknown = FACT_BIT(FACT_PASSWORD_ROTATION);
    expect_cell(&s, "PasswordNextRotation", ""); /* there is no password */
    set_password(&s, "2024-05-01T00:00:00Z");
    expect_cell(&s, "PasswordNextRotation", "unknown");
    s.user.unknown = 0;
    expect_cell(&s, "PasswordNextRotation", ""); /* it never has to be changed */
    s.user.password_rotation_s = at("2024-08-01T00:00:00Z");
    expect_cell(&s, "PasswordNextRotation", "2024-08-01T00:00:00Z");
    s.user.has_password = false;
    s.user.unknown = FACT_BIT(FACT_PASSWORD) | FACT_BIT(FACT_PASSWORD_ROTATION);
    expect_cell(&s, "PasswordNextRotation", "unknown");
    scene_end(&s);
}

static void expect_last_use(struct scene *s, const char *at, const char *by)
{
    expect_cell(s, "LastUsed", at);
    expect_cell(s, "LastUsedBy", by);
}

static void test_last_use(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    expect_last_use(&s, "", "");
    use_key(add_key(&s, "AKIA1", false, "2024-01-01T00:00:00Z"), "2024-02-01T00:00:00Z", "s3", "r");
    struct access_key *unused = add_key(&s, "AKIA2", true, "2024-01-02T00:00:00Z");
    expect_last_use(&s, "2024-02-01T00:00:00Z", "AKIA1");
    s.user.password_used_s = at("2024-02-01T00:00:00Z"); /* in the same second */
    expect_last_use(&s, "2024-02-01T00:00:00Z", "console");
    use_key(unused, "2024-02-01T00:00:01Z", "s3", "r");
    expect_last_use(&s, "2024-02-01T00:00:01Z", "AKIA2");
    scene_end(&s);
}

/* Any use that is not known might be the latest. */
static void test_last_use_unknown(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    s.user.password_used_s = at("2024-02-01T00:00:00Z");
    struct access_key *key = add_key(&s, "AKIA1", false, "2024-01-01T00:00:00Z");
    key->use_unknown = true;
    expect_last_use(&s, "unknown", "unknown");
    expect_json(&s, "\"last_used_at\":null,\"last_used_by\":null,\"unknown\":["
                    "\"last_activity_at\",\"access_keys.last_used_at\",\"last_used_at\","
                    "\"last_used_by\"]}");
    key->use_unknown = false;
    s.user.unknown = FACT_BIT(FACT_KEYS);
    expect_last_use(&s, "unknown", "unknown");
    s.user.unknown = FACT_BIT(FACT_PASSWORD_USED);
    expect_last_use(&s, "unknown", "unknown");
    scene_end(&s);
}

/* Only with the full columns does JSON Lines have their fields. */
static void test_json_without(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    for (enum column_set set = COLUMNS_STANDARD; set <= COLUMNS_FULL; set++) {
        s.options.columns = set;
        buffer_clear(&s.out);
        write_user(&s, "jsonl");
        assert_int_equal(strstr(buffer_text(&s.out), "account_ou") != NULL, set == COLUMNS_FULL);
    }
    scene_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kind),
        cmocka_unit_test(test_kinds_of_devices),
        cmocka_unit_test(test_next_rotation),
        cmocka_unit_test(test_last_use),
        cmocka_unit_test(test_last_use_unknown),
        cmocka_unit_test(test_json_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
