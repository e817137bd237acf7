/* SPDX-License-Identifier: MIT */
/* What doctor concludes from the results of an account: which verdict, and what is unknown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "census/effort.h"
#include "doctor_scene.h"

#define BIT(fact) FACT_BIT(FACT_##fact)

static struct diagnosis d;
static struct account_diagnosis accounts[4];
static struct account_diagnosis *const a = &accounts[1];

static int begin(void **state)
{
    (void)state;
    scene_begin_with(&d, accounts, 4);
    return 0;
}

/* The same again, with other settings. */
static void with(enum strategy strategy, fact_set wanted)
{
    d.strategy = strategy;
    d.wanted = wanted;
    for (size_t i = 0; i < d.account_count; i++)
        scene_allow(&d, &accounts[i]);
}

static void deny(enum source_id id)
{
    a->actions[id] = scene_denied(POLICY_IDENTITY, false, "");
}

static void expect(enum verdict verdict, fact_set unknown, const char *stage)
{
    diagnosis_judge(&d, a);
    assert_int_equal(a->verdict, verdict);
    assert_int_equal(a->unknown, unknown);
    if (stage)
        assert_string_equal(a->stage, stage);
    else
        assert_null(a->stage);
}

static void test_everything_is_allowed(void **state)
{
    (void)state;
    expect(VERDICT_READY, 0, NULL);
    with(STRATEGY_BULK, standard_facts());
    expect(VERDICT_READY, 0, NULL);
    with(STRATEGY_PER_USER, standard_facts());
    expect(VERDICT_READY, 0, NULL);
    with(STRATEGY_AUTO, ~(fact_set)0);
    expect(VERDICT_READY, 0, NULL);
}

/* What replaces a denied call depends on the strategy; extended columns have no replacement. */
static void test_lists_of_everything(void **state)
{
    (void)state;
    deny(SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS);
    expect(VERDICT_PER_USER, 0, NULL);
    d.wanted |= BIT(BOUNDARY) | BIT(POLICIES);
    expect(VERDICT_PARTIAL, BIT(BOUNDARY) | BIT(POLICIES), NULL);
    assert_true(a->per_user);
    with(STRATEGY_BULK, standard_facts());
    deny(SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS);
    /* ListUsers may be called for the sign-ins, but 'bulk' does not take the users from it. */
    expect(VERDICT_BLOCKED, d.wanted & facts_with_source(STRATEGY_BULK),
           "GetAccountAuthorizationDetails");
}

static void test_reports(void **state)
{
    (void)state;
    deny(SOURCE_GENERATE_CREDENTIAL_REPORT);
    expect(VERDICT_PER_USER, 0, NULL);
    deny(SOURCE_GET_LOGIN_PROFILE);
    expect(VERDICT_PARTIAL, BIT(PASSWORD) | BIT(PASSWORD_AGE), NULL);
}

/* Without a report on purpose nothing is lost by a report that was not tried. */
static void test_no_report(void **state)
{
    (void)state;
    d.no_report = true;
    d.wanted |= BIT(PASSWORD_CHANGED);
    a->actions[SOURCE_GENERATE_CREDENTIAL_REPORT].result = PROBE_NOT_TRIED;
    a->actions[SOURCE_GET_CREDENTIAL_REPORT].result = PROBE_NOT_TRIED;
    expect(VERDICT_READY, 0, NULL);
}

/* What only fills gaps of the report does not make an account partial. */
static void test_gap_fillers(void **state)
{
    (void)state;
    deny(SOURCE_GET_LOGIN_PROFILE);
    deny(SOURCE_GET_ACCESS_KEY_LAST_USED);
    expect(VERDICT_READY, 0, NULL);
    /* But users without a password are in most accounts, and only ListUsers has their sign-ins. */
    deny(SOURCE_LIST_USERS);
    expect(VERDICT_PARTIAL, BIT(PASSWORD_USED), NULL);
}

