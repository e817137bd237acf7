/* SPDX-License-Identifier: MIT */
/* What AWS's messages say about why a call was denied. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "doctor/denial.h"

#include <stdio.h>

#define SESSION "arn:aws:sts::111111111111:assumed-role/census/iam-census"
#define USER    "User: " SESSION " is not authorized to perform: iam:ListUsers on resource: "
#define ACCOUNT USER "arn:aws:iam::111111111111:user/ "
#define SCP                                                                                        \
    "arn:aws:organizations::222222222222:policy/o-abcdefghij/service_control_policy/p-12345678"
#define LINK                                                                                       \
    " Go to https://us-east-1.console.aws.amazon.com/iam/home?region=us-east-1#/"                  \
    "authorization-details/EXAMPLE1a2b3c4d5e6f7g8h9i0j for complete details, or call the "         \
    "GetRequestAuthorizationDetails API with the following authorization id: "                     \
    "EXAMPLE1a2b3c4d5e6f7g8h9i0j"
#define ID     "EXAMPLE1a2b3c4d5e6f7g8h9i0j"
#define NOBODY " policy allows the iam:ListUsers action"

static const struct row {
    const char *message;
    enum policy_type type;
    bool is_explicit;
    const char *arn, *id;
} rows[] = {
    {ACCOUNT "because no identity-based" NOBODY, POLICY_IDENTITY, false, "", ""},
    {ACCOUNT "because no session" NOBODY, POLICY_SESSION, false, "", ""},
    {ACCOUNT "because no resource-based" NOBODY, POLICY_RESOURCE, false, "", ""},
    {ACCOUNT "because no service control" NOBODY, POLICY_SCP, false, "", ""},
    {ACCOUNT "because no resource control" NOBODY, POLICY_RCP, false, "", ""},
    {ACCOUNT "because no VPC endpoint" NOBODY, POLICY_VPC_ENDPOINT, false, "", ""},
    {ACCOUNT "because no permissions boundary allows the iam:ListUsers action", POLICY_BOUNDARY,
     false, "", ""},
    {ACCOUNT "because no role trust policy allows the sts:AssumeRole action", POLICY_RESOURCE,
     false, "", ""},
    {ACCOUNT "with an explicit deny in an identity-based policy", POLICY_IDENTITY, true, "", ""},
    {ACCOUNT "with an explicit deny in a resource-based policy", POLICY_RESOURCE, true, "", ""},
    {ACCOUNT "with an explicit deny in the role trust policy", POLICY_RESOURCE, true, "", ""},
    {ACCOUNT "with an explicit deny in a session policy", POLICY_SESSION, true, "", ""},
    {ACCOUNT "with an explicit deny in a permissions boundary", POLICY_BOUNDARY, true, "", ""},
    {ACCOUNT "with an explicit deny in a service control policy", POLICY_SCP, true, "", ""},
    {ACCOUNT "with an explicit deny in a resource control policy", POLICY_RCP, true, "", ""},
    {ACCOUNT "with an explicit deny in a VPC endpoint policy", POLICY_VPC_ENDPOINT, true, "", ""},
    /* The policy's ARN, and the link. */
    {ACCOUNT "with an explicit deny in a service control policy: " SCP, POLICY_SCP, true, SCP, ""},
    {ACCOUNT "with an explicit deny in a service control policy: " SCP "." LINK, POLICY_SCP, true,
     SCP, ID},
    {ACCOUNT "because no identity-based" NOBODY "." LINK, POLICY_IDENTITY, false, "", ID},
    {ACCOUNT "because no identity-based" NOBODY ". Go to https://a/#/authorization-details/" ID,
     POLICY_IDENTITY, false, "", ID},
    /* No kind is named. */
    {ACCOUNT, POLICY_UNKNOWN, false, "", ""},
    {ACCOUNT "with an explicit deny", POLICY_UNKNOWN, true, "", ""},
    {ACCOUNT "with an explicit deny in a quantum policy", POLICY_UNKNOWN, true, "", ""},
    {ACCOUNT "because no quantum" NOBODY, POLICY_UNKNOWN, false, "", ""},
    {"Access Denied", POLICY_UNKNOWN, false, "", ""},
    {"", POLICY_UNKNOWN, false, "", ""},
    /* Words that come from us: an object's key, quoted as S3 quotes it. */
    {USER "\"arn:aws:s3:::b/with an explicit deny in a session policy\" because no "
          "identity-based" NOBODY,
     POLICY_IDENTITY, false, "", ""},
    {USER "\"arn:aws:s3:::b/with an explicit deny in a session policy\"", POLICY_UNKNOWN, false, "",
     ""},
};

static void each_message_names_its_policy(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct denial d;
        denial_read(rows[i].message, &d);
        if (d.type != rows[i].type || d.is_explicit != rows[i].is_explicit)
            print_error("%s\n", rows[i].message);
        assert_int_equal(d.type, rows[i].type);
        assert_int_equal(d.is_explicit, rows[i].is_explicit);
        assert_string_equal(d.policy_arn, rows[i].arn);
        assert_string_equal(d.authorization_id, rows[i].id);
    }
}

/* A word that is too long is left out: cut short, it would name something else. */
static void what_is_too_long_is_left_out(void **state)
{
    (void)state;
    char message[2048];
    struct denial d;
    snprintf(message, sizeof(message), "%swith an explicit deny in a session policy: arn:%0300d",
             ACCOUNT, 0);
    denial_read(message, &d);
    assert_int_equal(d.type, POLICY_SESSION);
    assert_string_equal(d.policy_arn, "");
}

static void the_action_is_found(void **state)
{
    (void)state;
    char action[DENIAL_ACTION_SIZE];
    denial_action(ACCOUNT, action);
    assert_string_equal(action, "iam:ListUsers");
    denial_action("Access Denied", action);
    assert_string_equal(action, "");
}

static void only_some_codes_are_denials(void **state)
{
    (void)state;
    struct error e;
    error_set(&e, ERROR_SERVICE, "no");
    snprintf(e.code, sizeof(e.code), "AccessDenied");
    assert_true(denial_is(&e));
    snprintf(e.code, sizeof(e.code), "AccessDeniedException");
    assert_true(denial_is(&e));
    snprintf(e.code, sizeof(e.code), "Throttling");
    assert_false(denial_is(&e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_message_names_its_policy),
        cmocka_unit_test(what_is_too_long_is_left_out),
        cmocka_unit_test(the_action_is_found),
        cmocka_unit_test(only_some_codes_are_denials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
