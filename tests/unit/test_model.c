/* SPDX-License-Identifier: MIT */
/* The model: order of lists whatever the order of answers, and which key is shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "census/model.h"

#define MANY 200

static void test_tags(void **state)
{
    struct tag tags[] = {{NULL, VIEW_LITERAL("team"), VIEW_LITERAL("1")},
                         {NULL, VIEW_LITERAL("Team"), VIEW_LITERAL("2")},
                         {NULL, VIEW_LITERAL("te"), VIEW_LITERAL("3")},
                         {NULL, VIEW_LITERAL(""), VIEW_LITERAL("4")},
                         {NULL, VIEW_LITERAL("\xc3\xa9t\xc3\xa9"), VIEW_LITERAL("5")},
                         {NULL, VIEW_LITERAL("team"), VIEW_LITERAL("6")}};
    static const char order[] = "423165"; /* bytes, not letters; equal ones as they came */
    struct user u = {0};
    size_t i = 0;
    (void)state;
    for (size_t k = 0; k < 6; k++)
        tags_insert(&u.tags, &tags[k]);
    for (const struct tag *t = u.tags; t; t = t->next)
        assert_int_equal(t->value.ptr[0], order[i++]);
    assert_int_equal(i, 6);
    assert_true(view_is(user_tag(&u, VIEW_LITERAL("Team")), "2"));
    assert_true(view_is(user_tag(&u, VIEW_LITERAL("team")), "1"));
    assert_true(view_is(user_tag(&u, VIEW_LITERAL("")), "4"));
    assert_null(user_tag(&u, VIEW_LITERAL("tea")).ptr);
}

/* Any order in gives one order out. */
static void test_shuffled(void **state)
{
    static char texts[MANY][8];
    struct random random;
    (void)state;
    random_init(&random, 3);
    for (int round = 0; round < 5; round++) {
        static struct name names[MANY];
        static struct certificate certificates[MANY];
        struct name *list = NULL;
        struct certificate *others = NULL;
        size_t places[MANY], count = 0;
        for (size_t i = 0; i < MANY; i++)
            places[i] = i;
        for (size_t i = MANY - 1; i > 0; i--) {
            size_t k = (size_t)random_up_to(&random, (int64_t)i);
            size_t swap = places[i];
            places[i] = places[k];
            places[k] = swap;
        }
        for (size_t i = 0; i < MANY; i++) {
            size_t at = places[i];
            for (size_t c = 0, rest = at; c < 7; c++, rest /= 3)
                texts[at][6 - c] = (char)('a' + rest % 3);
            names[at] = (struct name){NULL, {texts[at], 7}};
            certificates[at] = (struct certificate){.id = {texts[at], 7}};
            names_insert(&list, &names[at]);
            certificates_insert(&others, &certificates[at]);
        }
        for (const struct name *n = list; n; n = n->next, others = others->next) {
            assert_ptr_equal(n, &names[count]);
            assert_ptr_equal(others, &certificates[count]);
            count++;
        }
        assert_int_equal(count, MANY);
    }
}

static struct access_key key_of(const char *id, bool active, int64_t created_s, int64_t used_s)
{
    return (struct access_key){.id = view_of(id),
                               .status = view_of(active ? "Active" : "Inactive"),
                               .created_s = created_s,
                               .last_used_s = used_s};
}

static void test_keys(void **state)
{
    struct access_key keys[] = {key_of("AKIAD", true, 300, TIMESTAMP_NONE),
                                key_of("AKIAC", true, 200, 5000), key_of("AKIAB", true, 200, 4000),
                                key_of("AKIAA", false, 100, 9000),
                                key_of("AKIAE", false, 250, TIMESTAMP_NONE)};
    static const char *const order[] = {"AKIAA", "AKIAB", "AKIAC", "AKIAE", "AKIAD"};
    struct user u = {0};
    size_t i = 0;
    (void)state;
    for (size_t k = 0; k < 5; k++)
        access_keys_insert(&u.keys, &keys[k]);
    for (const struct access_key *k = u.keys; k; k = k->next)
        assert_true(view_is(k->id, order[i++]));
    assert_int_equal(i, 5);
    /* The oldest active one; of one second the lower id. */
    assert_true(view_is(user_active_key(&u, 0)->id, "AKIAB"));
    assert_true(view_is(user_active_key(&u, 1)->id, "AKIAC"));
    assert_true(view_is(user_active_key(&u, 2)->id, "AKIAD"));
    assert_null(user_active_key(&u, 3));
    /* Activity counts inactive keys too. */
    assert_true(user_last_activity_s(&u) == 9000);
    assert_false(user_key_use_unknown(&u));
    keys[4].use_unknown = true;
    assert_true(user_key_use_unknown(&u));
}

static void test_no_keys(void **state)
{
    struct user u = {0};
    (void)state;
    assert_null(user_active_key(&u, 0));
    assert_true(user_last_activity_s(&u) == TIMESTAMP_NONE);
    assert_false(user_key_use_unknown(&u));
    struct access_key inactive = key_of("AKIAA", false, 1, TIMESTAMP_NONE);
    access_keys_insert(&u.keys, &inactive);
    assert_null(user_active_key(&u, 0));
    assert_true(user_last_activity_s(&u) == TIMESTAMP_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tags),
        cmocka_unit_test(test_shuffled),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_no_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
