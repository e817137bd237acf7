/* SPDX-License-Identifier: MIT */
/* One account's job, without a network: what is called, what of it reaches the model, how it ends.
 */
#include "census_scene.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))
#define ACCOUNT    "111111111111"

static const struct fake_user ann_and_bob[] = {
    {"bob", CREATED_S, "AKIABOB", false, 0},
    {"ann", CREATED_S, "AKIAANN", true, CREATED_S + 5},
};

static const struct census_account core = {
    .id = ACCOUNT, .name = {"Core", 4}, .ou = {"o/r/", 4}, .membership = MEMBERSHIP_MEMBER};

static void on_done(void *arg, struct job *job)
{
    (void)job;
    ((struct fake *)arg)->done = true;
}

/* A job is fed as the census does it: when it says that it may have become hungry. */
static void on_changed(void *arg, struct job *job)
{
    (void)arg;
    while (job_ready(job) || job_hungry(job))
        job_feed(job);
}

static struct job *run_job(void)
{
    fake->context.done = on_done;
    fake->context.changed = on_changed;
    fake->context.arg = fake;
    struct job *job = job_new(&fake->context, 0, &core);
    job_start(job);
    assert_false(fake->done); /* nothing calls back before it has returned */
    fake_run();
    assert_true(job_over(job));
    return job;
}

static struct account *run_account(struct job **job)
{
    *job = run_job();
    return job_account(*job);
}

static void test_per_user(void **state)
{
    struct job *job;
    (void)state;
    fake_begin(ann_and_bob, LEN(ann_and_bob), STRATEGY_PER_USER);
    const struct account *a = run_account(&job);
    assert_int_equal(a->outcome, OUTCOME_SUCCEEDED);
    assert_int_equal(a->user_count, 2);
    assert_true(view_is(a->users[0]->name, "ann")); /* in the order of names, not of the list */
    assert_true(view_is(a->alias, "alias"));
    assert_true(view_is(a->users[0]->groups->text, "group"));
    assert_true(a->users[0]->has_password);
    assert_false(a->users[1]->has_password);
    assert_int_equal(a->users[0]->password_used_s, CREATED_S + 5);
    assert_int_equal(a->users[0]->keys->last_used_s, CREATED_S + 1);
    assert_true(view_is(a->users[0]->keys->last_used_service, "s3"));
    assert_null(a->users[0]->keys->last_used_region.ptr);
    assert_int_equal(fake_count("GetAccessKeyLastUsed"), 2);
    assert_int_equal(fake_count("ListUsers"), 1);
    assert_int_equal(fake_count("GenerateCredentialReport"), 0);
    assert_int_equal(a->calls, fake->call_count);
    job_free(job);
    fake_end();
}

/* What a refused call was to tell is unknown, and the failure is counted once for each user. */
static void test_refused_call(void **state)
{
    struct job *job;
    (void)state;
    fake_begin(ann_and_bob, LEN(ann_and_bob), STRATEGY_PER_USER);
    fake_refuse("ListGroupsForUser", NULL, "AccessDenied", 0);
    const struct account *a = run_account(&job);
    assert_int_equal(a->outcome, OUTCOME_PARTIAL);
    assert_int_equal(a->partial, FACT_BIT(FACT_GROUPS));
    assert_true(a->users[0]->unknown & FACT_BIT(FACT_GROUPS));
    assert_null(a->users[0]->groups);
    assert_string_equal(a->failures->operation, "ListGroupsForUser");
    assert_true(view_is(a->failures->code, "AccessDenied"));
    assert_int_equal(a->failures->count, 2);
    assert_null(a->failures->next);
    job_free(job);
    fake_end();
}

/* With the keys goes all that is known of keys; a refused use leaves the others. */
static void test_refused_keys(void **state)
{
    struct job *job;
    (void)state;
    fake_begin(ann_and_bob, LEN(ann_and_bob), STRATEGY_PER_USER);
    fake_refuse("ListAccessKeys", "ann", "AccessDenied", 0);
    fake_refuse("GetAccessKeyLastUsed", "AKIABOB", "Denied", 0);
    const struct account *a = run_account(&job);
    const fact_set keys = FACT_BIT(FACT_KEYS) | FACT_BIT(FACT_KEYS_USED);
    assert_int_equal(a->partial, keys);
    assert_int_equal(a->users[0]->unknown & keys, keys);
    assert_int_equal(a->users[1]->unknown & keys, FACT_BIT(FACT_KEYS_USED));
    assert_true(a->users[1]->keys->use_unknown);
    job_free(job);
    fake_end();
}

static void test_alias_refused(void **state)
{
    struct job *job;
    (void)state;
    fake_begin(ann_and_bob, LEN(ann_and_bob), STRATEGY_PER_USER);
    fake_refuse("ListAccountAliases", NULL, "AccessDenied", 0);
    const struct account *a = run_account(&job);
    assert_int_equal(a->partial, FACT_BIT(FACT_ALIAS));
    assert_int_equal(a->unknown & FACTS_OF_COLUMNS, FACT_BIT(FACT_ALIAS));
    job_free(job);
    fake_end();
}

