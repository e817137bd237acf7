/* SPDX-License-Identifier: MIT */
/* What mends each kind of trouble: which fix, for which accounts, with which statement or command.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "doctor/fixes.h"
#include "doctor_scene.h"

#include <jansson.h>
#include <stdlib.h>

#define SCP                                                                                        \
    "arn:aws:organizations::000000000001:policy/o-abcdefghij/service_control_policy/p-12345678"

struct scene {
    struct diagnosis d;
    struct account_diagnosis accounts[20];
    struct arena arena;
    struct fixes fixes;
};

static struct scene s;

static int begin(void **state)
{
    (void)state;
    scene_begin_with(&s.d, s.accounts, 5);
    arena_init(&s.arena);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_release(&s.arena);
    return 0;
}

static void make(void)
{
    diagnosis_conclude(&s.d);
    fixes_make(&s.d, &s.arena, &s.fixes);
}

/* The only fix there is. */
static const struct fix *only(enum fix_kind kind, size_t accounts)
{
    make();
    if (s.fixes.count != 1)
        fail_msg("%zu fixes, the first of them:\n%s", s.fixes.count,
                 s.fixes.count > 0 ? s.fixes.items[0].text : "");
    assert_int_equal(s.fixes.items[0].kind, kind);
    assert_int_equal(s.fixes.items[0].account_count, accounts);
    return &s.fixes.items[0];
}

static void has(const struct fix *fix, const char *text)
{
    if (!strstr(fix->text, text))
        fail_msg("'%s' is not in:\n%s", text, fix->text);
}

/* The JSON in the text, from its first brace on. */
static json_t *statement(const struct fix *fix)
{
    json_error_t e;
    const char *brace = strchr(fix->text, '{');
    assert_non_null(brace);
    json_t *json = json_loads(brace, JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &e);
    if (!json)
        fail_msg("%s in:\n%s", e.text, fix->text);
    return json;
}

static void deny(size_t i, enum source_id id, enum policy_type type, bool is_explicit,
                 const char *arn)
{
    s.accounts[i].actions[id] = scene_denied(type, is_explicit, arn);
}

static void refuse_all(struct action_result why)
{
    for (size_t i = 0; i < s.d.account_count; i++)
        scene_block(&s.accounts[i], why);
}

static void test_nothing_to_mend(void **state)
{
    (void)state;
    make();
    assert_int_equal(s.fixes.count, 0);
}

static void test_trust_policy(void **state)
{
    (void)state;
    s.d.external_id = true;
    refuse_all(scene_denied(POLICY_UNKNOWN, false, ""));
    const struct fix *fix = only(FIX_TRUST_POLICY, 5);
    assert_string_equal(
        fix->text,
        "If the role census exists, it needs this trust policy, with your external id for "
        "EXTERNAL_ID; if not, see docs/deploy.md:\n"
        "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{\n    \"Sid\": \"CensusOnly\",\n"
        "    \"Effect\": \"Allow\",\n"
        "    \"Principal\": {\"AWS\": \"arn:aws:iam::000000000001:user/auditor\"},\n"
        "    \"Action\": \"sts:AssumeRole\",\n    \"Condition\": {\n"
        "      \"StringEquals\": {\"sts:ExternalId\": \"EXTERNAL_ID\", "
        "\"aws:PrincipalOrgID\": \"o-abcdefghij\"}\n    }\n  }]\n}");
    json_decref(statement(fix));
    assert_string_equal(fix->account_ids[0], "000000000001");
}

/* A session's ARN is no principal: its role is. */
static void test_callers(void **state)
{
    (void)state;
    static const struct {
        const char *caller, *principal;
    } rows[] = {
        {"arn:aws:sts::000000000001:assumed-role/Audit/jane@example.com",
         "\"Principal\": {\"AWS\": \"arn:aws:iam::000000000001:role/Audit\"}"},
        {"arn:aws-cn:iam::000000000001:user/team/jane",
         "\"Principal\": {\"AWS\": \"arn:aws-cn:iam::000000000001:user/team/jane\"}"},
        {"arn:aws:sts::000000000001:assumed-role/AWSReservedSSO_Audit_0123456789abcdef/jane",
         "\"ArnLike\": {\"aws:PrincipalArn\": \"arn:aws:iam::000000000001:role/aws-reserved/"
         "sso.amazonaws.com*/AWSReservedSSO_Audit_0123456789abcdef\"}"},
        {"arn:aws:iam::000000000001:root", "arn:aws:iam::000000000001:root can't assume roles"},
        {"arn:aws:sts::000000000001:federated-user/jane", "can't assume roles"},
        {"arn:aws:sts::000000000001:assumed-role/", "\"AWS\": \"CALLER_ARN\""},
        {"nonsense\"\n", "\"AWS\": \"CALLER_ARN\""},
        {NULL, "\"AWS\": \"CALLER_ARN\""},
    };
    refuse_all(scene_denied(POLICY_RESOURCE, false, ""));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        s.d.caller.arn = rows[i].caller;
        const struct fix *fix = only(FIX_TRUST_POLICY, 5);
        has(fix, rows[i].principal);
        assert_null(strstr(fix->text, "sts:ExternalId")); /* none is given */
        if (strchr(fix->text, '{'))
            json_decref(statement(fix));
    }
}

