/* SPDX-License-Identifier: MIT */
/* One account's job with all facts wanted: what is called, and what takes a refused call's place.
 */
#include "census_scene.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))
#define ALL_FACTS  (FACT_BIT(FACT_COUNT) - 1)

static const struct fake_user ann_and_bob[] = {
    {"bob", CREATED_S, NULL, false, 0},
    {"ann", CREATED_S, NULL, true, 0},
};

static const struct census_account core = {.id = "111111111111",
                                           .name = {"Core", 4},
                                           .ou = {"o/r/", 4},
                                           .state = {"ACTIVE", 6},
                                           .membership = MEMBERSHIP_MANAGEMENT};

static const char *const account_calls[] = {"GetAccountSummary", "GetAccountPasswordPolicy",
                                            "ListVirtualMFADevices",
                                            "ListServiceSpecificCredentials"};

static void on_done(void *arg, struct job *job)
{
    (void)job;
    ((struct fake *)arg)->done = true;
}

static void on_changed(void *arg, struct job *job)
{
    (void)arg;
    while (job_ready(job) || job_hungry(job))
        job_feed(job);
}

static struct job *job_of(enum strategy strategy, fact_set wanted)
{
    fake_begin(ann_and_bob, LEN(ann_and_bob), strategy);
    fake->report = "<root_account>,2019-01-01T00:00:00+00:00,not_supported,"
                   "2023-05-05T05:05:05+00:00,N/A,true,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A\n";
    fake->context.done = on_done;
    fake->context.changed = on_changed;
    fake->context.arg = fake;
    fake->context.wanted = wanted;
    struct job *job = job_new(&fake->context, 0, &core);
    job_start(job);
    return job;
}

static void end(struct job *job)
{
    job_free(job);
    fake_end();
}

/* One call for the account, each; the wide form in place of the other, not beside it. */
static void test_calls(void **state)
{
    (void)state;
    for (enum strategy strategy = STRATEGY_AUTO; strategy <= STRATEGY_PER_USER; strategy++) {
        struct job *job = job_of(strategy, ALL_FACTS);
        fake_run();
        const struct account *a = job_account(job);
        assert_int_equal(a->outcome, OUTCOME_SUCCEEDED);
        for (size_t i = 0; i < LEN(account_calls); i++)
            assert_int_equal(fake_count(account_calls[i]), 1);
        assert_int_equal(fake_count("GetAccountAuthorizationDetails"),
                         strategy == STRATEGY_PER_USER ? 0 : 1);
        assert_int_equal(fake_count("ListSSHPublicKeys"), 2);
        assert_true(a->password_policy.is_default); /* there is none */
        assert_true(a->is_management);
        assert_true(view_is(a->ou, "o/r/"));
        assert_true(view_is(a->state, "ACTIVE"));
        const fact_set policies =
            FACT_BIT(FACT_ADMIN) | FACT_BIT(FACT_GROUP_POLICIES) | FACT_BIT(FACT_INLINE_POLICIES);
        assert_int_equal(a->users[0]->unknown & policies,
                         strategy == STRATEGY_PER_USER ? policies : 0);
        end(job);
    }
}

/* What is not wanted costs nothing, is unknown, and makes no account partial. */
static void test_not_wanted(void **state)
{
    (void)state;
    for (enum strategy strategy = STRATEGY_AUTO; strategy <= STRATEGY_PER_USER; strategy++) {
        struct job *job = job_of(strategy, FACTS_OF_COLUMNS);
        fake_run();
        const struct account *a = job_account(job);
        const fact_set listed = FACT_BIT(FACT_OU) | FACT_BIT(FACT_MANAGEMENT);
        const fact_set further = ALL_FACTS & ~FACTS_OF_COLUMNS & ~listed;
        assert_int_equal(a->outcome, OUTCOME_SUCCEEDED);
        for (size_t i = 0; i < LEN(account_calls); i++)
            assert_int_equal(fake_count(account_calls[i]), 0);
        assert_int_equal(fake_count("ListSSHPublicKeys"), 0);
        for (size_t i = 0; i < a->user_count; i++)
            assert_int_equal((a->unknown | a->users[i]->unknown) & further, further);
        assert_int_equal(a->unknown & listed, 0); /* these cost nothing */
        end(job);
    }
}

/* Users are asked one by one if they can't be asked for all at once, whatever the strategy. */
static void test_credentials_refused(void **state)
{
    static const char *const codes[] = {"ValidationError", "AccessDenied"};
    (void)state;
    for (enum strategy strategy = STRATEGY_AUTO; strategy <= STRATEGY_PER_USER; strategy++)
        for (size_t i = 0; i < LEN(codes); i++) {
            struct job *job = job_of(strategy, ALL_FACTS);
            fake_refuse("ListServiceSpecificCredentials", "", codes[i], 0);
            fake_run();
            const struct account *a = job_account(job);
            assert_int_equal(fake_count("ListServiceSpecificCredentials"), 3);
            assert_int_equal(fake_count("ListServiceSpecificCredentials ann"), 1);
            assert_int_equal(a->outcome, OUTCOME_SUCCEEDED);
            assert_int_equal(a->users[0]->unknown & FACT_BIT(FACT_SERVICE_CREDENTIALS), 0);
            end(job);
        }
}

