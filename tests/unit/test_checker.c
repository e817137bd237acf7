/* SPDX-License-Identifier: MIT */
/* The rule engine over whole accounts: which findings there are, in which order, and how many. */
#include "rules_scene.h"

/* Two users, of whom the first has two keys; and a line for each finding. */
struct checking {
    struct rules_scene s;
    struct user other;
    struct user *users[2];
};

static void checking_begin(struct checking *c)
{
    scene_begin(&c->s);
    add_key(&c->s, "AKIB", "Active", D(200), D(1));
    add_key(&c->s, "AKIA", "Active", D(100), NEVER);
    c->other = c->s.user;
    c->other.name = VIEW_LITERAL("zoe");
    c->other.arn = VIEW_LITERAL("arn:aws:iam::111111111111:user/zoe");
    c->other.keys = NULL;
    c->other.has_password = true;
    c->other.password_used_s = ago(D(1));
    c->users[0] = &c->s.user;
    c->users[1] = &c->other;
    c->s.account.users = c->users;
    c->s.account.user_count = 2;
}

/* "jane user-key-age AKIA fail" */
static void checking_take(void *arg, const struct finding *f)
{
    struct checking *c = arg;
    buffer_addf(&c->s.seen, "%.*s %s %.*s %s\n", f->user ? (int)f->user->name.len : 1,
                f->user ? f->user->name.ptr : "-", f->rule->id, VIEW_ARG(f->resource_id),
                finding_status_name(f->status));
}

static void checking_judge(struct checking *c, const char *rules)
{
    struct error e;
    assert_int_equal(check_options_rules(&c->s.options, view_of(rules), "--rules", &e), 0);
    buffer_clear(&c->s.seen);
    checker_init(&c->s.checker, &c->s.options);
    checker_account(&c->s.checker, &c->s.account, checking_take, c);
}

static uint64_t count_all(const struct checker *c)
{
    uint64_t sum = 0;
    for (enum finding_status s = 0; s < STATUS_COUNT; s++)
        sum += check_counts_all(&c->counts, s);
    return sum;
}

#define JANE "arn:aws:iam::111111111111:user/jane"
#define ZOE  "arn:aws:iam::111111111111:user/zoe"

/* The account, then users; within one, rules by id, then resources by id. */
static void test_order(void **state)
{
    (void)state;
    struct checking c;
    checking_begin(&c);
    checking_judge(&c, "user-two-active-keys,user-key-unused,user-console-mfa,user-key-age,"
                       "root-use,password-policy-length,root-access-key");
    assert_string_equal(buffer_text(&c.s.seen), "- password-policy-length 111111111111 fail\n"
                                                "- root-access-key 111111111111 pass\n"
                                                "- root-use 111111111111 pass\n"
                                                "jane user-console-mfa " JANE " pass\n"
                                                "jane user-key-age AKIA fail\n"
                                                "jane user-key-age AKIB fail\n"
                                                "jane user-key-unused AKIA fail\n"
                                                "jane user-key-unused AKIB pass\n"
                                                "jane user-two-active-keys " JANE " fail\n"
                                                "zoe user-console-mfa " ZOE " fail\n"
                                                "zoe user-two-active-keys " ZOE " pass\n");
    assert_int_equal(count_all(&c.s.checker), 11);
    checker_release(&c.s.checker);
    scene_end(&c.s);
}

/* What passes is handed over only if somebody wants it, and counted in any case. */
static void test_pass_is_only_counted(void **state)
{
    (void)state;
    struct checking c;
    checking_begin(&c);
    c.s.options.include_pass = false;
    c.s.account.partition = VIEW_LITERAL("aws-us-gov");
    checking_judge(&c, "user-console-mfa,root-use,root-mfa");
    assert_string_equal(buffer_text(&c.s.seen), "zoe user-console-mfa " ZOE " fail\n");
    assert_int_equal(check_counts_all(&c.s.checker.counts, STATUS_PASS), 2);
    assert_int_equal(check_counts_all(&c.s.checker.counts, STATUS_NOT_APPLICABLE), 1);
    assert_int_equal(count_all(&c.s.checker), 4);
    assert_int_equal(check_counts_of(&c.s.checker.counts, SEVERITY_HIGH, STATUS_FAIL), 1);
    assert_int_equal(check_counts_of(&c.s.checker.counts, SEVERITY_LOW, STATUS_FAIL), 0);
    checker_release(&c.s.checker);
    scene_end(&c.s);
}

