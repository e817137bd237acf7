/* SPDX-License-Identifier: MIT */
/* The call budget of --dry-run: counted from the table of sources, before anybody is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/estimate.h"

#include <jansson.h>
#include <stdio.h>

#define TEXT_MAX ((size_t)1024 * 1024)

struct scene {
    struct settings settings;
    struct config config;
    struct buffer text;
};

static int scene_begin(void **state)
{
    static struct scene s;
    s = (struct scene){.config = {.max_report_age_s = 18000}};
    buffer_init(&s.text, TEXT_MAX);
    *state = &s;
    return 0;
}

static int scene_end(void **state)
{
    struct scene *s = *state;
    buffer_release(&s->text);
    return 0;
}

/* What the columns ask for, taken from the settings as a run takes it. */
static fact_set wanted_by(const char *columns)
{
    struct settings settings = {0};
    struct config config;
    struct error e;
    assert_int_equal(settings_from_flag(&settings, SETTING_ROLE_NAME, "census", &e), 0);
    assert_int_equal(settings_from_flag(&settings, SETTING_COLUMNS, columns, &e), 0);
    if (config_make(&settings, false, &config, &e) != 0)
        fail_msg("%s", e.text);
    fact_set wanted = config.wanted;
    config_release(&config);
    settings_release(&settings);
    return wanted;
}

/*
 * By hand, of an account. Once: AssumeRole, details (a page for each 1,000 users), the report asked
 * for and fetched, the alias, sign-ins (pages again). Then 60 % of the users have keys, and 2 % a
 * certificate.
 */
static void test_bulk(void **state)
{
    static const struct {
        uint64_t users, standard, extended;
    } rows[] = {
        {0, 6, 6},
        {1, 6, 6},
        {10, 6 + 6, 6 + 6 + 5},
        {100, 6 + 60 + 2, 6 + 60 + 2 + 50},
        {1000, 6 + 600 + 20, 6 + 600 + 20 + 500},
        {1001, 8 + 600 + 20, 8 + 600 + 20 + 500},
        {5000, 14 + 3000 + 100, 14 + 3000 + 100 + 2500},
    };
    (void)state;
    fact_set standard = wanted_by("standard"), extended = wanted_by("extended");
    const struct choice bulk = {STRATEGY_BULK, REPORT_USED, 0};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(effort_calls(&bulk, standard, rows[i].users), rows[i].standard);
        assert_int_equal(effort_calls(&bulk, extended, rows[i].users), rows[i].extended);
    }
}

/* The same, but that keys are listed for every user. */
static void test_auto(void **state)
{
    static const struct {
        uint64_t users, standard, extended;
    } rows[] = {
        {0, 6, 6},
        {10, 6 + 10, 6 + 10 + 5},
        {1000, 6 + 1000 + 20, 6 + 1000 + 20 + 500},
        {1001, 8 + 1001 + 20, 8 + 1001 + 20 + 500},
    };
    (void)state;
    fact_set standard = wanted_by("standard"), extended = wanted_by("extended");
    const struct choice choice = {STRATEGY_AUTO, REPORT_USED, 0};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(effort_calls(&choice, standard, rows[i].users), rows[i].standard);
        assert_int_equal(effort_calls(&choice, extended, rows[i].users), rows[i].extended);
    }
}

/*
 * --max-report-age 0: AssumeRole, details, the alias, sign-ins; then for each user the password,
 * MFA, keys and certificates, and the last use of keys.
 */
static void test_without_a_report(void **state)
{
    (void)state;
    const struct config config = {.strategy = STRATEGY_AUTO, .max_report_age_s = 0};
    for (enum strategy strategy = STRATEGY_AUTO; strategy <= STRATEGY_BULK; strategy++) {
        struct choice choice = estimate_choice(&config);
        choice.strategy = strategy;
        assert_int_equal(effort_calls(&choice, wanted_by("standard"), 100), 4 + 400 + 60);
        assert_int_equal(effort_calls(&choice, wanted_by("extended"), 100), 4 + 400 + 60);
    }
}

/* AssumeRole, the pages of users, the alias; six calls a user, and one for each of his keys. */
static void test_per_user(void **state)
{
    static const struct {
        uint64_t users, calls;
    } rows[] = {{0, 3},
                {1, 3 + 6},
                {10, 3 + 60 + 6},
                {100, 3 + 600 + 60},
                {1000, 3 + 6000 + 600},
                {2500, 5 + 15000 + 1500}};
    const struct config config = {.strategy = STRATEGY_PER_USER, .max_report_age_s = 18000};
    const struct choice choice = estimate_choice(&config);
    (void)state;
    fact_set standard = wanted_by("standard"), extended = wanted_by("extended");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(effort_calls(&choice, standard, rows[i].users), rows[i].calls);
        assert_int_equal(effort_calls(&choice, extended, rows[i].users), rows[i].calls);
    }
}

/*
 * Full columns: one call more for the service-specific credentials of all users, and smaller pages
 * of users. SSH keys, if they are wanted, are a call a user. What is about the account alone costs
 * a call each: its summary, password policy, and virtual devices.
 */
