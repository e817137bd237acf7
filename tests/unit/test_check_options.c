/* SPDX-License-Identifier: MIT */
/* Which rules are judged and how: lists of rules, limits, severities, and what is refused. */
#include "rules_scene.h"

static bool is_on(const struct check_options *o, const char *rule)
{
    return o->on[rule_place(rule_find(view_of(rule)))];
}

static int64_t limit_of(const struct check_options *o, const char *rule)
{
    return o->limits[rule_place(rule_find(view_of(rule)))];
}

static size_t count_on(const struct check_options *o)
{
    size_t count = 0;
    for (size_t i = 0; i < rules_count; i++)
        count += o->on[i];
    return count;
}

typedef int reader(struct check_options *o, struct view text, const char *origin, struct error *e);

static void accepts(reader *read, struct check_options *o, const char *text)
{
    struct error e = {0};
    if (read(o, view_of(text), "--flag", &e) != 0)
        fail_msg("'%s': %s", text, e.text);
}

static void refuses(reader *read, const char *text, const char *said)
{
    struct check_options o;
    struct error e = {0};
    check_options_init(&o);
    print_message("%s\n", text);
    assert_int_equal(read(&o, view_of(text), "--flag", &e), -1);
    assert_int_equal(e.kind, ERROR_CONFIG);
    assert_non_null(strstr(e.text, "--flag"));
    assert_non_null(strstr(e.text, said));
}

/* The table that everything else stands on: sorted, whole, and with limits that make sense. */
static void test_the_table(void **state)
{
    (void)state;
    assert_int_equal(rules_count, 26);
    for (size_t i = 0; i < rules_count; i++) {
        const struct rule *r = &rules_table[i];
        assert_true(i == 0 || strcmp(rules_table[i - 1].id, r->id) < 0);
        assert_ptr_equal(rule_find(view_of(r->id)), r);
        assert_int_equal(rule_place(r), i);
        assert_non_null(r->title);
        assert_non_null(r->mend);
        assert_non_null(r->judge);
        assert_true(r->facts != 0);
        assert_true(r->limit_kind != LIMIT_NUMBER || (r->least <= r->limit && r->limit <= r->most));
    }
}

static void test_rules(void **state)
{
    (void)state;
    struct check_options o;
    check_options_init(&o);
    assert_int_equal(count_on(&o), rules_count - 4);
    assert_false(is_on(&o, "user-tag") || is_on(&o, "user-boundary") ||
                 is_on(&o, "user-password-age") || is_on(&o, "root-credentials"));
    accepts(check_options_rules, &o, "user-key-age, root-mfa\nuser-tag,,user-tag ");
    assert_int_equal(count_on(&o), 3);
    assert_true(is_on(&o, "user-key-age") && is_on(&o, "root-mfa") && is_on(&o, "user-tag"));
    accepts(check_options_rules, &o, "default,user-boundary");
    assert_int_equal(count_on(&o), rules_count - 3);
    assert_true(is_on(&o, "user-boundary"));
    accepts(check_options_rules, &o, "all");
    assert_int_equal(count_on(&o), rules_count);
    refuses(check_options_rules, "", "names no rule");
    refuses(check_options_rules, " , ", "names no rule");
    refuses(check_options_rules, "root-mfa,user-key-ages",
            "there is no rule 'user-key-ages' (did you mean 'user-key-age'?)");
    refuses(check_options_rules, "user-*", "there is no rule 'user-*'");
    refuses(check_options_rules, "ROOT-MFA", "there is no rule 'ROOT-MFA'");
}

