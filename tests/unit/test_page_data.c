/* SPDX-License-Identifier: MIT */
/* The data of a page: which users it holds, what it leaves out, whose findings are whose; what the
 * tally counts. */
#include "rules_scene.h"

#include "page/page_data.h"
#include "page/tally.h"

#include <jansson.h>
#include <zlib.h>

#define USERS 5

struct data_scene {
    struct rules_scene rules;
    struct user users[USERS];
    struct user *list[USERS];
    char names[USERS][8];
};

/* user1 and user3 have a password without MFA; the others have nothing. */
static void data_begin(struct data_scene *s)
{
    scene_begin(&s->rules);
    s->rules.options.include_pass = false;
    memset(s->rules.options.on, 0, sizeof(s->rules.options.on));
    s->rules.options.on[rule_place(rule_find(VIEW_LITERAL("user-console-mfa")))] = true;
    for (size_t i = 0; i < USERS; i++) {
        snprintf(s->names[i], sizeof(s->names[i]), "user%zu", i);
        s->users[i] = s->rules.user;
        s->users[i].name = view_of(s->names[i]);
        s->users[i].has_password = i % 2 == 1;
        s->list[i] = &s->users[i];
    }
    s->rules.account.users = s->list;
    s->rules.account.user_count = USERS;
}

static void take(void *arg, const struct finding *finding)
{
    page_data_finding(arg, finding);
}

static unsigned char digit_of(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return c == '=' ? 0 : (unsigned char)(strchr(digits, c) - digits);
}

/* The data as a browser reads them. */
static json_t *read_data(const struct page_data *d)
{
    static unsigned char packed[65536];
    static char text[262144];
    struct buffer out;
    size_t at = 0, len = 0;
    buffer_init(&out, 65536);
    while (packing_write(page_data_packing(d), &at, &out))
        ;
    for (const char *four = buffer_text(&out); *four; four += 4) {
        unsigned three = (unsigned)digit_of(four[0]) << 18 | (unsigned)digit_of(four[1]) << 12 |
                         (unsigned)digit_of(four[2]) << 6 | digit_of(four[3]);
        packed[len++] = (unsigned char)(three >> 16);
        packed[len++] = (unsigned char)(three >> 8);
        packed[len++] = (unsigned char)three;
    }
    z_stream z = {.next_in = packed, .next_out = (Bytef *)text, .avail_out = sizeof(text) - 1};
    z.avail_in = (uInt)len;
    assert_int_equal(inflateInit2(&z, -15), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    text[z.total_out] = '\0';
    inflateEnd(&z);
    buffer_release(&out);
    json_t *data = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(data);
    return data;
}

/* The names of the users that are in, and how many findings each has, "user1:1 user3:1 left 3". */
static void read_users(struct data_scene *s, uint64_t most, bool only, char *out, size_t size)
{
    struct page_data *d = page_data_new(&s->rules.options, most, only);
    struct error e;
    int len = 0;
    checker_init(&s->rules.checker, &s->rules.options);
    page_data_begin(d, &s->rules.account);
    checker_account(&s->rules.checker, &s->rules.account, take, d);
    page_data_end(d);
    checker_release(&s->rules.checker);
    assert_int_equal(page_data_finish(d, &e), 0);
    json_t *data = read_data(d);
    const json_t *account = json_array_get(json_object_get(data, "accounts"), 0);
    const json_t *names = json_object_get(account, "user");
    const json_t *findings = json_object_get(account, "findings");
    assert_int_equal(json_array_size(names), json_array_size(findings));
    for (size_t i = 0; i < json_array_size(names); i++)
        len += snprintf(out + len, size - (size_t)len, "%s:%zu ",
                        json_string_value(json_array_get(names, i)),
                        json_array_size(json_array_get(findings, i)));
    snprintf(out + len, size - (size_t)len, "left %lld of %lld",
             (long long)json_integer_value(json_object_get(data, "left_out")),
             (long long)json_integer_value(json_object_get(account, "users")));
    assert_int_equal(page_data_left_out(d), json_integer_value(json_object_get(data, "left_out")));
    json_decref(data);
    page_data_free(d);
}

static void test_who_is_in(void **state)
{
    struct data_scene s;
    char seen[256];
    (void)state;
    data_begin(&s);
    read_users(&s, 100, false, seen, sizeof(seen));
    assert_string_equal(seen, "user0:0 user1:1 user2:0 user3:1 user4:0 left 0 of 5");
    read_users(&s, 100, true, seen, sizeof(seen));
    assert_string_equal(seen, "user1:1 user3:1 left 3 of 5");
    read_users(&s, 1, true, seen, sizeof(seen));
    assert_string_equal(seen, "user1:1 left 4 of 5");
    read_users(&s, 3, false, seen, sizeof(seen));
    assert_string_equal(seen, "user0:0 user1:1 user2:0 left 2 of 5");
    scene_end(&s.rules);
}

/* The tally counts all of them, whatever the list leaves out; what is unknown is a count of its
 * own. */
static void test_tally(void **state)
{
    struct data_scene s;
    struct tally t;
    (void)state;
    data_begin(&s);
    s.users[0].unknown = FACT_BIT(FACT_PASSWORD) | FACT_BIT(FACT_MFA);
    s.users[3].unknown = FACT_BIT(FACT_MFA);
    s.users[4].unknown = FACT_BIT(FACT_KEYS);
    tally_init(&t, STARTED_S);
    tally_account(&t, &s.rules.account);
    assert_int_equal(t.users, 5);
    assert_int_equal(t.no_mfa, 1);
    assert_int_equal(t.mfa_unknown, 2);
    assert_int_equal(t.old_keys_unknown, 1);
    assert_int_equal(t.credentials[TALLY_PASSWORD][TALLY_YES], 2);
    assert_int_equal(t.credentials[TALLY_PASSWORD][TALLY_UNKNOWN], 1);
    assert_int_equal(t.last_uses[TALLY_LAST_USES - 2], 4);
    assert_int_equal(t.last_uses[TALLY_LAST_USES - 1], 1);
    scene_end(&s.rules);
}

/* An account that was not read counts as unknown, and none of its users count. */
static void test_failed_account(void **state)
{
    struct data_scene s;
    struct tally t;
    (void)state;
    data_begin(&s);
    s.rules.account.outcome = OUTCOME_FAILED;
    tally_init(&t, STARTED_S);
    tally_account(&t, &s.rules.account);
    assert_int_equal(t.users, 0);
    assert_int_equal(t.failed, 1);
    for (size_t i = 0; i < TALLY_ROOTS; i++)
        assert_int_equal(t.roots[i][TALLY_UNKNOWN], 1);
    scene_end(&s.rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_is_in),
        cmocka_unit_test(test_tally),
        cmocka_unit_test(test_failed_account),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
