/* SPDX-License-Identifier: MIT */
/* In which order an account is read if there is a report, and what is left out because of it. */
#include "census_scene.h"

#define LEN(array)                    (sizeof(array) / sizeof((array)[0]))
#define LINE(name, created, password) name "," created "," password ",N/A,N/A,N/A,N/A,N/A,N/A\n"
/* CREATED_S */
#define CREATED "2020-09-13T12:26:40+00:00"

/* Ann has a password and no key; Bob has a key and no password. */
static const struct fake_user ann_and_bob[] = {
    {"ann", CREATED_S, NULL, true, CREATED_S + 5},
    {"bob", CREATED_S, "AKIABOB", false, CREATED_S + 6},
};
#define ANN                                                                                        \
    LINE("ann", CREATED,                                                                           \
         "true,2020-09-13T12:26:45+00:00,2020-09-13T12:26:40+00:00,false,N/A,N/A,N/A,N/A")
#define BOB                                                                                        \
    LINE("bob", CREATED,                                                                           \
         "false,N/A,N/A,true,2020-09-13T12:26:40+00:00,2020-09-14T00:00:00+00:00,eu-west-1,s3")

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

static const struct census_account core = {
    .id = "111111111111", .name = {"Core", 4}, .ou = {"o/r/", 4}, .membership = MEMBERSHIP_MEMBER};

static struct job *run_job(enum strategy strategy, const char *report)
{
    fake_begin(ann_and_bob, LEN(ann_and_bob), strategy);
    fake->report = report;
    if (!report)
        fake_refuse("GetCredentialReport", NULL, "AccessDenied", 0);
    fake->context.done = on_done;
    fake->context.changed = on_changed;
    fake->context.arg = fake;
    struct job *job = job_new(&fake->context, 0, &core);
    job_start(job);
    return job;
}

static size_t place_of(const char *call)
{
    for (size_t i = 0; i < fake->call_count; i++)
        if (strcmp(fake->calls[i], call) == 0)
            return i;
    fail_msg("%s was not called", call);
    return 0;
}

static void test_report_tells(void **state)
{
    (void)state;
    struct job *job = run_job(STRATEGY_AUTO, ANN BOB);
    fake_run();
    const struct account *a = job_account(job);
    const struct user *ann = a->users[0], *bob = a->users[1];
    assert_int_equal(a->outcome, OUTCOME_SUCCEEDED);
    assert_int_equal(a->report_at_s, GENERATED_S);
    assert_int_equal(ann->data_as_of_s, GENERATED_S);
    assert_true(ann->has_password);
    assert_int_equal(ann->password_set_s, CREATED_S);
    assert_false(bob->has_mfa); /* the list of devices is newer than the report */
    assert_true(view_is(bob->keys->last_used_region, "eu-west-1"));
    assert_int_equal(fake_count("GetLoginProfile"), 0);
    assert_int_equal(fake_count("GetAccessKeyLastUsed"), 0);
    assert_int_equal(fake_count("ListMFADevices ann"), 0); /* the report shows that she has none */
    assert_int_equal(fake_count("ListMFADevices bob"), 1);
    assert_int_equal(fake_count("ListAccessKeys"), 2); /* a key made since must not be missed */
    assert_int_equal(fake_count("ListSigningCertificates"), 0);
    job_free(job);
    fake_end();
}

/* Bob has no password: the report does not tell his last sign-in. */
static void test_sign_ins_come_before_users(void **state)
{
    (void)state;
    struct job *job = run_job(STRATEGY_AUTO, ANN BOB);
    fake_run();
    assert_int_equal(fake_count("ListUsers"), 1);
    assert_true(place_of("GetCredentialReport") < place_of("ListUsers"));
    assert_true(place_of("ListUsers") < place_of("ListAccessKeys bob"));
    assert_int_equal(job_account(job)->users[1]->password_used_s, CREATED_S + 6);
    job_free(job);
    fake_end();
}

