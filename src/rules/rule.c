/* SPDX-License-Identifier: MIT */
#include "rules/rule.h"

#include "base/nearest.h"
#include "rules/judgement.h"

#include <stdio.h>

#define F(fact)     FACT_BIT(FACT_##fact)
#define KEYS        (F(USERS) | F(KEYS) | F(KEYS_USED))
#define CREDENTIALS (F(PASSWORD) | F(KEYS) | F(SERVICE_CREDENTIALS) | F(CERTIFICATES))

#define INFO     SEVERITY_INFO
#define LOW      SEVERITY_LOW
#define MEDIUM   SEVERITY_MEDIUM
#define HIGH     SEVERITY_HIGH
#define CRITICAL SEVERITY_CRITICAL

#define USER        RESOURCE_USER
#define KEY         RESOURCE_ACCESS_KEY
#define CREDENTIAL  RESOURCE_SERVICE_CREDENTIAL
#define CERTIFICATE RESOURCE_CERTIFICATE
#define ACCOUNT     RESOURCE_ACCOUNT

#define NUMBER(n, from, to) LIMIT_NUMBER, n, from, to
#define DAYS(n)             LIMIT_NUMBER, n, 1, 3650
#define TAG_KEYS            LIMIT_KEYS, 0, 0, 0
#define NO_LIMIT            LIMIT_NONE, 0, 0, 0

/*
 * CIS renumbers its controls: those of 1.4 to 4.0.1 have the same numbers, in section 1; 6.0 and
 * 7.0 have them in section 2.
 */
#define CIS(old, five, six, seven)                                                                 \
    [CIS_1_4] = (old), [CIS_1_5] = (old), [CIS_2_0] = (old), [CIS_3_0] = (old),                    \
    [CIS_4_0_1] = (old), [CIS_5_0] = (five), [CIS_6_0] = (six), [CIS_7_0] = (seven)
#define FSBP [AWS_FSBP]
#define PCI  [PCI_DSS_4_0_1]
#define NIST [NIST_800_53_R5]

#define NIST_OF_MFA         "IA-2(1), IA-2(2), IA-2(6), IA-2(8)"
#define NIST_OF_CONSOLE_MFA "AC-2(1), AC-3(15), IA-2(1), IA-2(2), IA-2(6), IA-2(8)"
/* At 45 days the control is IAM.22; IAM.8 and PCI DSS ask for 90. */
#define UNUSED_CREDENTIALS                                                                         \
    .controls = {CIS("1.12", "1.11", "2.11", "2.11"), FSBP = "IAM.22", NIST = "AC-2(3)"},          \
    .controls_at_90 = {FSBP = "IAM.8", PCI = "8.2.6"}