/* In steps, for a taker that may have to wait. */
static void test_steps_give_the_same(void **state)
{
    (void)state;
    struct checking c;
    struct checker steps;
    struct buffer whole;
    checking_begin(&c);
    checking_judge(&c, "default,user-boundary");
    buffer_init(&whole, (size_t)1024 * 1024);
    buffer_add_view(&whole, buffer_view(&c.s.seen));
    buffer_clear(&c.s.seen);
    checker_init(&steps, &c.s.options);
    checker_account_itself(&steps, &c.s.account, checking_take, &c);
    for (size_t i = 0; i < 2; i++)
        checker_user(&steps, &c.s.account, c.users[i], checking_take, &c);
    assert_string_equal(buffer_text(&c.s.seen), buffer_text(&whole));
    assert_memory_equal(&steps.counts, &c.s.checker.counts, sizeof(steps.counts));
    buffer_release(&whole);
    checker_release(&steps);
    checker_release(&c.s.checker);
    scene_end(&c.s);
}

/* One unknown for each rule, whatever was read before it failed. */
static void test_failed_account(void **state)
{
    (void)state;
    struct checking c;
    checking_begin(&c);
    c.s.account.outcome = OUTCOME_FAILED;
    checking_judge(&c, "user-key-age,root-mfa");
    assert_string_equal(buffer_text(&c.s.seen), "- root-mfa 111111111111 unknown\n"
                                                "- user-key-age 111111111111 unknown\n");
    assert_int_equal(c.s.checker.counts.accounts_failed, 1);
    checker_release(&c.s.checker);
    checking_judge(&c, "all");
    assert_int_equal(check_counts_all(&c.s.checker.counts, STATUS_UNKNOWN), rules_count);
    assert_int_equal(count_all(&c.s.checker), rules_count);
    checker_release(&c.s.checker);
    scene_end(&c.s);
}

/* A list that is unknown gives one finding, about the user. */
static void test_unknown_list(void **state)
{
    (void)state;
    struct checking c;
    checking_begin(&c);
    c.s.user.unknown = FACT_BIT(FACT_KEYS);
    checking_judge(&c, "user-key-age,user-key-unused");
    assert_string_equal(buffer_text(&c.s.seen), "jane user-key-age " JANE " unknown\n"
                                                "jane user-key-unused " JANE " unknown\n");
    checker_release(&c.s.checker);
    c.s.account.unknown = FACT_BIT(FACT_SERVICE_CREDENTIALS);
    checking_judge(&c, "user-service-credential-age");
    assert_int_equal(check_counts_all(&c.s.checker.counts, STATUS_UNKNOWN), 2);
    checker_release(&c.s.checker);
    scene_end(&c.s);
}

static bool fails(struct checking *c, const char *rules, const char *from, bool unknown_too)
{
    struct error e;
    assert_int_equal(check_options_fail_on(&c->s.options, view_of(from), "--fail-on", &e), 0);
    c->s.options.fail_on_unknown = unknown_too;
    checking_judge(c, rules);
    bool result = checker_fails(&c->s.checker);
    checker_release(&c->s.checker);
    return result;
}

static void test_fail_on(void **state)
{
    (void)state;
    struct checking c;
    checking_begin(&c);
    assert_false(fails(&c, "user-console-mfa", "none", true));
    assert_true(fails(&c, "user-console-mfa", "info", false));
    assert_true(fails(&c, "user-console-mfa", "high", false));
    assert_false(fails(&c, "user-console-mfa", "critical", false));
    assert_false(fails(&c, "root-access-key", "info", true));
    c.s.account.unknown = FACT_BIT(FACT_ROOT_KEYS);
    assert_false(fails(&c, "root-access-key", "info", false));
    assert_true(fails(&c, "root-access-key", "critical", true));
    scene_end(&c.s);
}

/* A failure that a line covers is suppressed; what is unknown stays unknown. */
static void test_suppressed(void **state)
{
    (void)state;
    struct checking c;
    struct error e;
    checking_begin(&c);
    struct suppressions *s = suppressions_read(
        VIEW_LITERAL("rule,account,user,tag,expires,reason,ticket\n,,,,,all,\n"), "f", &e);
    assert_non_null(s);
    c.s.options.suppressions = s;
    c.s.user.unknown = FACT_BIT(FACT_MFA);
    c.s.user.has_password = true;
    checking_judge(&c, "user-console-mfa,root-use");
    assert_string_equal(buffer_text(&c.s.seen), "- root-use 111111111111 pass\n"
                                                "jane user-console-mfa " JANE " unknown\n"
                                                "zoe user-console-mfa " ZOE " suppressed\n");
    assert_int_equal(check_counts_all(&c.s.checker.counts, STATUS_FAIL), 0);
    checker_release(&c.s.checker);
    assert_false(fails(&c, "user-console-mfa", "info", false));
    suppressions_free(s);
    scene_end(&c.s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_pass_is_only_counted),
        cmocka_unit_test(test_steps_give_the_same),
        cmocka_unit_test(test_failed_account),
        cmocka_unit_test(test_unknown_list),
        cmocka_unit_test(test_fail_on),
        cmocka_unit_test(test_suppressed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
