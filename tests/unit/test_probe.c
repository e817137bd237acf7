/* SPDX-License-Identifier: MIT */
/* What doctor asks of an account, and of all of them at once, without a network. */
#include "census_scene.h"

#include "census/facts.h"
#include "doctor/survey.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))
#define ACCOUNT    "111111111111"
#define ALL_FACTS  ((FACT_BIT(FACT_COUNT)) - 1)

static const struct fake_user ann_and_bob[] = {
    {"ann", CREATED_S, "AKIAANN", true, 0},
    {"bob", CREATED_S, "AKIABOB", false, 0},
};

struct scene {
    struct diagnosis diagnosis;
    struct probe_context context;
    struct account_diagnosis account;
    struct probe *probe;
};

/* A probe asks with copies of the census' operations: the scene knows the originals. */
static const void *as_of_the_census(struct query *q)
{
    for (enum source_id id = SOURCE_NONE + 1; id < SOURCE_COUNT; id++)
        if (strcmp(census_sources[id].operation->action, q->operation->action) == 0) {
            q->operation = census_sources[id].operation;
            break;
        }
    return NULL;
}

static void on_asked(void *arg, struct account_diagnosis *account)
{
    const struct scene *s = arg;
    assert_ptr_equal(account, &s->account);
    assert_ptr_equal(probe_account(s->probe), account);
    assert_false(fake->done);
    fake->done = true;
}

static void begin_scene(struct scene *s, const struct fake_user *users, size_t count)
{
    fake_begin(users, count, STRATEGY_AUTO);
    fake->report = "";
    fake->answer = as_of_the_census;
    *s = (struct scene){.diagnosis = {.role_name = "census", .wanted = FACTS_OF_COLUMNS}};
    arena_init(&s->diagnosis.arena);
    s->context = (struct probe_context){.client = fake->client,
                                        .sts = &fake->sts,
                                        .iam = &fake->endpoint,
                                        .caller = &fake->caller,
                                        .partition = "aws",
                                        .uses_report = true,
                                        .diagnosis = &s->diagnosis,
                                        .done = on_asked,
                                        .arg = s};
    snprintf(s->account.account.id, sizeof(s->account.account.id), "%s", ACCOUNT);
}

static void end_scene(struct scene *s)
{
    probe_free(s->probe);
    arena_release(&s->diagnosis.arena);
    fake_end();
}

static void run_probe(struct scene *s)
{
    s->probe = probe_start(&s->context, &s->account);
    assert_false(fake->done); /* nothing calls back before it has returned */
    fake_run();
}

static const struct action_result *result_of(const struct scene *s, enum source_id id)
{
    return &s->account.actions[id];
}

static void test_all_is_allowed(void **state)
{
    struct scene s;
    (void)state;
    begin_scene(&s, ann_and_bob, LEN(ann_and_bob));
    run_probe(&s);
    assert_string_equal(s.account.probe_user, "ann");
    assert_false(s.account.own_credentials);
    assert_int_equal(s.account.assume_role.result, PROBE_ALLOWED);
    assert_int_equal(result_of(&s, SOURCE_LIST_USERS)->result, PROBE_ALLOWED);
    assert_int_equal(result_of(&s, SOURCE_LIST_ACCESS_KEYS)->result, PROBE_ALLOWED);
    /* One user, one key: no other is asked about. */
    assert_int_equal(fake_count("GetAccessKeyLastUsed"), 1);
    assert_int_equal(fake_count("GetAccessKeyLastUsed AKIAANN"), 1);
    assert_int_equal(fake_count("ListAccessKeys bob"), 0);
    /* The account's details tell tags and groups, so the user is not asked for them. */
    assert_int_equal(fake_count("ListUserTags"), 0);
    assert_int_equal(result_of(&s, SOURCE_LIST_USER_TAGS)->result, PROBE_NOT_TRIED);
    assert_true(fake->call_count < PROBE_CALLS_MOST);
    end_scene(&s);
}