/* The census reads nothing about a key that it can't list, not even from the report. */
static void test_keys(void **state)
{
    (void)state;
    deny(SOURCE_LIST_ACCESS_KEYS);
    expect(VERDICT_PARTIAL, BIT(KEYS) | BIT(KEYS_USED), NULL);
}

static void test_no_users(void **state)
{
    (void)state;
    deny(SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS);
    deny(SOURCE_LIST_USERS);
    expect(VERDICT_BLOCKED, d.wanted & facts_with_source(STRATEGY_AUTO), "ListUsers");
    with(STRATEGY_PER_USER, standard_facts());
    deny(SOURCE_LIST_USERS);
    expect(VERDICT_BLOCKED, d.wanted & facts_with_source(STRATEGY_PER_USER), "ListUsers");
}

static void test_no_role(void **state)
{
    (void)state;
    scene_block(a, scene_denied(POLICY_UNKNOWN, false, ""));
    expect(VERDICT_BLOCKED, d.wanted & facts_with_source(STRATEGY_AUTO), "AssumeRole");
    /* The caller's own account is read without the role. */
    scene_allow(&d, a);
    a->assume_role = scene_denied(POLICY_UNKNOWN, false, "");
    expect(VERDICT_READY, 0, NULL);
}

/* Nothing at all was tried: that is never a pass. */
static void test_nothing_was_tried(void **state)
{
    (void)state;
    scene_block(a, (struct action_result){.result = PROBE_NOT_TRIED});
    expect(VERDICT_BLOCKED, d.wanted & facts_with_source(STRATEGY_AUTO), "AssumeRole");
    a->assume_role.result = PROBE_ALLOWED;
    expect(VERDICT_BLOCKED, d.wanted & facts_with_source(STRATEGY_AUTO), "AssumeRole");
}

static void test_nothing_to_try_it_on(void **state)
{
    (void)state;
    with(STRATEGY_PER_USER, standard_facts());
    a->probe_user = NULL;
    a->actions[SOURCE_GET_ACCESS_KEY_LAST_USED].result = PROBE_NOT_TRIED;
    expect(VERDICT_READY, 0, NULL);
    /* A list of the account needs nothing to be tried on. */
    a->actions[SOURCE_LIST_ACCOUNT_ALIASES].result = PROBE_NOT_TRIED;
    expect(VERDICT_PARTIAL, BIT(ALIAS), NULL);
}

/* A timeout, or throttling for good, is not a pass. */
static void test_failures(void **state)
{
    (void)state;
    a->actions[SOURCE_LIST_ACCOUNT_ALIASES] = scene_failed("Timeout", "no answer");
    expect(VERDICT_PARTIAL, BIT(ALIAS), NULL);
    a->actions[SOURCE_LIST_SIGNING_CERTIFICATES] = scene_failed("CallLimit", "not tried");
    expect(VERDICT_PARTIAL, BIT(ALIAS) | BIT(CERTIFICATES), NULL);
    a->actions[SOURCE_LIST_USERS] = scene_failed("Throttling", "Rate exceeded");
    a->actions[SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS] = scene_failed("Throttling", "");
    expect(VERDICT_BLOCKED, d.wanted & facts_with_source(STRATEGY_AUTO), "ListUsers");
}

static void test_one_permission_for_two_sources(void **state)
{
    (void)state;
    with(STRATEGY_AUTO, standard_facts() | BIT(SERVICE_CREDENTIALS));
    a->actions[SOURCE_LIST_SERVICE_CREDENTIALS_OF_USER].result = PROBE_NOT_TRIED;
    deny(SOURCE_LIST_SERVICE_CREDENTIALS);
    expect(VERDICT_PARTIAL, BIT(SERVICE_CREDENTIALS), NULL);
    assert_ptr_equal(diagnosis_result(a, SOURCE_LIST_SERVICE_CREDENTIALS_OF_USER),
                     &a->actions[SOURCE_LIST_SERVICE_CREDENTIALS]);
}