static void test_limits_of_numbers(void **state)
{
    (void)state;
    struct check_options o;
    check_options_init(&o);
    assert_int_equal(limit_of(&o, "user-key-unused"), 45);
    assert_int_equal(limit_of(&o, "user-certificate-age"), 365);
    assert_int_equal(limit_of(&o, "password-policy-length"), 14);
    accepts(check_options_limit, &o, "user-key-age=1");
    assert_int_equal(limit_of(&o, "user-key-age"), 1);
    accepts(check_options_limit, &o, "user-key-age=3650");
    assert_int_equal(limit_of(&o, "user-key-age"), 3650);
    accepts(check_options_limits, &o, "password-policy-length=128\n root-use=30 \n");
    assert_int_equal(limit_of(&o, "password-policy-length"), 128);
    assert_int_equal(limit_of(&o, "root-use"), 30);
    static const char *const wrong[] = {"user-key-age=0",  "user-key-age=3651",
                                        "user-key-age=-1", "user-key-age=",
                                        "user-key-age=1d", "user-key-age=1.5",
                                        "user-key-age= 9", "user-key-age=99999999999999999999"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        refuses(check_options_limit, wrong[i], "must be a whole number from 1 to 3650");
    refuses(check_options_limit, "password-policy-length=5", "from 6 to 128");
    refuses(check_options_limit, "password-policy-reuse=25", "from 1 to 24");
    refuses(check_options_limit, "root-mfa=5", "the rule 'root-mfa' has no limit");
    refuses(check_options_limit, "root-usage=5", "(did you mean 'root-use'?)");
    refuses(check_options_limit, "root-use", "it must be a rule, '=' and its limit");
    refuses(check_options_limit, "", "it must be a rule");
    refuses(check_options_limits, "root-use=30\nuser-key-age=x", "'user-key-age'");
}

static void test_limits_of_tags(void **state)
{
    (void)state;
    struct check_options o;
    struct error e = {0};
    check_options_init(&o);
    accepts(check_options_limit, &o, "user-tag=a,b=c");
    assert_true(view_is(o.tag_keys, "a,b=c"));
    refuses(check_options_limit, "user-tag=", "must be tag keys");
    refuses(check_options_limit, "user-tag=a,,b", "must be tag keys");
    refuses(check_options_limit, "user-tag=a,", "must be tag keys");
    assert_int_equal(check_options_check(&o, &e), -1); /* the rule is off */
    assert_non_null(strstr(e.text, "--rules default,user-tag"));
    accepts(check_options_rules, &o, "user-tag");
    assert_int_equal(check_options_check(&o, &e), 0);
    check_options_init(&o);
    accepts(check_options_rules, &o, "all");
    assert_int_equal(check_options_check(&o, &e), -1);
    assert_non_null(strstr(e.text, "--limit user-tag=owner,team"));
}

static void test_fail_on(void **state)
{
    (void)state;
    struct check_options o;
    struct error e = {0};
    check_options_init(&o);
    assert_false(o.fails);
    accepts(check_options_fail_on, &o, "none");
    assert_false(o.fails);
    for (enum severity s = 0; s < SEVERITY_COUNT; s++) {
        accepts(check_options_fail_on, &o, severity_name(s));
        assert_true(o.fails);
        assert_int_equal(o.fail_on, s);
    }
    refuses(check_options_fail_on, "High", "allowed are none, info, low, medium, high, critical");
    refuses(check_options_fail_on, "", "allowed are");
    check_options_init(&o);
    o.fail_on_unknown = true;
    assert_int_equal(check_options_check(&o, &e), -1);
    assert_non_null(strstr(e.text, "--fail-on"));
}

/* Only what the rules that are on need is read. */
static void test_wanted(void **state)
{
    (void)state;
    struct check_options o;
    check_options_init(&o);
    accepts(check_options_rules, &o, "user-boundary,root-use");
    assert_true(check_options_wanted(&o) == (FACT_BIT(FACT_BOUNDARY) | FACT_BIT(FACT_ROOT_USED)));
}

static void test_controls(void **state)
{
    (void)state;
    const struct rule *unused = rule_find(VIEW_LITERAL("user-key-unused"));
    assert_string_equal(rule_control(unused, AWS_FSBP, 45), "IAM.22");
    assert_string_equal(rule_control(unused, AWS_FSBP, 90), "IAM.8");
    assert_null(rule_control(unused, PCI_DSS_4_0_1, 45));
    assert_string_equal(rule_control(unused, PCI_DSS_4_0_1, 90), "8.2.6");
    assert_string_equal(rule_control(unused, CIS_5_0, 90), "1.11");
    assert_null(rule_control(rule_find(VIEW_LITERAL("user-two-active-keys")), CIS_7_0, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_table),         cmocka_unit_test(test_rules),
        cmocka_unit_test(test_limits_of_numbers), cmocka_unit_test(test_limits_of_tags),
        cmocka_unit_test(test_fail_on),           cmocka_unit_test(test_wanted),
        cmocka_unit_test(test_controls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