/* Only 'bulk' takes the report's word for it that somebody has no key. */
static void test_bulk_leaves_out(void **state)
{
    (void)state;
    struct job *job = run_job(STRATEGY_BULK, ANN BOB);
    fake_run();
    assert_int_equal(fake_count("ListAccessKeys ann"), 0);
    assert_int_equal(fake_count("ListAccessKeys bob"), 1);
    job_free(job);
    fake_end();
}

/* A user of the same name who was created at another time is not in the report. */
static void test_line_of_somebody_else(void **state)
{
    (void)state;
    struct job *job =
        run_job(STRATEGY_AUTO, LINE("ann", "2019-01-01T00:00:00+00:00",
                                    "true,N/A,2019-01-01T00:00:00+00:00,true,N/A,N/A,N/A,N/A") BOB);
    fake_run();
    const struct user *ann = job_account(job)->users[0];
    assert_int_equal(fake_count("GetLoginProfile"), 1);
    assert_int_equal(fake_count("GetLoginProfile ann"), 1);
    assert_false(ann->has_mfa);
    assert_int_equal(ann->data_as_of_s, job_account(job)->read_at_s);
    job_free(job);
    fake_end();
}

static void test_report_refused(void **state)
{
    (void)state;
    struct job *job = run_job(STRATEGY_AUTO, NULL);
    fake_run();
    const struct account *a = job_account(job);
    assert_int_equal(fake_count("GetLoginProfile"), 2);
    assert_int_equal(fake_count("GetAccessKeyLastUsed AKIABOB"), 1);
    assert_int_equal(a->report_at_s, TIMESTAMP_NONE);
    /* Only the report has the exact date, and it has failed. */
    assert_int_equal(a->partial, FACT_BIT(FACT_PASSWORD_CHANGED));
    assert_string_equal(a->failures->operation, "GetCredentialReport");
    job_free(job);
    fake_end();
}

static void test_old_report_is_set_aside(void **state)
{
    (void)state;
    struct job *job = run_job(STRATEGY_AUTO, ANN BOB);
    fake->context.max_report_age_s = 3599; /* it is an hour old */
    fake_run();
    const struct account *a = job_account(job);
    assert_int_equal(a->report_at_s, TIMESTAMP_NONE);
    assert_int_equal(fake_count("GetLoginProfile"), 2);
    assert_int_equal(a->outcome, OUTCOME_SUCCEEDED); /* nothing has failed */
    job_free(job);
    fake_end();
}

/* The next source of the list takes the place of the one that is refused. */
static void test_details_refused(void **state)
{
    (void)state;
    struct job *job = run_job(STRATEGY_AUTO, ANN BOB);
    fake_refuse("GetAccountAuthorizationDetails", NULL, "AccessDenied", 0);
    fake_run();
    const struct account *a = job_account(job);
    assert_int_equal(fake_count("ListUsers"), 1); /* once: it tells the sign-ins as well */
    assert_int_equal(fake_count("ListGroupsForUser"), 2);
    assert_int_equal(a->user_count, 2);
    assert_int_equal(a->partial, FACT_BIT(FACT_BOUNDARY) | FACT_BIT(FACT_POLICIES));
    job_free(job);
    fake_end();
}

static void test_details_refused_in_bulk(void **state)
{
    (void)state;
    struct job *job = run_job(STRATEGY_BULK, ANN BOB);
    fake_refuse("GetAccountAuthorizationDetails", NULL, "AccessDenied", 0);
    fake_run();
    assert_int_equal(job_account(job)->outcome, OUTCOME_FAILED);
    assert_string_equal(job_account(job)->failed_stage, "GetAccountAuthorizationDetails");
    job_free(job);
    fake_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report_tells),    cmocka_unit_test(test_sign_ins_come_before_users),
        cmocka_unit_test(test_bulk_leaves_out), cmocka_unit_test(test_line_of_somebody_else),
        cmocka_unit_test(test_report_refused),  cmocka_unit_test(test_old_report_is_set_aside),
        cmocka_unit_test(test_details_refused), cmocka_unit_test(test_details_refused_in_bulk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