static void test_users_refused(void **state)
{
    struct job *job;
    (void)state;
    fake_begin(ann_and_bob, LEN(ann_and_bob), STRATEGY_PER_USER);
    fake_refuse("ListUsers", NULL, "AccessDenied", 0);
    const struct account *a = run_account(&job);
    assert_int_equal(a->outcome, OUTCOME_FAILED);
    assert_string_equal(a->failed_stage, "ListUsers");
    assert_string_equal(a->failed.code, "AccessDenied");
    assert_int_equal(a->user_count, 0);
    job_free(job);
    fake_end();
}

static void test_role_refused(void **state)
{
    struct job *job;
    (void)state;
    fake_begin(ann_and_bob, LEN(ann_and_bob), STRATEGY_PER_USER);
    fake->refused_role = ACCOUNT;
    fake->caller_account = "999999999999";
    const struct account *a = run_account(&job);
    assert_int_equal(a->outcome, OUTCOME_FAILED);
    assert_string_equal(a->failed_stage, "AssumeRole");
    assert_int_equal(fake->call_count, 0);
    job_free(job);
    fake_end();
}

/* The caller's own account is read without the role; what fails there says that it was so. */
static void test_own_account(void **state)
{
    struct job *job;
    (void)state;
    fake_begin(ann_and_bob, LEN(ann_and_bob), STRATEGY_PER_USER);
    fake->refused_role = fake->caller_account = ACCOUNT;
    assert_int_equal(run_account(&job)->outcome, OUTCOME_SUCCEEDED);
    job_free(job);
    fake_end();
    fake_begin(ann_and_bob, LEN(ann_and_bob), STRATEGY_PER_USER);
    fake->refused_role = fake->caller_account = ACCOUNT;
    fake_refuse("ListUsers", NULL, "AccessDenied", 0);
    const struct account *a = run_account(&job);
    assert_string_equal(a->failed_stage, "ListUsers");
    assert_non_null(strstr(a->failed.text, "the caller's own credentials were used"));
    job_free(job);
    fake_end();
}

static void test_stopped(void **state)
{
    (void)state;
    struct error why;
    fake_begin(ann_and_bob, LEN(ann_and_bob), STRATEGY_PER_USER);
    fake->context.changed = on_changed;
    struct job *job = job_new(&fake->context, 0, &(struct census_account){.id = ACCOUNT});
    job_start(job);
    error_set(&why, ERROR_CANCELLED, "no time is left");
    job_stop(job, "Deadline", &why);
    assert_true(job_over(job));
    assert_string_equal(job_account(job)->failed_stage, "Deadline");
    job_free(job);
    fake_end();
}

/* ---- what was deleted meanwhile ---- */

static void test_user_gone(void **state)
{
    struct job *job;
    (void)state;
    fake_begin(ann_and_bob, LEN(ann_and_bob), STRATEGY_PER_USER);
    fake_refuse("ListUserTags", "ann", "NoSuchEntity", 0);
    const struct account *a = run_account(&job);
    assert_int_equal(a->outcome, OUTCOME_SUCCEEDED);
    assert_int_equal(a->user_count, 1);
    assert_int_equal(a->users_gone, 1);
    assert_int_equal(fake_count("ListUserTags ann"), 2);
    assert_true(fake->now_ms >= 2000); /* asked about again, later */
    job_free(job);
    fake_end();
}

/* IAM may list a new user before every call knows of it. */
static void test_user_known_later(void **state)
{
    struct job *job;
    (void)state;
    fake_begin(ann_and_bob, LEN(ann_and_bob), STRATEGY_PER_USER);
    fake_refuse("ListUserTags", "ann", "NoSuchEntity", 1);
    const struct account *a = run_account(&job);
    assert_int_equal(a->outcome, OUTCOME_SUCCEEDED);
    assert_int_equal(a->user_count, 2);
    assert_int_equal(fake_count("ListUserTags ann"), 2);
    job_free(job);
    fake_end();
}

/* The key is still listed: it is not gone, the refusal stands. */
static void test_key_still_there(void **state)
{
    struct job *job;
    (void)state;
    fake_begin(ann_and_bob, LEN(ann_and_bob), STRATEGY_PER_USER);
    fake_refuse("GetAccessKeyLastUsed", "AKIAANN", "NoSuchEntity", 0);
    const struct account *a = run_account(&job);
    assert_int_equal(a->partial, FACT_BIT(FACT_KEYS_USED));
    assert_int_equal(fake_count("ListAccessKeys ann"), 2);
    assert_true(a->users[0]->keys->use_unknown);
    job_free(job);
    fake_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_per_user),        cmocka_unit_test(test_refused_call),
        cmocka_unit_test(test_refused_keys),    cmocka_unit_test(test_alias_refused),
        cmocka_unit_test(test_users_refused),   cmocka_unit_test(test_role_refused),
        cmocka_unit_test(test_own_account),     cmocka_unit_test(test_stopped),
        cmocka_unit_test(test_user_gone),       cmocka_unit_test(test_user_known_later),
        cmocka_unit_test(test_key_still_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