/* clang-format off */
const struct rule rules_table[] = {
    {"password-policy-length", MEDIUM, ACCOUNT, false, NUMBER(14, 6, 128), F(PASSWORD_POLICY),
     .title = "The account's password policy asks for long passwords.",
     .mend = "Set the minimum length in the account's password policy.",
     .controls = {CIS("1.8", "1.7", "2.7", "2.8"), FSBP = "IAM.15", NIST = "AC-2(1), AC-2(3), IA-5(1)"},
     .judge = judge_password_policy_length},
    {"password-policy-reuse", LOW, ACCOUNT, false, NUMBER(24, 1, 24), F(PASSWORD_POLICY),
     .title = "The account's password policy forbids the reuse of passwords.",
     .mend = "Set the number of remembered passwords in the account's password policy.",
     .controls = {CIS("1.9", "1.8", "2.8", "2.9"), FSBP = "IAM.16", PCI = "8.3.7"},
     .judge = judge_password_policy_reuse},
    {"root-access-key", CRITICAL, ACCOUNT, false, NO_LIMIT, F(ROOT_KEYS),
     .title = "The root user has no access key.",
     .mend = "Delete the root user's access keys, or its credentials by central root access.",
     .controls = {CIS("1.4", "1.3", "2.3", "2.4"), FSBP = "IAM.4", NIST = "AC-6(2), AC-6(10)"},
     .judge = judge_root_access_key},
    {"root-certificate", CRITICAL, ACCOUNT, false, NO_LIMIT, F(ROOT_CERTIFICATES),
     .title = "The root user has no signing certificate.",
     .mend = "Delete the root user's signing certificates.",
     .judge = judge_root_certificate},
    {"root-credentials", MEDIUM, ACCOUNT, true, NO_LIMIT, F(ROOT_PASSWORD) | F(ROOT_KEYS) | F(MANAGEMENT),
     .title = "The root user of a member account has no credentials at all.",
     .mend = "Remove them from the management account, by central root access.",
     .judge = judge_root_credentials},
    {"root-hardware-mfa", HIGH, ACCOUNT, false, NO_LIMIT, F(ROOT_PASSWORD) | F(ROOT_MFA) | F(ROOT_MFA_KIND),
     .title = "The root user's MFA is a hardware device.",
     .mend = "Give the root user a security key or a hardware token, or remove its password.",
     .controls = {CIS("1.6", "1.5", "2.5", "2.6"), FSBP = "IAM.6", PCI = "8.4.2", NIST = NIST_OF_MFA},
     .judge = judge_root_hardware_mfa},
    {"root-mfa", CRITICAL, ACCOUNT, false, NO_LIMIT, F(ROOT_PASSWORD) | F(ROOT_MFA),
     .title = "The root user has MFA.",
     .mend = "Turn on MFA for the root user, or remove its password by central root access.",
     .controls = {CIS("1.5", "1.4", "2.4", "2.5"), FSBP = "IAM.9", PCI = "8.4.2", NIST = NIST_OF_MFA},
     .judge = judge_root_mfa},
    {"root-use", HIGH, ACCOUNT, false, DAYS(90), F(ROOT_USED),
     .title = "The root user is not used.",
     .mend = "Find out who used it and for what, and use a role with that permission instead.",
     .controls = {CIS("1.7", "1.6", "2.6", "2.7")},
     .judge = judge_root_use},
    {"user-admin", HIGH, USER, false, NO_LIMIT, F(ADMIN),
     .title = "Users are not administrators.",
     .mend = "Take the policies away by which the user is one (column AdminVia), and use a role instead.",
     .controls = {CIS("1.16", "1.15", "2.15", "2.14"), FSBP = "IAM.1", NIST = "AC-6"},
     .judge = judge_user_admin},
    {"user-admin-console-mfa", CRITICAL, USER, false, NO_LIMIT, F(ADMIN) | F(PASSWORD) | F(MFA),
     .title = "Administrators who sign in to the console have MFA.",
     .mend = "Turn on MFA for the user, or delete the password, at once.",
     .judge = judge_user_admin_console_mfa},
    {"user-api-key-no-expiry", HIGH, CREDENTIAL, false, NO_LIMIT, F(SERVICE_CREDENTIALS),
     .title = "API keys of Bedrock and CloudWatch Logs end some day.",
     .mend = "Delete the key, and use short-term keys or one with an expiration date.",
     .judge = judge_user_api_key_no_expiry},
    {"user-boundary", LOW, USER, true, NO_LIMIT, F(BOUNDARY),
     .title = "Users have a permissions boundary.",
     .mend = "Set a permissions boundary for the user.",
     .judge = judge_user_boundary},
    {"user-certificate-age", LOW, CERTIFICATE, false, DAYS(365), F(USERS) | F(CERTIFICATES),
     .title = "Signing certificates are replaced in time.",
     .mend = "Upload a new certificate and delete this one; delete it if nothing uses it.",
     .judge = judge_user_certificate_age},
    {"user-console-mfa", HIGH, USER, false, NO_LIMIT, F(PASSWORD) | F(MFA),
     .title = "Users who sign in to the console have MFA.",
     .mend = "Turn on MFA for the user, or delete the password.",
     .controls = {CIS("1.10", "1.9", "2.9", "2.10"), FSBP = "IAM.5", PCI = "8.4.2",
                  NIST = NIST_OF_CONSOLE_MFA},
     .judge = judge_user_console_mfa},
    {"user-direct-policy", LOW, USER, false, NO_LIMIT, F(POLICIES) | F(INLINE_POLICIES),
     .title = "Users have permissions only by way of groups.",
     .mend = "Attach the policies to a group, and make the user a member of it.",
     .controls = {CIS("1.15", "1.14", "2.14", "2.13"), FSBP = "IAM.2", NIST = "AC-2, AC-3, AC-6(3)"},
     .judge = judge_user_direct_policy},
    {"user-dormant", MEDIUM, USER, false, DAYS(90), KEYS | CREDENTIALS | F(PASSWORD_USED),
     .title = "Users with credentials use them.",
     .mend = "Delete the user, or at least its password and keys.",
     .judge = judge_user_dormant},
    {"user-inactive-key", INFO, KEY, false, DAYS(90), KEYS,
     .title = "Inactive keys are deleted after a while.",
     .mend = "Delete the key.",
     .judge = judge_user_inactive_key},
    {"user-key-age", MEDIUM, KEY, false, DAYS(90), F(USERS) | F(KEYS),
     .title = "Access keys are replaced in time.",
     .mend = "Make a new key, move whatever uses this one, and delete it; better, use a role.",
     .controls = {CIS("1.14", "1.13", "2.13", "2.12"), FSBP = "IAM.3", PCI = "8.3.9, 8.6.3",
                  NIST = "AC-2(1), AC-2(3), AC-3(15)"},
     .judge = judge_user_key_age},
    {"user-key-at-setup", LOW, KEY, false, NO_LIMIT, KEYS | F(PASSWORD),
     .title = "Console users have no key that was made with them and never used.",
     .mend = "Delete the key.",
     .controls = {CIS("1.11", "1.10", "2.10", NULL)},
     .judge = judge_user_key_at_setup},
    {"user-key-unused", MEDIUM, KEY, false, DAYS(45), KEYS,
     .title = "Access keys that nobody uses are turned off.",
     .mend = "Turn the key off, and delete it later.",
     UNUSED_CREDENTIALS,
     .judge = judge_user_key_unused},
    {"user-no-credential", INFO, USER, false, DAYS(90), F(USERS) | CREDENTIALS,
     .title = "Users have a credential, or else are deleted.",
     .mend = "Delete the user.",
     .judge = judge_user_no_credential},
    {"user-password-age", MEDIUM, USER, true, DAYS(90), F(USERS) | F(PASSWORD) | F(MFA) | F(PASSWORD_CHANGED),
     .title = "Passwords that are the only factor are changed in time.",
     .mend = "Turn on MFA for the user, or have the password changed.",
     .judge = judge_user_password_age},
    {"user-password-unused", MEDIUM, USER, false, DAYS(45), F(USERS) | F(PASSWORD) | F(PASSWORD_USED) | F(PASSWORD_CHANGED),
     .title = "Passwords that nobody uses are removed.",
     .mend = "Delete the user's password.",
     UNUSED_CREDENTIALS,
     .judge = judge_user_password_unused},
    {"user-service-credential-age", MEDIUM, CREDENTIAL, false, DAYS(90), F(USERS) | F(SERVICE_CREDENTIALS),
     .title = "Service credentials are replaced in time.",
     .mend = "Make a new credential, move whatever uses this one, and delete it.",
     .judge = judge_user_service_credential_age},
    {"user-tag", LOW, USER, true, TAG_KEYS, F(TAGS),
     .title = "Users have the tags that were agreed on.",
     .mend = "Tag the user.",
     .judge = judge_user_tag},
    {"user-two-active-keys", LOW, USER, false, NO_LIMIT, F(KEYS),
     .title = "Users have at most one active access key.",
     .mend = "Turn off the key that is used less, and delete it later.",
     .controls = {CIS("1.13", "1.12", "2.12", NULL)},
     .judge = judge_user_two_active_keys},
};
/* clang-format on */