/* The operation has two sources: only together do they explain what is unknown. */
static void test_credentials_refused_for_one(void **state)
{
    (void)state;
    struct job *job = job_of(STRATEGY_AUTO, ALL_FACTS);
    fake_refuse("ListServiceSpecificCredentials", "", "ValidationError", 0);
    fake_refuse("ListServiceSpecificCredentials", "bob", "AccessDenied", 0);
    fake_run();
    const struct account *a = job_account(job);
    assert_int_equal(a->partial, FACT_BIT(FACT_SERVICE_CREDENTIALS));
    assert_int_equal(a->users[0]->unknown & FACT_BIT(FACT_SERVICE_CREDENTIALS), 0);
    assert_true(a->users[1]->unknown & FACT_BIT(FACT_SERVICE_CREDENTIALS));
    assert_non_null(a->failures);
    assert_string_equal(a->failures->operation, "ListServiceSpecificCredentials");
    end(job);
}

/* Each refused call, and what of it is unknown; what the report tells as well is known. */
static void test_refused(void **state)
{
    static const struct {
        const char *action;
        fact_set lost;
    } rows[] = {
        {"GetAccountSummary", FACT_BIT(FACT_ROOT_KEYS) | FACT_BIT(FACT_ROOT_CERTIFICATES)},
        {"GetAccountPasswordPolicy", FACT_BIT(FACT_PASSWORD_POLICY)},
        {"ListVirtualMFADevices", FACT_BIT(FACT_ROOT_MFA_KIND)},
        {"ListSSHPublicKeys", FACT_BIT(FACT_SSH_KEYS)},
        {"GetAccountAuthorizationDetails",
         FACT_BIT(FACT_BOUNDARY) | FACT_BIT(FACT_POLICIES) | FACT_BIT(FACT_INLINE_POLICIES) |
             FACT_BIT(FACT_GROUP_POLICIES) | FACT_BIT(FACT_ADMIN)},
    };
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct job *job = job_of(STRATEGY_AUTO, ALL_FACTS);
        fake_refuse(rows[i].action, NULL, "AccessDenied", 0);
        fake_run();
        const struct account *a = job_account(job);
        assert_int_equal(a->outcome, OUTCOME_PARTIAL);
        if (a->partial != rows[i].lost)
            fail_msg("%s: %llx instead of %llx", rows[i].action, (unsigned long long)a->partial,
                     (unsigned long long)rows[i].lost);
        assert_string_equal(a->failures->operation, rows[i].action);
        assert_null(a->failures->next);
        /* The report has the password, as not_supported, and MFA. */
        assert_false(a->unknown & (FACT_BIT(FACT_ROOT_PASSWORD) | FACT_BIT(FACT_ROOT_MFA)));
        assert_true(a->root.has_password && a->root.has_mfa);
        assert_true(view_is(a->root.used_by, "password"));
        end(job);
    }
}

/* Nothing tells whether the root user has MFA: what kind it is was lost by the same failures. */
static void test_kind_is_lost_too(void **state)
{
    (void)state;
    struct job *job = job_of(STRATEGY_PER_USER, ALL_FACTS);
    fake_refuse("GetAccountSummary", NULL, "AccessDenied", 0);
    fake_run();
    const struct account *a = job_account(job);
    const fact_set mfa = FACT_BIT(FACT_ROOT_MFA) | FACT_BIT(FACT_ROOT_MFA_KIND);
    assert_int_equal(a->partial & mfa, mfa);
    assert_string_equal(a->failures->operation, "GetAccountSummary");
    assert_null(a->failures->next);
    end(job);
}

static const void *answer_summary(struct query *q)
{
    static struct iam_summary_entry mfa = {.key = {"AccountMFAEnabled", 17}, .value = {"0", 1}};
    static struct iam_summary summary = {.entries = {&mfa.link, NULL, 1}};
    return q->operation == &iam_get_account_summary ? &summary : NULL;
}

/* The report says that MFA is on, the summary, which is newer, that it is off. */
static void test_summary_wins(void **state)
{
    (void)state;
    struct job *job = job_of(STRATEGY_BULK, ALL_FACTS);
    fake->answer = answer_summary;
    fake_run();
    const struct account *a = job_account(job);
    assert_false(a->unknown & (FACT_BIT(FACT_ROOT_MFA) | FACT_BIT(FACT_ROOT_MFA_KIND)));
    assert_false(a->root.has_mfa);
    assert_int_equal(a->root.mfa_kind, ROOT_MFA_NONE);
    end(job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_not_wanted),
        cmocka_unit_test(test_credentials_refused),
        cmocka_unit_test(test_credentials_refused_for_one),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_kind_is_lost_too),
        cmocka_unit_test(test_summary_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
