/* SPDX-License-Identifier: MIT */
/* The JSON of doctor: the keys of the contract, in their order, whole, and read back by Jansson. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "doctor/doctor_json.h"
#include "doctor_scene.h"

#include <jansson.h>

#define TEXT_MAX ((size_t)16 * 1024 * 1024)

struct scene {
    struct diagnosis d;
    struct account_diagnosis accounts[SCENE_ACCOUNTS];
    struct arena arena;
    struct buffer text;
    json_t *json;
};

static struct scene s;

static int begin(void **state)
{
    (void)state;
    scene_begin_with(&s.d, s.accounts, 2);
    arena_init(&s.arena);
    buffer_init(&s.text, TEXT_MAX);
    return 0;
}

static int end(void **state)
{
    (void)state;
    json_decref(s.json);
    s.json = NULL;
    buffer_release(&s.text);
    arena_release(&s.arena);
    return 0;
}

static const char *write_json(void)
{
    struct fixes fixes;
    json_error_t e;
    diagnosis_conclude(&s.d);
    fixes_make(&s.d, &s.arena, &fixes);
    buffer_clear(&s.text);
    doctor_json_write(&s.d, &fixes, &s.text);
    json_decref(s.json);
    s.json = json_loads(buffer_text(&s.text), JSON_REJECT_DUPLICATES, &e);
    if (!s.json)
        fail_msg("%s in %s", e.text, buffer_text(&s.text));
    return buffer_text(&s.text);
}

static const json_t *account(size_t i)
{
    return json_array_get(json_object_get(s.json, "accounts"), i);
}

static const json_t *action(size_t i, const char *name)
{
    size_t index;
    json_t *a;
    json_array_foreach (json_object_get(account(i), "actions"), index, a)
        if (strcmp(json_string_value(json_object_get(a, "action")), name) == 0)
            return a;
    fail_msg("no action %s", name);
    return NULL;
}

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* All of it, byte for byte. */
static void test_golden(void **state)
{
    (void)state;
    s.d.account_count = 1;
    s.d.wanted = FACT_BIT(FACT_USERS) | FACT_BIT(FACT_ALIAS) | FACT_BIT(FACT_BOUNDARY);
    scene_allow(&s.d, &s.accounts[0]);
    s.accounts[0].account.name = VIEW_LITERAL("pay\xc3\xbc");
    s.accounts[0].actions[SOURCE_LIST_ACCOUNT_ALIASES] =
        scene_denied(POLICY_SCP, true, "arn:aws:organizations::1:policy/o-1/p-1");
    s.d.organization.skipped = 7;
    s.d.calls = 5;
    s.d.caller.clock_skew_s = -2;
    assert_string_equal(
        write_json(),
        "{\"caller\":{\"arn\":\"arn:aws:iam::000000000001:user/auditor\","
        "\"account_id\":\"000000000001\",\"expires_at\":null,\"clock_skew_s\":-2,"
        "\"region\":\"us-east-1\"},"
        "\"organization\":{\"id\":\"o-abcdefghij\",\"accounts\":1,\"skipped_accounts\":7},"
        "\"output\":{\"ok\":true,\"target\":\"s3://reports/iam-census/\",\"error\":null},"
        "\"accounts\":[{\"account_id\":\"000000000001\",\"account_name\":\"pay\xc3\xbc\","
        "\"verdict\":\"partial\",\"stage\":null,\"probe_user\":\"jane\","
        "\"unknown\":[\"AccountAlias\"],\"actions\":["
        "{\"action\":\"sts:AssumeRole\",\"result\":\"allowed\",\"code\":null,\"explicit\":null,"
        "\"policy_type\":null,\"policy_arn\":null,\"authorization_id\":null},"
        "{\"action\":\"iam:GetAccountAuthorizationDetails\",\"result\":\"allowed\",\"code\":null,"
        "\"explicit\":null,\"policy_type\":null,\"policy_arn\":null,\"authorization_id\":null},"
        "{\"action\":\"iam:ListUsers\",\"result\":\"allowed\",\"code\":null,\"explicit\":null,"
        "\"policy_type\":null,\"policy_arn\":null,\"authorization_id\":null},"
        "{\"action\":\"iam:ListAccountAliases\",\"result\":\"denied\",\"code\":\"AccessDenied\","
        "\"explicit\":true,\"policy_type\":\"scp\","
        "\"policy_arn\":\"arn:aws:organizations::1:policy/o-1/p-1\",\"authorization_id\":null}]}],"
        "\"fixes\":[{\"kind\":\"exception\",\"account_ids\":[\"000000000001\"],\"text\":"
        "\"In the service control policy arn:aws:organizations::1:policy/o-1/p-1, the "
        "statement that denies iam:ListAccountAliases needs:\\n"
        "\\\"Condition\\\": {\\\"ArnNotLike\\\": {\\\"aws:PrincipalArn\\\": "
        "\\\"arn:aws:iam::*:role/census\\\"}}\"}],"
        "\"estimate\":{\"calls\":2,\"seconds\":1},\"calls\":5}\n");
}