static void test_full(void **state)
{
    (void)state;
    const struct choice bulk = {STRATEGY_BULK, REPORT_USED, 0};
    const struct choice per_user = {STRATEGY_PER_USER, REPORT_SET_ASIDE, 0};
    fact_set extended = wanted_by("extended"), full = wanted_by("full");
    const fact_set ssh = FACT_BIT(FACT_SSH_KEYS);
    const fact_set account = FACT_BIT(FACT_ROOT_KEYS) | FACT_BIT(FACT_ROOT_MFA_KIND) |
                             FACT_BIT(FACT_PASSWORD_POLICY) | FACT_BIT(FACT_ROOT_USED);
    static const uint64_t sizes[] = {0, 250, 251, 1000, 1001};
    static const uint64_t more_pages[] = {0, 0, 1, 3, 3};
    assert_false(full & ssh);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint64_t before = effort_calls(&bulk, extended, sizes[i]);
        uint64_t after = before + 1 + more_pages[i];
        assert_int_equal(effort_calls(&bulk, full, sizes[i]), after);
        assert_int_equal(effort_calls(&bulk, full | ssh, sizes[i]), after + sizes[i]);
        assert_int_equal(effort_calls(&bulk, full | account, sizes[i]), after + 3);
        before = effort_calls(&per_user, extended, sizes[i]);
        assert_int_equal(effort_calls(&per_user, full | account, sizes[i]), before + 4);
    }
}

static void test_time(void **state)
{
    (void)state;
    assert_int_equal(effort_ms(0, 64), 0);
    assert_int_equal(effort_ms(64, 64), EFFORT_LATENCY_MS);
    assert_int_equal(effort_ms(6400, 64), 100 * EFFORT_LATENCY_MS);
    assert_int_equal(effort_ms(1000, 1), 1000 * EFFORT_LATENCY_MS);
    /* A million users, one by one. */
    assert_int_equal(effort_ms(UINT64_C(10000000000), 1),
                     UINT64_C(10000000000) * EFFORT_LATENCY_MS);
}

static json_t *document(struct scene *s, enum strategy strategy, size_t connections,
                        size_t accounts)
{
    json_error_t where;
    s->config.strategy = strategy;
    s->config.max_connections = connections;
    buffer_clear(&s->text);
    estimate_write(&s->config, accounts, true, &s->text);
    assert_int_equal(s->text.data[s->text.len - 1], '\n');
    json_t *root = json_loadb(buffer_text(&s->text), s->text.len, JSON_REJECT_DUPLICATES, &where);
    if (!root)
        fail_msg("%s: %s", where.text, buffer_text(&s->text));
    return root;
}

static json_int_t number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

static void test_json(void **state)
{
    static const char *const names[] = {"auto", "bulk", "per-user"};
    static const uint64_t sizes[] = {10, 100, 1000, 5000};
    struct scene *s = *state;
    s->config.wanted = wanted_by("standard");
    for (enum strategy strategy = STRATEGY_AUTO; strategy <= STRATEGY_PER_USER; strategy++) {
        json_t *root = document(s, strategy, 16, 200);
        assert_int_equal(json_object_size(root), 4);
        assert_int_equal(number(root, "accounts"), 200);
        assert_int_equal(number(root, "connections"), 16);
        assert_string_equal(json_string_value(json_object_get(root, "strategy")), names[strategy]);
        const json_t *rows = json_object_get(root, "estimates");
        assert_int_equal(json_array_size(rows), 4);
        for (size_t i = 0; i < 4; i++) {
            const json_t *row = json_array_get(rows, i);
            const struct choice choice = estimate_choice(&s->config);
            uint64_t calls = 200 * effort_calls(&choice, s->config.wanted, sizes[i]);
            assert_int_equal(json_object_size(row), 3);
            assert_int_equal(number(row, "users_per_account"), sizes[i]);
            assert_int_equal(number(row, "api_calls"), calls);
            assert_int_equal(number(row, "duration_ms"), calls * EFFORT_LATENCY_MS / 16);
        }
        json_decref(root);
    }
}

static void test_json_of_no_account(void **state)
{
    struct scene *s = *state;
    json_t *root = document(s, STRATEGY_BULK, 64, 0);
    assert_int_equal(number(json_array_get(json_object_get(root, "estimates"), 3), "api_calls"), 0);
    json_decref(root);
}

static void test_text(void **state)
{
    struct scene *s = *state;
    s->config = (struct config){
        .strategy = STRATEGY_PER_USER, .max_connections = 64, .wanted = wanted_by("standard")};
    estimate_write(&s->config, 200, false, &s->text);
    assert_string_equal(
        buffer_text(&s->text),
        "dry run: 200 accounts, strategy per-user, 64 connections; no role was assumed, no "
        "user was read\n\n"
        "users per account   calls (about)    time (about)\n"
        "              10            13800          10.8 s\n"
        "             100           132600         103.6 s\n"
        "            1000          1320600          17 min\n"
        "            5000          6601400          86 min\n"
        "\nassumed: 50 ms a call, 60 % of the users with access keys, nobody throttled. IAM "
        "throttles\neach account by itself; a large one then sets the pace.\n");
    buffer_clear(&s->text);
    estimate_write(&s->config, 3, false, &s->text);
    assert_non_null(strstr(buffer_text(&s->text),
                           "              10              207           < 1 s\n"
                           "             100             1989           1.6 s\n"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)
    const struct CMUnitTest tests[] = {
        TEST(test_bulk),     TEST(test_full), TEST(test_auto), TEST(test_without_a_report),
        TEST(test_per_user), TEST(test_time), TEST(test_json), TEST(test_json_of_no_account),
        TEST(test_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