static void test_what_fails_for_the_account_is_asked_per_user(void **state)
{
    struct scene s;
    (void)state;
    begin_scene(&s, ann_and_bob, LEN(ann_and_bob));
    fake_refuse("GetAccountAuthorizationDetails", NULL, "AccessDenied", 0);
    fake->faults[0].message =
        "User: me is not authorized to perform: iam:GetAccountAuthorizationDetails because no "
        "identity-based policy allows the iam:GetAccountAuthorizationDetails action";
    run_probe(&s);
    const struct action_result *details = result_of(&s, SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS);
    assert_int_equal(details->result, PROBE_DENIED);
    assert_int_equal(details->denial.type, POLICY_IDENTITY);
    assert_false(details->denial.is_explicit);
    assert_string_equal(details->code, "AccessDenied");
    assert_int_equal(fake_count("ListUserTags ann"), 1);
    assert_int_equal(fake_count("ListGroupsForUser ann"), 1);
    end_scene(&s);
}

/* The users can't be listed: the other calls are made about a user whom nobody has. */
static void test_no_list_of_users(void **state)
{
    struct scene s;
    (void)state;
    begin_scene(&s, ann_and_bob, LEN(ann_and_bob));
    fake_refuse("ListUsers", NULL, "InternalFailure", 0);
    fake_refuse("GetAccountAuthorizationDetails", NULL, "AccessDenied", 0);
    fake_refuse("ListAccessKeys", PROBE_USER, "NoSuchEntity", 0);
    fake_refuse("GetLoginProfile", PROBE_USER, "NoSuchEntity", 0);
    fake_refuse("ListMFADevices", PROBE_USER, "AccessDeniedException", 0);
    fake_refuse("ListSigningCertificates", PROBE_USER, "NoSuchEntity", 0);
    run_probe(&s);
    assert_null(s.account.probe_user);
    assert_int_equal(result_of(&s, SOURCE_LIST_USERS)->result, PROBE_FAILED);
    assert_string_equal(result_of(&s, SOURCE_LIST_USERS)->code, "InternalFailure");
    /* That there is no such user shows that the call was allowed. */
    assert_int_equal(result_of(&s, SOURCE_LIST_ACCESS_KEYS)->result, PROBE_ALLOWED);
    assert_int_equal(result_of(&s, SOURCE_LIST_MFA_DEVICES)->result, PROBE_DENIED);
    /* Without a key there is none to ask about. */
    assert_int_equal(result_of(&s, SOURCE_GET_ACCESS_KEY_LAST_USED)->result, PROBE_NOT_TRIED);
    assert_int_equal(fake_count("GetAccessKeyLastUsed"), 0);
    end_scene(&s);
}

/* The users can't be listed, but the details of the account show one. */
static void test_a_user_of_the_details(void **state)
{
    struct scene s;
    (void)state;
    begin_scene(&s, ann_and_bob, LEN(ann_and_bob));
    fake_refuse("ListUsers", NULL, "AccessDenied", 0);
    run_probe(&s);
    assert_int_equal(result_of(&s, SOURCE_LIST_USERS)->result, PROBE_DENIED);
    assert_string_equal(s.account.probe_user, "ann");
    assert_int_equal(fake_count("ListAccessKeys ann"), 1);
    assert_int_equal(fake_count("GetAccessKeyLastUsed AKIAANN"), 1);
    end_scene(&s);
}

static void test_answers_that_show_that_the_report_may_be_read(void **state)
{
    static const struct {
        const char *code;
        enum probe_result result;
    } cases[] = {{"LimitExceeded", PROBE_ALLOWED}, {"ReportNotPresent", PROBE_ALLOWED},
                 {"ReportExpired", PROBE_ALLOWED}, {"ReportInProgress", PROBE_ALLOWED},
                 {"ServiceFailure", PROBE_FAILED}, {"NoSuchEntity", PROBE_FAILED},
                 {"AccessDenied", PROBE_DENIED}};
    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        struct scene s;
        begin_scene(&s, ann_and_bob, LEN(ann_and_bob));
        fake_refuse("GetCredentialReport", NULL, cases[i].code, 0);
        run_probe(&s);
        assert_int_equal(result_of(&s, SOURCE_GET_CREDENTIAL_REPORT)->result, cases[i].result);
        end_scene(&s);
    }
}

