/* SPDX-License-Identifier: MIT */
/* The tables of facts and sources: whole, and what policies follow from them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "census/choice.h"

#include <stdio.h>

#define ALL_FACTS (FACT_BIT(FACT_COUNT) - 1)

static void test_sources_are_whole(void **state)
{
    char permission[128];
    (void)state;
    for (enum source_id id = SOURCE_NONE + 1; id < SOURCE_COUNT; id++) {
        const struct source *source = &census_sources[id];
        snprintf(permission, sizeof(permission), "iam:%s", source->operation->action);
        assert_string_equal(source->permission, permission);
        assert_true(source->facts != 0);
        assert_true(source->used_by != 0);
        assert_int_equal(source->page == NULL, source->scope == SCOPE_REPORT);
    }
}

/* A source that a fact names gives that fact, and each source is named by what it gives. */
static void test_facts_and_sources_agree(void **state)
{
    (void)state;
    for (enum fact fact = 0; fact < FACT_COUNT; fact++) {
        fact_set found = 0;
        for (const enum source_id *s = census_facts[fact].sources; *s != SOURCE_NONE; s++) {
            if (!(census_sources[*s].facts & FACT_BIT(fact)))
                fail_msg("source %d does not give fact %d", (int)*s, (int)fact);
            found |= SOURCE_BIT(*s);
        }
        for (enum source_id id = SOURCE_NONE + 1; id < SOURCE_COUNT; id++)
            if (id != SOURCE_GENERATE_CREDENTIAL_REPORT &&
                (census_sources[id].facts & FACT_BIT(fact)) && !(found & SOURCE_BIT(id)))
                fail_msg("fact %d does not name source %d", (int)fact, (int)id);
    }
}

/* What is about a key is asked of keys, what is about the account of the account. */
static void test_scopes(void **state)
{
    (void)state;
    for (enum fact fact = 0; fact < FACT_COUNT; fact++)
        for (const enum source_id *s = census_facts[fact].sources; *s != SOURCE_NONE; s++) {
            enum source_scope scope = census_sources[*s].scope;
            assert_int_equal(scope == SCOPE_KEY,
                             census_facts[fact].about == ABOUT_KEY && scope != SCOPE_REPORT);
            if (census_facts[fact].about == ABOUT_ACCOUNT && scope != SCOPE_REPORT)
                assert_int_equal(scope, SCOPE_ACCOUNT);
        }
    assert_int_equal(facts_about(ABOUT_KEY), FACT_BIT(FACT_KEYS_USED));
    assert_int_equal(facts_about(ABOUT_ACCOUNT) | facts_about(ABOUT_USER) | facts_about(ABOUT_KEY),
                     ALL_FACTS);
}

static void expect_policy(enum strategy strategy, fact_set wanted, const char *actions)
{
    struct buffer out;
    char expected[2049];
    buffer_init(&out, 2048);
    facts_write_policy(strategy, wanted, &out);
    snprintf(expected, sizeof(expected),
             "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[%s],"
             "\"Resource\":\"*\"}]}",
             actions);
    assert_string_equal(buffer_text(&out), expected);
    buffer_release(&out);
}

static void test_policies(void **state)
{
    (void)state;
    expect_policy(STRATEGY_PER_USER, FACT_BIT(FACT_GROUPS), "\"iam:ListGroupsForUser\"");
    expect_policy(STRATEGY_AUTO, FACT_BIT(FACT_GROUPS),
                  "\"iam:GetAccountAuthorizationDetails\",\"iam:ListGroupsForUser\"");
    expect_policy(STRATEGY_BULK, FACT_BIT(FACT_GROUPS), "\"iam:GetAccountAuthorizationDetails\"");
    /* What 'bulk' calls for what the report does not tell. */
    expect_policy(STRATEGY_BULK, FACT_BIT(FACT_KEYS_USED),
                  "\"iam:GenerateCredentialReport\",\"iam:GetCredentialReport\","
                  "\"iam:GetAccessKeyLastUsed\"");
    expect_policy(STRATEGY_PER_USER, FACT_BIT(FACT_BOUNDARY), "");
    /* One operation in two forms is one permission. */
    expect_policy(STRATEGY_AUTO, FACT_BIT(FACT_SERVICE_CREDENTIALS),
                  "\"iam:ListServiceSpecificCredentials\"");
}

/* AWS refuses a session policy of more characters. */
static void test_longest_policy(void **state)
{
    (void)state;
    for (enum strategy strategy = STRATEGY_AUTO; strategy <= STRATEGY_PER_USER; strategy++) {
        struct buffer out;
        buffer_init(&out, 2048);
        facts_write_policy(strategy, ALL_FACTS, &out);
        assert_true(buffer_complete(&out));
        buffer_release(&out);
    }
}

/* The wide form is called for what only it tells. */
static void test_wide_form(void **state)
{
    const struct source *source = &census_sources[SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS];
    (void)state;
    for (enum fact fact = 0; fact < FACT_COUNT; fact++)
        assert_ptr_equal(source_operation(source, FACT_BIT(fact)),
                         fact == FACT_ADMIN || fact == FACT_GROUP_POLICIES ? source->wide
                                                                           : source->operation);
    assert_ptr_equal(source_operation(&census_sources[SOURCE_LIST_USERS], ALL_FACTS),
                     census_sources[SOURCE_LIST_USERS].operation);
}

static void test_facts_without_source(void **state)
{
    (void)state;
    const fact_set details = FACT_BIT(FACT_BOUNDARY) | FACT_BIT(FACT_POLICIES);
    const fact_set listed =
        FACT_BIT(FACT_ACCOUNT_NAME) | FACT_BIT(FACT_OU) | FACT_BIT(FACT_MANAGEMENT);
    assert_int_equal(facts_with_source(STRATEGY_AUTO), ALL_FACTS & ~listed);
    const fact_set policies =
        FACT_BIT(FACT_INLINE_POLICIES) | FACT_BIT(FACT_GROUP_POLICIES) | FACT_BIT(FACT_ADMIN);
    assert_int_equal(facts_with_source(STRATEGY_PER_USER) & (details | policies), 0);
    const fact_set at_once = FACT_BIT(FACT_SERVICE_CREDENTIALS) | FACT_BIT(FACT_ROOT_PASSWORD) |
                             FACT_BIT(FACT_ROOT_MFA_KIND) | FACT_BIT(FACT_PASSWORD_POLICY);
    for (enum strategy strategy = STRATEGY_AUTO; strategy <= STRATEGY_PER_USER; strategy++)
        assert_int_equal(facts_with_source(strategy) & at_once, at_once);
    assert_false(facts_with_source(STRATEGY_PER_USER) & FACT_BIT(FACT_PASSWORD_CHANGED));
    assert_int_equal(facts_with_source(STRATEGY_BULK) & details, details);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sources_are_whole),
        cmocka_unit_test(test_facts_and_sources_agree),
        cmocka_unit_test(test_scopes),
        cmocka_unit_test(test_policies),
        cmocka_unit_test(test_longest_policy),
        cmocka_unit_test(test_wide_form),
        cmocka_unit_test(test_facts_without_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
