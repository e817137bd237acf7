/* SPDX-License-Identifier: MIT */
/* Which failed calls are named as the reasons of a partial account: those that nothing replaced. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "census/causes.h"

#include <stdio.h>

#define BIT(source) (1u << (source))
#define DETAILS     "GetAccountAuthorizationDetails"
#define REPORT      "GetCredentialReport"
#define GENERATE    "GenerateCredentialReport"

static const unsigned details_failed = BIT(SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS);
static const unsigned report_failed = BIT(SOURCE_GET_CREDENTIAL_REPORT);

/* What is kept of these failures (NULL ends them), with ' ' between. */
static const char *kept(enum strategy strategy, unsigned failed_sources, fact_set partial,
                        const char *const *operations)
{
    static char text[512];
    struct call_failure failures[8];
    struct account account = {.outcome = OUTCOME_PARTIAL, .partial = partial};
    size_t used = 0;
    for (size_t i = 0; operations[i]; i++) {
        failures[i] = (struct call_failure){.operation = operations[i]};
        if (operations[i + 1])
            failures[i].next = &failures[i + 1];
        account.failures = failures;
    }
    const struct choice choice = {.strategy = strategy,
                                  .report =
                                      failed_sources & report_failed ? REPORT_MISSING : REPORT_USED,
                                  .failed_sources = failed_sources};
    causes_keep(&account, &choice);
    text[0] = '\0';
    for (const struct call_failure *f = account.failures; f; f = f->next)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", used > 0 ? " " : "",
                                 f->operation);
    return text;
}

#define KEPT(strategy, failed, partial, ...)                                                       \
    kept(strategy, failed, partial, (const char *const[]){__VA_ARGS__, NULL})

static void test_replaced_calls(void **state)
{
    (void)state;
    /* The role may not use bulk calls, and may not list groups either. */
    assert_string_equal(KEPT(STRATEGY_AUTO, details_failed | report_failed, FACT_BIT(FACT_GROUPS),
                             DETAILS, REPORT, "ListGroupsForUser"),
                        "ListGroupsForUser");
    assert_string_equal(KEPT(STRATEGY_AUTO, details_failed | report_failed,
                             FACT_BIT(FACT_MFA) | FACT_BIT(FACT_TAGS), DETAILS, GENERATE,
                             "ListUserTags", "ListMFADevices"),
                        "ListUserTags ListMFADevices");
}

/* Nothing comes after the bulk source of a fact. */
static void test_last_sources(void **state)
{
    (void)state;
    assert_string_equal(KEPT(STRATEGY_AUTO, details_failed | report_failed,
                             FACT_BIT(FACT_BOUNDARY) | FACT_BIT(FACT_GROUPS), DETAILS, REPORT,
                             "ListGroupsForUser"),
                        DETAILS " ListGroupsForUser");
    assert_string_equal(KEPT(STRATEGY_AUTO, report_failed, FACT_BIT(FACT_PASSWORD_CHANGED), REPORT),
                        REPORT);
    assert_string_equal(
        KEPT(STRATEGY_AUTO, report_failed, FACT_BIT(FACT_PASSWORD_CHANGED), GENERATE), GENERATE);
    assert_string_equal(KEPT(STRATEGY_AUTO, BIT(SOURCE_LIST_ACCOUNT_ALIASES), FACT_BIT(FACT_ALIAS),
                             "ListAccountAliases"),
                        "ListAccountAliases");
}

/* Sign-ins: the report has them, and for some users ListUsers alone. */
static void test_both_sources_failed(void **state)
{
    (void)state;
    assert_string_equal(
        KEPT(STRATEGY_AUTO, BIT(SOURCE_LIST_USERS), FACT_BIT(FACT_PASSWORD_USED), "ListUsers"),
        "ListUsers");
    assert_string_equal(KEPT(STRATEGY_AUTO, report_failed | BIT(SOURCE_LIST_USERS),
                             FACT_BIT(FACT_PASSWORD_USED), REPORT, "ListUsers"),
                        REPORT " ListUsers");
}

/* 'bulk' fills the gaps of a report; if there is none, the report is the reason. */
static void test_bulk(void **state)
{
    (void)state;
    assert_string_equal(
        KEPT(STRATEGY_BULK, report_failed, FACT_BIT(FACT_MFA) | FACT_BIT(FACT_PASSWORD), REPORT),
        REPORT);
    assert_string_equal(KEPT(STRATEGY_BULK, 0, FACT_BIT(FACT_MFA), "ListMFADevices"),
                        "ListMFADevices");
}

static void test_per_user(void **state)
{
    (void)state;
    assert_string_equal(KEPT(STRATEGY_PER_USER, 0,
                             FACT_BIT(FACT_GROUPS) | FACT_BIT(FACT_KEYS) | FACT_BIT(FACT_KEYS_USED),
                             "ListGroupsForUser", "ListAccessKeys", "GetAccessKeyLastUsed"),
                        "ListGroupsForUser ListAccessKeys GetAccessKeyLastUsed");
}

/* What is not asked for is no reason, and an account that is whole has none. */
static void test_no_reason(void **state)
{
    (void)state;
    assert_string_equal(KEPT(STRATEGY_AUTO, details_failed, 0, DETAILS), "");
    assert_string_equal(KEPT(STRATEGY_PER_USER, 0, FACT_BIT(FACT_GROUPS), "ListUserTags",
                             "ListGroupsForUser", "NoSuchOperation"),
                        "ListGroupsForUser");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replaced_calls),
        cmocka_unit_test(test_last_sources),
        cmocka_unit_test(test_both_sources_failed),
        cmocka_unit_test(test_bulk),
        cmocka_unit_test(test_per_user),
        cmocka_unit_test(test_no_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