static void test_without_the_report(void **state)
{
    struct scene s;
    (void)state;
    begin_scene(&s, ann_and_bob, LEN(ann_and_bob));
    s.context.uses_report = false;
    run_probe(&s);
    assert_int_equal(fake_count("GenerateCredentialReport"), 0);
    assert_int_equal(result_of(&s, SOURCE_GET_CREDENTIAL_REPORT)->result, PROBE_NOT_TRIED);
    end_scene(&s);
}

/* An account without users, and one with a password policy that nobody has set. */
static void test_nobody(void **state)
{
    struct scene s;
    (void)state;
    begin_scene(&s, NULL, 0);
    s.diagnosis.wanted = FACT_BIT(FACT_USERS) | FACT_BIT(FACT_PASSWORD_POLICY);
    run_probe(&s);
    assert_null(s.account.probe_user);
    assert_int_equal(result_of(&s, SOURCE_LIST_USERS)->result, PROBE_ALLOWED);
    assert_int_equal(result_of(&s, SOURCE_GET_ACCOUNT_PASSWORD_POLICY)->result, PROBE_ALLOWED);
    end_scene(&s);
}

/* All facts, and nothing can be read for the whole account: more than an account is asked. */
static void test_no_more_calls(void **state)
{
    struct scene s;
    (void)state;
    begin_scene(&s, ann_and_bob, LEN(ann_and_bob));
    s.diagnosis.wanted = ALL_FACTS;
    fake_refuse("GetAccountAuthorizationDetails", NULL, "AccessDenied", 0);
    fake_refuse("ListServiceSpecificCredentials", "", "AccessDenied", 1);
    run_probe(&s);
    assert_int_equal(fake->call_count, PROBE_CALLS_MOST - 1); /* AssumeRole is the other one */
    const struct action_result *last = result_of(&s, SOURCE_GET_ACCESS_KEY_LAST_USED);
    assert_int_equal(last->result, PROBE_FAILED);
    assert_string_equal(last->code, PROBE_NO_CALLS_LEFT);
    end_scene(&s);
}

static void test_a_role_that_is_refused(void **state)
{
    struct scene s;
    (void)state;
    begin_scene(&s, ann_and_bob, LEN(ann_and_bob));
    fake->refused_role = ACCOUNT;
    fake->caller_account = "999999999999";
    run_probe(&s);
    assert_int_equal(s.account.assume_role.result, PROBE_DENIED);
    assert_string_equal(s.account.assume_role.message, "not for you");
    assert_int_equal(fake->call_count, 0);
    assert_null(s.account.probe_user);
    end_scene(&s);
}

static void test_the_callers_own_account(void **state)
{
    struct scene s;
    (void)state;
    begin_scene(&s, ann_and_bob, LEN(ann_and_bob));
    fake->refused_role = ACCOUNT;
    fake->caller_account = ACCOUNT;
    run_probe(&s);
    assert_true(s.account.own_credentials);
    assert_int_equal(s.account.assume_role.result, PROBE_DENIED);
    assert_int_equal(result_of(&s, SOURCE_LIST_USERS)->result, PROBE_ALLOWED);
    assert_string_equal(s.account.probe_user, "ann");
    end_scene(&s);
}

/* Ends the loop while the account's other calls are under way. */
static const void *stop_after_users(struct query *q)
{
    fake->done = fake->done || strcmp(q->operation->action, "ListUsers") == 0;
    return as_of_the_census(q);
}

