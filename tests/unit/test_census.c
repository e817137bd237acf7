/* SPDX-License-Identifier: MIT */
/* All accounts, without a network: each handed over once, in order, whatever happens to others. */
#include "census_scene.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

static const struct fake_user users[] = {
    {"ann", CREATED_S, "AKIAANN", true, 0},
    {"bob", CREATED_S, NULL, false, 0},
};
static const struct census_account accounts[] = {
    {.id = "111111111111"}, {.id = "222222222222"}, {.id = "333333333333"}};

static char handed_over[128]; /* the first digits of the accounts, in their order; '-' if refused */
static unsigned refuse_next;
static enum outcome outcomes[10];

static bool on_account(void *arg, struct account *account)
{
    (void)arg;
    size_t len = strlen(handed_over);
    handed_over[len] = refuse_next > 0 ? '-' : account->id[0];
    handed_over[len + 1] = '\0';
    if (refuse_next > 0) {
        refuse_next--;
        return false;
    }
    outcomes[account->id[0] - '0'] = account->outcome;
    return true;
}

static void on_done(void *arg)
{
    ((struct fake *)arg)->done = true;
}

static struct census *begin(size_t account_count, size_t memory_budget_bytes)
{
    fake_begin(users, LEN(users), STRATEGY_PER_USER);
    handed_over[0] = '\0';
    const struct census_options options = {
        .job = fake->context,
        .accounts = accounts,
        .account_count = account_count,
        .memory_budget_bytes = memory_budget_bytes,
        .account = on_account,
        .done = on_done,
        .arg = fake,
    };
    struct census *census = census_new(&options);
    assert_false(fake->done);
    return census;
}

static void end(struct census *census)
{
    census_free(census);
    fake_end();
}

static void test_in_order(void **state)
{
    struct census_progress progress;
    (void)state;
    struct census *census = begin(3, SIZE_MAX);
    fake_run();
    assert_string_equal(handed_over, "123");
    census_progress(census, &progress);
    assert_int_equal(progress.accounts_total, 3);
    assert_int_equal(progress.accounts_done, 3);
    assert_int_equal(progress.users_done, 6);
    end(census);
}

static void test_no_accounts(void **state)
{
    (void)state;
    struct census *census = begin(0, SIZE_MAX);
    fake_run();
    assert_string_equal(handed_over, "");
    end(census);
}

/* An account that needs longer holds back those after it. */
static void test_slow_account(void **state)
{
    (void)state;
    struct census *census = begin(3, SIZE_MAX);
    fake_refuse("ListUserTags", "ann", "NoSuchEntity", 1); /* the first account waits for seconds */
    fake_run();
    assert_string_equal(handed_over, "123");
    end(census);
}

/* However small the budget, the account whose turn it is is read. */
static void test_small_budget(void **state)
{
    (void)state;
    struct census *census = begin(3, 0);
    fake_run();
    assert_string_equal(handed_over, "123");
    end(census);
}

static void test_failed_account(void **state)
{
    (void)state;
    struct census *census = begin(3, SIZE_MAX);
    fake->refused_role = "222222222222";
    fake_run();
    assert_string_equal(handed_over, "123");
    assert_int_equal(outcomes[1], OUTCOME_SUCCEEDED);
    assert_int_equal(outcomes[2], OUTCOME_FAILED);
    assert_int_equal(outcomes[3], OUTCOME_SUCCEEDED);
    end(census);
}

static void resume(void *arg)
{
    census_resume(arg);
}

/* An output that is busy gets the same account again, when it says that it has room. */
static void test_busy_output(void **state)
{
    struct loop_timer timer = {0};
    (void)state;
    struct census *census = begin(2, SIZE_MAX);
    refuse_next = 1;
    loop_timer_start(fake->loop, &timer, 5000, resume, census);
    fake_run();
    assert_string_equal(handed_over, "-12");
    assert_true(fake->now_ms >= 5000);
    end(census);
}

/* Who was not complete fails, also who was never opened; nobody is left out. */
static void test_stopped(void **state)
{
    struct error why;
    (void)state;
    struct census *census = begin(3, 0);
    error_set(&why, ERROR_CANCELLED, "no time is left");
    census_stop(census, "Deadline", &why);
    fake_run();
    assert_string_equal(handed_over, "123");
    for (unsigned i = 1; i <= 3; i++)
        assert_int_equal(outcomes[i], OUTCOME_FAILED);
    end(census);
}

/* Freed in the middle, it leaves nothing under way. */
static void test_freed_early(void **state)
{
    (void)state;
    struct census *census = begin(3, SIZE_MAX);
    struct loop_timer timer = {0};
    fake_refuse("ListUserTags", "ann", "NoSuchEntity", 0);
    loop_timer_start(fake->loop, &timer, 1000, on_done, fake);
    fake_run();
    end(census);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_order),       cmocka_unit_test(test_no_accounts),
        cmocka_unit_test(test_slow_account),   cmocka_unit_test(test_small_budget),
        cmocka_unit_test(test_failed_account), cmocka_unit_test(test_busy_output),
        cmocka_unit_test(test_stopped),        cmocka_unit_test(test_freed_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