/* A name that IAM never gives is not cut into one that it might. */
static void test_long_caller(void **state)
{
    (void)state;
    static char arn[3000];
    memset(arn, 'x', sizeof(arn) - 1);
    memcpy(arn, "arn:aws:iam::000000000001:user/", 31);
    s.d.caller.arn = arn;
    refuse_all(scene_denied(POLICY_UNKNOWN, false, ""));
    has(only(FIX_TRUST_POLICY, 5), "with your own ARN for CALLER_ARN");
}

/* A character that no ARN has would begin a line that could be pasted by itself. */
static void test_hostile_caller(void **state)
{
    static const char *const arns[] = {
        "arn:aws:iam::000000000001:user/a\nrm -rf x", "arn:aws:iam::000000000001:user/a b",
        "arn:aws:iam::000000000001:user/\x1b[31m", "arn:aws:iam::000000000001:user/\xe2\x80\xae"};
    (void)state;
    for (size_t i = 0; i < sizeof(arns) / sizeof(arns[0]); i++) {
        s.d.caller.arn = arns[i];
        refuse_all(scene_denied(POLICY_UNKNOWN, false, ""));
        has(only(FIX_TRUST_POLICY, 5), "with your own ARN for CALLER_ARN");
    }
    s.d.caller.arn = "arn:aws:iam::000000000001:user/$(id)/a"; /* a path may be like that */
    has(only(FIX_TRUST_POLICY, 5), "\"arn:aws:iam::000000000001:user/$(id)/a\"");
}

/* The caller's credentials end in the middle; a session's are renewed by the next run. */
static void test_expired(void **state)
{
    (void)state;
    refuse_all(scene_failed("ExpiredToken", "expired"));
    has(only(FIX_CREDENTIALS, 5), "have expired (ExpiredToken): renew them");
    for (size_t i = 0; i < 5; i++)
        scene_allow(&s.d, &s.accounts[i]);
    s.accounts[2].actions[SOURCE_LIST_USERS] = scene_failed("ExpiredToken", "expired");
    has(only(FIX_FAILURE, 1), "says nothing of permissions");
}

/* Missing in some: the members by the StackSet, which leaves the management account out. */
static void test_stacks(void **state)
{
    (void)state;
    s.d.caller.arn = "arn:aws:sts::000000000001:assumed-role/Audit/jane";
    for (size_t i = 0; i < 3; i++)
        scene_block(&s.accounts[i], scene_denied(POLICY_UNKNOWN, false, ""));
    make();
    assert_int_equal(s.fixes.count, 2);
    assert_int_equal(s.fixes.items[0].kind, FIX_STACK_INSTANCES);
    assert_string_equal(
        s.fixes.items[0].text,
        "aws cloudformation create-stack-instances --stack-set-name iam-census-role \\\n"
        "    --regions us-east-1 --operation-preferences FailureTolerancePercentage=100 \\\n"
        "    --deployment-targets OrganizationalUnitIds=\"$(aws organizations list-roots --query "
        "'Roots[0].Id' --output text)\",AccountFilterType=INTERSECTION,"
        "Accounts=000000000002,000000000003\n"
        "# made by deploy/organization.yaml? Its output StackSetId has the name");
    assert_int_equal(s.fixes.items[1].kind, FIX_STACK);
    assert_int_equal(s.fixes.items[1].account_count, 1);
    assert_string_equal(
        s.fixes.items[1].text,
        "aws cloudformation deploy --stack-name iam-census-role --region us-east-1 \\\n"
        "    --template-file deploy/stackset/child-role.yaml --capabilities CAPABILITY_NAMED_IAM "
        "\\\n    --parameter-overrides FunctionRoleArn=arn:aws:iam::000000000001:role/Audit "
        "ExternalId=EXTERNAL_ID \\\n    OrganizationId=o-abcdefghij RoleName=census");
}