/* Whatever is not known is null, and a time is a time. */
static void test_nothing_is_known(void **state)
{
    (void)state;
    s.d.account_count = 0;
    s.d.caller = (struct diagnosis_caller){.expires_at_s = 1700000000};
    s.d.organization = (struct diagnosis_organization){.error = "AccessDenied"};
    s.d.output = (struct diagnosis_output){.error = "no bucket"};
    write_json();
    const json_t *caller = json_object_get(s.json, "caller");
    assert_true(json_is_null(json_object_get(caller, "arn")));
    assert_string_equal(text_of(caller, "expires_at"), "2023-11-14T22:13:20Z");
    assert_true(json_is_null(json_object_get(json_object_get(s.json, "organization"), "id")));
    assert_string_equal(text_of(json_object_get(s.json, "output"), "error"), "no bucket");
    assert_int_equal(json_array_size(json_object_get(s.json, "accounts")), 0);
}

static void test_results(void **state)
{
    (void)state;
    struct account_diagnosis *a = &s.accounts[1];
    a->actions[SOURCE_LIST_USER_TAGS] = scene_denied(POLICY_UNKNOWN, false, "");
    snprintf(a->actions[SOURCE_LIST_USER_TAGS].denial.authorization_id, DENIAL_ID_SIZE, "id-1");
    a->actions[SOURCE_LIST_MFA_DEVICES] = scene_failed("Timeout", "no answer");
    a->actions[SOURCE_GET_ACCESS_KEY_LAST_USED].result = PROBE_NOT_TRIED;
    write_json();
    const json_t *denied = action(1, "iam:ListUserTags");
    assert_string_equal(text_of(denied, "policy_type"), "unknown");
    assert_string_equal(text_of(denied, "authorization_id"), "id-1");
    assert_true(json_is_null(json_object_get(denied, "explicit")));
    assert_string_equal(text_of(action(1, "iam:ListMFADevices"), "result"), "failed");
    assert_string_equal(text_of(action(1, "iam:ListMFADevices"), "code"), "Timeout");
    assert_string_equal(text_of(action(1, "iam:GetAccessKeyLastUsed"), "result"), "not_tried");
}

/* The permission that two sources need is one action. */
static void test_each_action_once(void **state)
{
    (void)state;
    s.d.wanted |= FACT_BIT(FACT_SERVICE_CREDENTIALS);
    scene_allow(&s.d, &s.accounts[0]);
    s.accounts[0].actions[SOURCE_LIST_SERVICE_CREDENTIALS].result = PROBE_NOT_TRIED;
    write_json();
    size_t index, found = 0;
    json_t *a;
    json_array_foreach (json_object_get(account(0), "actions"), index, a)
        found += strcmp(text_of(a, "action"), "iam:ListServiceSpecificCredentials") == 0;
    assert_int_equal(found, 1);
    assert_string_equal(text_of(action(0, "iam:ListServiceSpecificCredentials"), "result"),
                        "allowed");
}

static void test_blocked(void **state)
{
    (void)state;
    scene_block(&s.accounts[1], scene_denied(POLICY_UNKNOWN, false, ""));
    write_json();
    assert_string_equal(text_of(account(1), "verdict"), "blocked");
    assert_string_equal(text_of(account(1), "stage"), "AssumeRole");
    assert_true(json_is_null(json_object_get(account(1), "probe_user")));
    assert_string_equal(text_of(action(1, "iam:ListUsers"), "result"), "not_tried");
}

/* 1,000 accounts are all there, and hostile texts stay texts. */
static void test_whole_and_hostile(void **state)
{
    (void)state;
    scene_begin_with(&s.d, s.accounts, SCENE_ACCOUNTS);
    s.accounts[1].account.name = VIEW_LITERAL("\"}\n\x1b[31m\xff");
    for (size_t i = 1; i < SCENE_ACCOUNTS; i++)
        scene_block(&s.accounts[i], scene_denied(POLICY_UNKNOWN, false, ""));
    write_json();
    assert_int_equal(json_array_size(json_object_get(s.json, "accounts")), SCENE_ACCOUNTS);
    assert_string_equal(text_of(account(1), "account_name"), "\"}\n\x1b[31m\xef\xbf\xbd");
    const json_t *fix = json_array_get(json_object_get(s.json, "fixes"), 0);
    assert_string_equal(text_of(fix, "kind"), "stack_instances");
    assert_int_equal(json_array_size(json_object_get(fix, "account_ids")), SCENE_ACCOUNTS - 1);
    assert_non_null(strstr(text_of(fix, "text"), ",000000001000"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_golden, begin, end),
        cmocka_unit_test_setup_teardown(test_nothing_is_known, begin, end),
        cmocka_unit_test_setup_teardown(test_results, begin, end),
        cmocka_unit_test_setup_teardown(test_each_action_once, begin, end),
        cmocka_unit_test_setup_teardown(test_blocked, begin, end),
        cmocka_unit_test_setup_teardown(test_whole_and_hostile, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