static void test_root_user(void **state)
{
    (void)state;
    with(STRATEGY_AUTO, standard_facts() | account_fields_wanted());
    deny(SOURCE_GET_ACCOUNT_SUMMARY);
    expect(VERDICT_READY, 0, NULL); /* the report has it too */
    deny(SOURCE_GET_CREDENTIAL_REPORT);
    diagnosis_judge(&d, a);
    assert_int_equal(a->verdict, VERDICT_PARTIAL);
    assert_true(a->unknown & BIT(ROOT_MFA));
    assert_true(a->unknown & BIT(ROOT_MFA_KIND));
}

static void test_conclusion(void **state)
{
    (void)state;
    const struct choice best = {.strategy = STRATEGY_AUTO, .report = REPORT_USED};
    uint64_t calls = effort_calls(&best, d.wanted, DIAGNOSIS_USERS);
    diagnosis_conclude(&d);
    assert_int_equal(d.verdicts[VERDICT_READY], 4);
    assert_int_equal(d.bulk_accounts, 4);
    assert_int_equal(d.estimate_calls, 4 * calls);
    assert_int_equal(d.estimate_ms, 4 * calls * EFFORT_LATENCY_MS / 64);
    deny(SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS);
    scene_block(&accounts[2], scene_denied(POLICY_UNKNOWN, false, ""));
    diagnosis_conclude(&d);
    assert_int_equal(d.verdicts[VERDICT_READY], 2);
    assert_int_equal(d.verdicts[VERDICT_PER_USER], 1);
    assert_int_equal(d.verdicts[VERDICT_BLOCKED], 1);
    assert_int_equal(d.bulk_accounts, 2);
    assert_int_equal(d.per_user_accounts, 1);
    /* Tags and groups of each user, one list for another; one call fails. */
    assert_int_equal(d.estimate_calls, 3 * calls + 2 * DIAGNOSIS_USERS + 1 - 1);
}

static int status(void)
{
    diagnosis_conclude(&d);
    return diagnosis_exit_status(&d);
}

static void test_exit_status(void **state)
{
    (void)state;
    assert_int_equal(status(), 0);
    deny(SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS);
    assert_int_equal(status(), 0);
    deny(SOURCE_LIST_ACCOUNT_ALIASES);
    assert_int_equal(status(), 3);
    d.output.ok = false;
    assert_int_equal(status(), 1);
    d.output.ok = true;
    d.organization.error = "AccessDeniedException";
    assert_int_equal(status(), 1);
    d.organization.error = NULL;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(status(), 3);
        scene_block(&accounts[i], scene_denied(POLICY_UNKNOWN, false, ""));
    }
    assert_int_equal(status(), 1);
    d.account_count = 0;
    assert_int_equal(status(), 1);
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(verdict_names[VERDICT_PER_USER], "per_user");
    assert_string_equal(probe_result_names[PROBE_NOT_TRIED], "not_tried");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_everything_is_allowed, begin),
        cmocka_unit_test_setup(test_lists_of_everything, begin),
        cmocka_unit_test_setup(test_reports, begin),
        cmocka_unit_test_setup(test_no_report, begin),
        cmocka_unit_test_setup(test_gap_fillers, begin),
        cmocka_unit_test_setup(test_keys, begin),
        cmocka_unit_test_setup(test_no_users, begin),
        cmocka_unit_test_setup(test_no_role, begin),
        cmocka_unit_test_setup(test_nothing_was_tried, begin),
        cmocka_unit_test_setup(test_nothing_to_try_it_on, begin),
        cmocka_unit_test_setup(test_failures, begin),
        cmocka_unit_test_setup(test_one_permission_for_two_sources, begin),
        cmocka_unit_test_setup(test_root_user, begin),
        cmocka_unit_test_setup(test_conclusion, begin),
        cmocka_unit_test_setup(test_exit_status, begin),
        cmocka_unit_test_setup(test_names, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