static void test_stacks_of_a_delegate(void **state)
{
    (void)state;
    s.d.caller.account_id = "000000000002";
    s.d.role_name = "team/cen sus'";
    s.d.wanted |= account_fields_wanted() | FACT_BIT(FACT_SSH_KEYS);
    for (size_t i = 0; i < 5; i++)
        scene_allow(&s.d, &s.accounts[i]);
    scene_block(&s.accounts[0], scene_denied(POLICY_UNKNOWN, false, ""));
    scene_block(&s.accounts[2], scene_denied(POLICY_UNKNOWN, false, ""));
    make();
    assert_int_equal(s.fixes.count, 2);
    has(&s.fixes.items[0], "--stack-set-name iam-census-role --call-as DELEGATED_ADMIN");
    has(&s.fixes.items[1], "FunctionRoleArn=FUNCTION_ROLE_ARN"); /* a user is no role */
    has(&s.fixes.items[1], "RoleName='cen sus'\\''' Permissions=findings SshPublicKeys=true");
}

/* Roles that others make are not in our StackSet. */
static void test_roles_of_others(void **state)
{
    (void)state;
    scene_block(&s.accounts[3], scene_denied(POLICY_UNKNOWN, false, ""));
    s.d.role_name = "OrganizationAccountAccessRole";
    has(only(FIX_STACK_INSTANCES, 1), "# Organizations makes this role only in accounts that it");
    s.d.role_name = "AWSControlTowerExecution";
    const char *text = only(FIX_STACK_INSTANCES, 1)->text;
    /* The StackSet's role is another one: whoever pastes the command must have read that. */
    assert_memory_equal(text, "# Control Tower makes this role only in accounts", 48);
    assert_non_null(strstr(text, "\naws cloudformation create-stack-instances"));
    assert_null(strstr(text, "StackSetId"));
}

/* A terminal gets a few ids, JSON all of them. */
static void test_many_ids(void **state)
{
    (void)state;
    scene_begin_with(&s.d, s.accounts, 20);
    for (size_t i = 1; i < 19; i++)
        scene_block(&s.accounts[i], scene_denied(POLICY_UNKNOWN, false, ""));
    const struct fix *fix = only(FIX_STACK_INSTANCES, 18);
    has(fix, ",000000000019");
    assert_null(strstr(fix->brief, ",000000000019"));
    assert_non_null(strstr(fix->brief, "# 14 more account ids"));
}

/* All that is missing, in one statement, whatever ARN IAM names and wherever it is missing. */
static void test_permissions(void **state)
{
    (void)state;
    deny(1, SOURCE_LIST_USERS, POLICY_IDENTITY, false, "");
    deny(2, SOURCE_LIST_USER_TAGS, POLICY_IDENTITY, false, "arn:aws:iam::000000000003:policy/x");
    deny(2, SOURCE_GET_LOGIN_PROFILE, POLICY_IDENTITY, false, "");
    const struct fix *fix = only(FIX_PERMISSIONS, 2);
    assert_string_equal(fix->text,
                        "Add this statement to a policy of the role census in each account:\n"
                        "{\"Sid\": \"IamCensus\", \"Effect\": \"Allow\", \"Resource\": \"*\",\n"
                        " \"Action\": [\n"
                        "  \"iam:ListUsers\", \"iam:ListUserTags\", \"iam:GetLoginProfile\"]}");
    json_decref(statement(fix));
}

/* In the caller's own account, read without the role, the caller lacks it. */
static void test_own_account(void **state)
{
    (void)state;
    s.accounts[0].assume_role = scene_denied(POLICY_UNKNOWN, false, "");
    s.accounts[0].own_credentials = true;
    deny(0, SOURCE_LIST_USER_TAGS, POLICY_IDENTITY, false, "");
    const struct fix *fix = only(FIX_CALLER_PERMISSIONS, 1);
    has(fix, "a policy of the caller, arn:aws:iam::000000000001:user/auditor:");
}