const size_t rules_count = sizeof(rules_table) / sizeof(rules_table[0]);

_Static_assert(sizeof(rules_table) / sizeof(rules_table[0]) <= RULES_MAX, "too many rules");

const struct rule *rule_find(struct view id)
{
    for (size_t i = 0; i < rules_count; i++)
        if (view_is(id, rules_table[i].id))
            return &rules_table[i];
    return NULL;
}

void rule_nearest(struct view given, char *out, size_t size)
{
    char word[64];
    snprintf(word, sizeof(word), "%.*s", VIEW_ARG(given));
    struct nearest near = nearest_begin(word);
    for (size_t i = 0; i < rules_count; i++)
        nearest_try(&near, rules_table[i].id);
    out[0] = '\0';
    if (near.word)
        snprintf(out, size, " (did you mean '%s'?)", near.word);
}

size_t rule_place(const struct rule *rule)
{
    return (size_t)(rule - rules_table);
}

const char *rule_control(const struct rule *rule, enum framework framework, int64_t limit)
{
    if (limit == 90 && rule->controls_at_90[framework])
        return rule->controls_at_90[framework];
    return rule->controls[framework];
}

static const char *const severities[SEVERITY_COUNT] = {
    [INFO] = "info", [LOW] = "low", [MEDIUM] = "medium", [HIGH] = "high", [CRITICAL] = "critical"};

