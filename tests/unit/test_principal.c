/* SPDX-License-Identifier: MIT */
/* Whom a trust policy must name so that the caller may assume the role. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "doctor/principal.h"

#include <string.h>

#define LEN(array) (sizeof(array) / sizeof((array)[0]))
#define IAM        "arn:aws:iam::111111111111:"
#define STS        "arn:aws-us-gov:sts::111111111111:"

static void test_callers(void **state)
{
    static const struct {
        const char *caller;
        enum principal_kind kind;
        const char *arn;
    } cases[] = {
        {IAM "user/jane", PRINCIPAL_USER, IAM "user/jane"},
        {IAM "role/team/census", PRINCIPAL_ROLE, IAM "role/team/census"},
        {IAM "root", PRINCIPAL_UNABLE, IAM "root"},
        {STS "federated-user/jane", PRINCIPAL_UNABLE, STS "federated-user/jane"},
        {STS "assumed-role/census/session", PRINCIPAL_ROLE,
         "arn:aws-us-gov:iam::111111111111:role/census"},
        {STS "assumed-role/AWSReservedSSO_Admin_0123/jane", PRINCIPAL_PATTERN,
         "arn:aws-us-gov:iam::111111111111:role/aws-reserved/sso.amazonaws.com*/"
         "AWSReservedSSO_Admin_0123"},
        /* Of no form that is known: a placeholder, never half of it. */
        {NULL, PRINCIPAL_UNKNOWN, "CALLER_ARN"},
        {"", PRINCIPAL_UNKNOWN, "CALLER_ARN"},
        {"arn", PRINCIPAL_UNKNOWN, "CALLER_ARN"},
        {"arn:aws:iam", PRINCIPAL_UNKNOWN, "CALLER_ARN"},
        {"arn:aws:iam::111111111111", PRINCIPAL_UNKNOWN, "CALLER_ARN"},
        {IAM, PRINCIPAL_UNKNOWN, "CALLER_ARN"},
        {IAM "group/admins", PRINCIPAL_UNKNOWN, "CALLER_ARN"},
        {STS "assumed-role/", PRINCIPAL_UNKNOWN, "CALLER_ARN"},
        {STS "assumed-role/census", PRINCIPAL_UNKNOWN, "CALLER_ARN"},
        {STS "assumed-role//session", PRINCIPAL_UNKNOWN, "CALLER_ARN"},
        {IAM "user/jane\nrm", PRINCIPAL_UNKNOWN, "CALLER_ARN"},
        {IAM "user/ja ne", PRINCIPAL_UNKNOWN, "CALLER_ARN"},
        {IAM "user/Zo\xc3\xab", PRINCIPAL_UNKNOWN, "CALLER_ARN"},
    };
    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        struct principal p;
        principal_of(cases[i].caller, &p);
        if (p.kind != cases[i].kind || strcmp(p.arn, cases[i].arn) != 0)
            fail_msg("case %zu: kind %d, '%s'", i, (int)p.kind, p.arn);
    }
}

static void test_root_of_a_pattern(void **state)
{
    struct principal p;
    (void)state;
    principal_of(STS "assumed-role/AWSReservedSSO_Admin_0123/jane", &p);
    assert_string_equal(p.root, "arn:aws-us-gov:iam::111111111111:root");
}

static void test_endless(void **state)
{
    char arn[2 * PRINCIPAL_ARN_MAX];
    struct principal p;
    (void)state;
    memset(arn, 'a', sizeof(arn));
    memcpy(arn, IAM "user/", strlen(IAM "user/"));
    arn[sizeof(arn) - 1] = '\0';
    principal_of(arn, &p);
    assert_int_equal(p.kind, PRINCIPAL_UNKNOWN);
    assert_string_equal(p.arn, "CALLER_ARN");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_callers),
                                       cmocka_unit_test(test_root_of_a_pattern),
                                       cmocka_unit_test(test_endless)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
