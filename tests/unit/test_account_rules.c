/* SPDX-License-Identifier: MIT */
/* Each rule about an account, at its edges and with each of its facts unknown. */
#include "rules_scene.h"

#define F(f)               FACT_BIT(FACT_##f)
#define EXPECT(rule, said) assert_string_equal(scene_judge(&s, rule), said)

static void test_root_keys_and_certificates(void **state)
{
    (void)state;
    struct rules_scene s;
    scene_begin(&s);
    EXPECT("root-access-key", "pass");
    EXPECT("root-certificate", "pass");
    s.account.root.has_keys = s.account.root.has_certificates = true;
    EXPECT("root-access-key", "fail");
    EXPECT("root-certificate", "fail");
    s.account.unknown = F(ROOT_KEYS) | F(ROOT_CERTIFICATES);
    EXPECT("root-access-key", "unknown root_access_keys");
    EXPECT("root-certificate", "unknown root_certificates");
    scene_end(&s);
}

static void test_root_mfa(void **state)
{
    (void)state;
    const struct {
        int line;
        bool password, mfa;
        enum root_mfa_kind kind;
        fact_set unknown;
        const char *any, *hardware; /* what root-mfa and root-hardware-mfa say */
    } cases[] = {
        {__LINE__, true, false, ROOT_MFA_NONE, 0, "fail", "fail"},
        {__LINE__, false, false, ROOT_MFA_NONE, 0, "pass", "pass"},
        {__LINE__, true, true, ROOT_MFA_VIRTUAL, 0, "pass", "fail"},
        {__LINE__, true, true, ROOT_MFA_HARDWARE, 0, "pass", "pass"},
        {__LINE__, false, false, 0, F(ROOT_MFA) | F(ROOT_MFA_KIND), "pass", "pass"},
        {__LINE__, true, false, 0, F(ROOT_MFA_KIND), "fail", "fail"},
        {__LINE__, true, true, 0, F(ROOT_MFA_KIND), "pass", "unknown root_mfa_kind"},
        {__LINE__, true, false, 0, F(ROOT_MFA) | F(ROOT_MFA_KIND), "unknown root_mfa",
         "unknown root_mfa root_mfa_kind"},
        {__LINE__, true, false, ROOT_MFA_VIRTUAL, F(ROOT_MFA), "pass", "fail"},
        {__LINE__, true, false, ROOT_MFA_HARDWARE, F(ROOT_MFA), "pass", "pass"},
        {__LINE__, true, false, ROOT_MFA_NONE, F(ROOT_MFA), "fail", "fail"},
        {__LINE__, false, false, ROOT_MFA_NONE, F(ROOT_PASSWORD), "unknown root_password",
         "unknown root_password"},
        {__LINE__, false, true, ROOT_MFA_HARDWARE, F(ROOT_PASSWORD), "pass", "pass"},
        {__LINE__, false, true, ROOT_MFA_VIRTUAL, F(ROOT_PASSWORD), "pass",
         "unknown root_password"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rules_scene s;
        scene_begin(&s);
        s.account.root.has_password = cases[i].password;
        s.account.root.has_mfa = cases[i].mfa;
        s.account.root.mfa_kind = cases[i].kind;
        s.account.unknown = cases[i].unknown;
        print_message("line %d\n", cases[i].line);
        EXPECT("root-mfa", cases[i].any);
        EXPECT("root-hardware-mfa", cases[i].hardware);
        scene_end(&s);
    }
}

static void test_us_gov_has_no_root_sign_in(void **state)
{
    (void)state;
    struct rules_scene s;
    scene_begin(&s);
    s.account.root.has_password = true;
    s.account.partition = VIEW_LITERAL("aws-us-gov");
    EXPECT("root-mfa", "not_applicable");
    EXPECT("root-hardware-mfa", "not_applicable");
    EXPECT("root-access-key", "pass");
    s.account.partition = VIEW_LITERAL("aws");
    EXPECT("root-mfa", "fail");
    scene_end(&s);
}

static void test_root_use(void **state)
{
    (void)state;
    struct rules_scene s;
    scene_begin(&s);
    EXPECT("root-use", "pass");
    s.account.root.used_s = ago(D(90));
    EXPECT("root-use", "pass value=90");
    s.account.root.used_s = ago(D(90) - 1);
    EXPECT("root-use", "fail value=89 since=7775999");
    s.account.root.used_s = STARTED_S + 100;
    EXPECT("root-use", "fail value=0 since=-100");
    s.account.unknown = F(ROOT_USED);
    EXPECT("root-use", "unknown root_last_used");
    scene_end(&s);
}

static void test_root_credentials_of_members(void **state)
{
    (void)state;
    struct rules_scene s;
    scene_begin(&s);
    EXPECT("root-credentials", "pass");
    s.account.root.has_keys = true;
    EXPECT("root-credentials", "fail");
    s.account.unknown = F(ROOT_PASSWORD);
    EXPECT("root-credentials", "fail");
    s.account.unknown = F(ROOT_KEYS);
    EXPECT("root-credentials", "unknown root_access_keys");
    s.account.is_management = true;
    EXPECT("root-credentials", "not_applicable");
    s.account.unknown = F(MANAGEMENT);
    EXPECT("root-credentials", "unknown is_management");
    scene_end(&s);
}

static void test_password_policy(void **state)
{
    (void)state;
    struct rules_scene s;
    scene_begin(&s);
    s.account.password_policy =
        (struct password_policy){.minimum_length = 14, .reuse_prevention = 24};
    EXPECT("password-policy-length", "pass value=14");
    EXPECT("password-policy-reuse", "pass value=24");
    s.account.password_policy =
        (struct password_policy){.minimum_length = 13, .reuse_prevention = 23};
    EXPECT("password-policy-length", "fail value=13");
    EXPECT("password-policy-reuse", "fail value=23");
    s.account.password_policy = (struct password_policy){.minimum_length = 14};
    EXPECT("password-policy-reuse", "fail");
    s.account.password_policy = (struct password_policy){.is_default = true};
    EXPECT("password-policy-length", "fail value=8");
    EXPECT("password-policy-reuse", "fail");
    s.options.limits[rule_place(rule_find(VIEW_LITERAL("password-policy-length")))] = 8;
    EXPECT("password-policy-length", "pass value=8");
    s.account.unknown = F(PASSWORD_POLICY);
    EXPECT("password-policy-length", "unknown password_policy");
    EXPECT("password-policy-reuse", "unknown password_policy");
    scene_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_root_keys_and_certificates),  cmocka_unit_test(test_root_mfa),
        cmocka_unit_test(test_us_gov_has_no_root_sign_in),  cmocka_unit_test(test_root_use),
        cmocka_unit_test(test_root_credentials_of_members), cmocka_unit_test(test_password_policy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