/* Each kind of policy, explicit or not: the fix and what it says. */
static void test_each_policy(void **state)
{
    (void)state;
    static const char condition[] =
        "\"Condition\": {\"ArnNotLike\": {\"aws:PrincipalArn\": \"arn:aws:iam::*:role/census\"}}";
    static const char allow[] = "\"Resource\": \"*\",\n \"Action\": [\n  \"iam:ListUserTags\"]}";
    static const struct {
        enum policy_type type;
        bool is_explicit;
        const char *arn;
        enum fix_kind kind;
        const char *texts[2];
    } rows[] = {
        {POLICY_IDENTITY, true, "", FIX_EXCEPTION, {"In the identity policy (AWS does", condition}},
        {POLICY_SCP, true, SCP, FIX_EXCEPTION, {"In the service control policy " SCP, condition}},
        {POLICY_SCP, false, SCP, FIX_ALLOWANCE, {"In the service control policy " SCP, allow}},
        {POLICY_RCP,
         true,
         "arn:r",
         FIX_EXCEPTION,
         {"the resource control policy arn:r", condition}},
        {POLICY_RCP, false, "", FIX_ALLOWANCE, {"In the resource control policy", allow}},
        {POLICY_BOUNDARY, true, "arn:b", FIX_EXCEPTION, {"permissions boundary arn:b", condition}},
        {POLICY_BOUNDARY, false, "arn:b", FIX_ALLOWANCE, {"permissions boundary arn:b", allow}},
        {POLICY_SESSION,
         false,
         "",
         FIX_SESSION_POLICY,
         {"--no-session-policy", "iam:ListUserTags"}},
        {POLICY_SESSION, true, "", FIX_SESSION_POLICY, {"--no-session-policy", "iam:ListUserTags"}},
        {POLICY_VPC_ENDPOINT, true, "", FIX_VPC_ENDPOINT, {"VPC endpoint policy", condition}},
        {POLICY_VPC_ENDPOINT, false, "", FIX_VPC_ENDPOINT, {"\"Principal\": \"*\"", allow}},
        {POLICY_RESOURCE, false, "", FIX_RESOURCE_POLICY, {"of the resource itself", "census"}},
        {POLICY_RESOURCE, true, "arn:p", FIX_EXCEPTION, {"the resource policy arn:p", condition}},
        {POLICY_UNKNOWN, false, "", FIX_UNKNOWN_POLICY, {"CloudTrail", "Value=ListUserTags"}},
        {POLICY_UNKNOWN, true, "", FIX_UNKNOWN_POLICY, {"authorization id", "--region us-east-1"}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        deny(1, SOURCE_LIST_USER_TAGS, rows[i].type, rows[i].is_explicit, rows[i].arn);
        const struct fix *fix = only(rows[i].kind, 1);
        has(fix, rows[i].texts[0]);
        has(fix, rows[i].texts[1]);
        if (strchr(fix->text, '{'))
            json_decref(statement(fix));
    }
}

/* A session policy that is not ours is somebody else's to widen. */
static void test_foreign_session_policy(void **state)
{
    (void)state;
    s.d.session_policy = false;
    deny(1, SOURCE_LIST_USER_TAGS, POLICY_SESSION, false, "");
    const struct fix *fix = only(FIX_SESSION_POLICY, 1);
    has(fix, "Whoever made the session");
    assert_null(strstr(fix->text, "--no-session-policy"));
}

/* By kind, ARN and explicitness; never by message or authorization id. */
static void test_groups(void **state)
{
    (void)state;
    for (size_t i = 1; i < 5; i++) {
        deny(i, SOURCE_LIST_USER_TAGS, POLICY_SCP, true, i < 4 ? SCP : SCP "2");
        deny(i, SOURCE_LIST_GROUPS_FOR_USER, POLICY_SCP, i < 3, SCP);
        s.accounts[i].actions[SOURCE_LIST_USER_TAGS].message = s.accounts[i].account.id;
        snprintf(s.accounts[i].actions[SOURCE_LIST_USER_TAGS].denial.authorization_id,
                 DENIAL_ID_SIZE, "%zu", i);
    }
    make();
    assert_int_equal(s.fixes.count, 3);
    assert_int_equal(s.fixes.items[0].account_count, 3);
    has(&s.fixes.items[0], "denies iam:ListUserTags, iam:ListGroupsForUser needs:");
    assert_int_equal(s.fixes.items[1].account_count, 1);
    has(&s.fixes.items[1], SCP "2");
    assert_int_equal(s.fixes.items[2].kind, FIX_ALLOWANCE);
    assert_int_equal(s.fixes.items[2].account_count, 2);
}

/* A boundary that each account has of its own is one fix. */
static void test_boundaries_of_each_account(void **state)
{
    (void)state;
    for (size_t i = 1; i < 5; i++) {
        char arn[100];
        snprintf(arn, sizeof(arn), "arn:aws:iam::%s:policy/limit", s.accounts[i].account.id);
        deny(i, SOURCE_LIST_USER_TAGS, POLICY_BOUNDARY, true, arn);
    }
    has(only(FIX_EXCEPTION, 4), "the permissions boundary arn:aws:iam::*:policy/limit,");
}

/* What keeps the caller from assuming any role is the caller's. */
static void test_assuming(void **state)
{
    (void)state;
    refuse_all(scene_denied(POLICY_IDENTITY, false, ""));
    const struct fix *fix = only(FIX_CALLER_PERMISSIONS, 5);
    has(fix, "\"Resource\": \"arn:aws:iam::*:role/census\",\n"
             " \"Condition\": {\"StringEquals\": {\"aws:ResourceOrgID\": \"o-abcdefghij\"}},\n"
             " \"Action\": [\n  \"sts:AssumeRole\"]}");
    json_decref(statement(fix));
    refuse_all(scene_denied(POLICY_SCP, true, SCP));
    fix = only(FIX_EXCEPTION, 5);
    has(fix, "{\"aws:PrincipalArn\": \"arn:aws:iam::000000000001:user/auditor\"}");
    refuse_all(scene_denied(POLICY_RESOURCE, true, ""));
    has(only(FIX_EXCEPTION, 5),
        "In the trust policy of the role, the statement that denies sts:AssumeRole needs:");
}

static void test_failures(void **state)
{
    (void)state;
    refuse_all(scene_failed("RegionDisabledException", "STS is not activated in this region"));
    has(only(FIX_REGION, 5), "STS is not enabled in the region us-east-1");
    refuse_all(scene_failed("Throttling", "Rate exceeded"));
    has(only(FIX_FAILURE, 5), "sts:AssumeRole failed (Throttling), which says nothing of perm");
    refuse_all(scene_failed("Timeout", ""));
    has(only(FIX_FAILURE, 5), "run doctor again; docs/operations.md");
}

static void output_denied(enum policy_type type, bool is_explicit, const char *action,
                          const char *arn)
{
    struct action_result r = scene_denied(type, is_explicit, arn);
    s.d.output = (struct diagnosis_output){.target = "s3://reports/iam-census/",
                                           .error = "access denied",
                                           .action = action,
                                           .key = "arn:aws:kms:us-east-1:000000000001:key/k",
                                           .denial = r.denial};
}

static void test_output(void **state)
{
    (void)state;
    output_denied(POLICY_IDENTITY, false, "s3:PutObject", "");
    has(only(FIX_CALLER_PERMISSIONS, 0),
        "\"Resource\": \"arn:aws:s3:::reports/iam-census/*\",\n \"Action\": [\n"
        "  \"s3:PutObject\", \"s3:AbortMultipartUpload\"]}");
    output_denied(POLICY_UNKNOWN, false, NULL, "");
    has(only(FIX_CALLER_PERMISSIONS, 0),
        "does not say what denies: the bucket's policy, or that of its KMS key, may deny it too.");
    output_denied(POLICY_IDENTITY, false, "kms:GenerateDataKey", "");
    has(only(FIX_CALLER_PERMISSIONS, 0),
        "\"Resource\": \"arn:aws:kms:us-east-1:000000000001:key/k\",\n \"Action\": [\n"
        "  \"kms:GenerateDataKey\", \"kms:Decrypt\"]}");
    output_denied(POLICY_RESOURCE, false, "s3:PutObject", "");
    const struct fix *fix = only(FIX_BUCKET_POLICY, 0);
    has(fix, "policy of the bucket of s3://reports/iam-census/:");
    has(fix, "\"Principal\": {\"AWS\": \"arn:aws:iam::000000000001:user/auditor\"}");
    output_denied(POLICY_RESOURCE, false, "kms:GenerateDataKey", "");
    fix = only(FIX_KEY_POLICY, 0);
    has(fix, "policy of the KMS key arn:aws:kms:us-east-1:000000000001:key/k:");
    has(fix, "\"Resource\": \"*\"");
    output_denied(POLICY_UNKNOWN, false, NULL, "");
    s.d.output.owner = "000000000009";
    has(only(FIX_CALLER_PERMISSIONS, 0),
        "or the bucket is not of account 000000000009 (--expected-bucket-owner). Add");
    output_denied(POLICY_SCP, true, "s3:PutObject", SCP);
    has(only(FIX_EXCEPTION, 0), "denies s3:PutObject, s3:AbortMultipartUpload needs:");
    s.d.output = (struct diagnosis_output){.target = "/no/folder", .error = "no such folder"};
    has(only(FIX_OUTPUT, 0), "no such folder");
}

static void test_before_the_accounts(void **state)
{
    (void)state;
    s.d.caller.clock_skew_s = 300;
    make();
    assert_int_equal(s.fixes.count, 0);
    s.d.caller.clock_skew_s = 301;
    has(only(FIX_CLOCK, 0), "301 s behind AWS's");
    s.d.caller.clock_skew_s = -3600;
    has(only(FIX_CLOCK, 0), "3600 s ahead of AWS's");
    s.d.caller.clock_skew_s = 0;
    s.d.caller.expires_at_s = s.d.now_s + 1;
    make();
    s.d.caller.expires_at_s = s.d.now_s + (int64_t)(s.d.estimate_ms + 999) / 1000;
    make();
    assert_int_equal(s.fixes.count, 0);
    s.d.caller.expires_at_s--;
    has(only(FIX_CREDENTIALS, 0), "expire at 2023-11-14T22:13:2");
    s.d.caller.expires_at_s = TIMESTAMP_NONE;
    s.d.organization = (struct diagnosis_organization){.error = "AccessDeniedException"};
    has(only(FIX_ORGANIZATIONS, 0), "AccessDeniedException\nRun in the management account");
    s.d.organization = (struct diagnosis_organization){.error = "expired", .refused = true};
    assert_string_equal(only(FIX_CREDENTIALS, 0)->text, "expired");
    s.d.organization = (struct diagnosis_organization){.error = "no account", .undenied = true};
    assert_string_equal(only(FIX_ORGANIZATIONS, 0)->text, "no account");
    s.d.organization.undenied = false;
    s.d.organization.error = NULL;
    s.d.caller.error = "no answer";
    s.d.caller.code = "RegionDisabledException";
    has(only(FIX_REGION, 0),
        "of the region us-east-1 does not say who the caller is (RegionDisabledException)\n"
        "Enable the region");
    s.d.caller.code = "Timeout";
    has(only(FIX_REGION, 0), "(Timeout)\nRun doctor again");
}

/* doctor lists users to have one to try calls on; that is no trouble if the census does not. */
static void test_what_is_not_needed(void **state)
{
    (void)state;
    s.d.strategy = STRATEGY_BULK;
    s.d.wanted = FACT_BIT(FACT_USERS) | FACT_BIT(FACT_TAGS);
    for (size_t i = 0; i < 5; i++)
        scene_allow(&s.d, &s.accounts[i]);
    s.d.wanted = FACT_BIT(FACT_TAGS);
    deny(1, SOURCE_LIST_USERS, POLICY_IDENTITY, false, "");
    make();
    assert_int_equal(s.fixes.count, 0);
}

/* In the order of the kinds, whatever the order of the troubles. */
static void test_order(void **state)
{
    (void)state;
    deny(1, SOURCE_LIST_USER_TAGS, POLICY_UNKNOWN, false, "");
    deny(2, SOURCE_LIST_USER_TAGS, POLICY_SCP, true, SCP);
    deny(3, SOURCE_LIST_USER_TAGS, POLICY_IDENTITY, false, "");
    output_denied(POLICY_UNKNOWN, false, NULL, "");
    make();
    assert_int_equal(s.fixes.count, 4);
    for (size_t i = 1; i < 4; i++)
        assert_true(s.fixes.items[i - 1].kind < s.fixes.items[i].kind);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_nothing_to_mend),
        TEST(test_trust_policy),
        TEST(test_callers),
        TEST(test_long_caller),
        TEST(test_hostile_caller),
        TEST(test_expired),
        TEST(test_stacks),
        TEST(test_stacks_of_a_delegate),
        TEST(test_roles_of_others),
        TEST(test_many_ids),
        TEST(test_permissions),
        TEST(test_own_account),
        TEST(test_each_policy),
        TEST(test_foreign_session_policy),
        TEST(test_groups),
        TEST(test_boundaries_of_each_account),
        TEST(test_assuming),
        TEST(test_failures),
        TEST(test_output),
        TEST(test_before_the_accounts),
        TEST(test_what_is_not_needed),
        TEST(test_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