/* Freed in the middle: what is under way is cancelled (fake_end looks for it). */
static void test_freed_while_it_asks(void **state)
{
    struct scene s;
    (void)state;
    begin_scene(&s, ann_and_bob, LEN(ann_and_bob));
    fake->answer = stop_after_users;
    run_probe(&s);
    assert_true(fake->under_way > 0);
    end_scene(&s);
    probe_free(NULL);
}

/* ---- all accounts ---- */

static void on_surveyed(void *arg)
{
    assert_ptr_equal(arg, fake);
    assert_false(fake->done);
    fake->done = true;
}

static void add(struct survey *survey, unsigned number)
{
    struct census_account account = {.membership = MEMBERSHIP_MEMBER};
    snprintf(account.id, sizeof(account.id), "%012u", number);
    survey_add(survey, &account);
}

static void test_survey(void **state)
{
    enum { ACCOUNTS = 20 };
    struct scene s;
    (void)state;
    begin_scene(&s, ann_and_bob, LEN(ann_and_bob));
    fake->refused_role = "000000000003";
    fake->caller_account = "999999999999";
    s.diagnosis.wanted = FACT_BIT(FACT_USERS);
    struct survey *survey = survey_start(&s.context, on_surveyed, fake);
    for (unsigned i = ACCOUNTS; i > 0; i--)
        add(survey, i);
    add(survey, 7); /* known already */
    assert_int_equal(survey_known(survey), ACCOUNTS);
    assert_int_equal(survey_asked(survey), 0);
    survey_close(survey);
    fake_run();
    assert_int_equal(survey_asked(survey), ACCOUNTS);
    survey_take(survey);
    assert_int_equal(s.diagnosis.account_count, ACCOUNTS);
    for (unsigned i = 0; i < ACCOUNTS; i++) {
        const struct account_diagnosis *a = &s.diagnosis.accounts[i];
        assert_int_equal(strtoul(a->account.id, NULL, 10), i + 1); /* ascending */
        assert_int_equal(a->assume_role.result, i + 1 == 3 ? PROBE_DENIED : PROBE_ALLOWED);
    }
    assert_int_equal(fake_count("ListUsers"), ACCOUNTS - 1);
    survey_free(survey);
    end_scene(&s);
}

/* The table grows; nobody is asked any more once the survey is freed. */
static void test_survey_that_is_freed(void **state)
{
    struct scene s;
    (void)state;
    begin_scene(&s, ann_and_bob, LEN(ann_and_bob));
    struct survey *survey = survey_start(&s.context, on_surveyed, fake);
    for (unsigned i = 1; i <= 200; i++)
        add(survey, (i * 77) % 1009);
    assert_int_equal(survey_known(survey), 200);
    survey_free(survey);
    survey_free(NULL);
    assert_false(fake->done);
    end_scene(&s);
}

static void test_survey_of_nothing(void **state)
{
    struct scene s;
    (void)state;
    begin_scene(&s, ann_and_bob, LEN(ann_and_bob));
    struct survey *survey = survey_start(&s.context, on_surveyed, fake);
    survey_close(survey);
    survey_close(survey);
    fake_run();
    survey_take(survey);
    assert_int_equal(s.diagnosis.account_count, 0);
    survey_free(survey);
    end_scene(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_is_allowed),
        cmocka_unit_test(test_what_fails_for_the_account_is_asked_per_user),
        cmocka_unit_test(test_no_list_of_users),
        cmocka_unit_test(test_a_user_of_the_details),
        cmocka_unit_test(test_answers_that_show_that_the_report_may_be_read),
        cmocka_unit_test(test_without_the_report),
        cmocka_unit_test(test_nobody),
        cmocka_unit_test(test_no_more_calls),
        cmocka_unit_test(test_a_role_that_is_refused),
        cmocka_unit_test(test_the_callers_own_account),
        cmocka_unit_test(test_freed_while_it_asks),
        cmocka_unit_test(test_survey),
        cmocka_unit_test(test_survey_that_is_freed),
        cmocka_unit_test(test_survey_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