const char *severity_name(enum severity severity)
{
    return severities[severity];
}

bool severity_parse(struct view name, enum severity *severity)
{
    for (enum severity s = 0; s < SEVERITY_COUNT; s++)
        if (view_is(name, severities[s])) {
            *severity = s;
            return true;
        }
    return false;
}

const char *resource_type_name(enum resource_type type)
{
    static const char *const names[] = {[USER] = "user",
                                        [KEY] = "access_key",
                                        [CREDENTIAL] = "service_credential",
                                        [CERTIFICATE] = "certificate",
                                        [ACCOUNT] = "account"};
    return names[type];
}

static const struct {
    const char *name, *title;
} frameworks[FRAMEWORK_COUNT] = {
    [CIS_1_4] = {"cis-1.4", "CIS AWS Foundations Benchmark 1.4"},
    [CIS_1_5] = {"cis-1.5", "CIS AWS Foundations Benchmark 1.5"},
    [CIS_2_0] = {"cis-2.0", "CIS AWS Foundations Benchmark 2.0"},
    [CIS_3_0] = {"cis-3.0", "CIS AWS Foundations Benchmark 3.0"},
    [CIS_4_0_1] = {"cis-4.0.1", "CIS AWS Foundations Benchmark 4.0.1"},
    [CIS_5_0] = {"cis-5.0", "CIS AWS Foundations Benchmark 5.0"},
    [CIS_6_0] = {"cis-6.0", "CIS AWS Foundations Benchmark 6.0"},
    [CIS_7_0] = {"cis-7.0", "CIS AWS Foundations Benchmark 7.0"},
    [AWS_FSBP] = {"aws-fsbp", "AWS Foundational Security Best Practices"},
    [PCI_DSS_4_0_1] = {"pci-dss-4.0.1", "PCI DSS 4.0.1"},
    [NIST_800_53_R5] = {"nist-800-53-r5", "NIST SP 800-53 Rev. 5"},
};

const char *framework_name(enum framework framework)
{
    return frameworks[framework].name;
}

const char *framework_title(enum framework framework)
{
    return frameworks[framework].title;
}

bool framework_parse(struct view name, enum framework *framework)
{
    for (enum framework f = 0; f < FRAMEWORK_COUNT; f++)
        if (view_is(name, frameworks[f].name)) {
            *framework = f;
            return true;
        }
    return false;
}
