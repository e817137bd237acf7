/* SPDX-License-Identifier: MIT */
/* The users of an account: in the order of the list, by name, and listed twice. */
#include "users_scene.h"

static void test_order(void **state)
{
    struct account *account = *state;
    struct roster r;
    roster_init(&r, account);
    assert_null(roster_take(&r));
    struct user *b = add_user(&r, "b", 1), *a = add_user(&r, "a", 1);
    assert_ptr_equal(roster_take(&r), b);
    assert_ptr_equal(roster_take(&r), a);
    assert_null(roster_take(&r));
    struct user *c = add_user(&r, "c", 1); /* of the next page */
    assert_ptr_equal(roster_take(&r), c);
    assert_int_equal(r.count, 3);
    assert_int_equal(c->data_as_of_s, account->read_at_s);
    assert_int_equal(c->password_used_s, TIMESTAMP_NONE);
}

static void test_by_name(void **state)
{
    struct roster r;
    char name[16];
    roster_init(&r, *state);
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof(name), "user%d", i);
        add_user(&r, name, i);
    }
    assert_null(roster_find(&r, VIEW_LITERAL("user1"))); /* the list may go on */
    roster_close(&r);
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof(name), "user%d", i);
        assert_int_equal(roster_find(&r, view_of(name))->created_s, i);
    }
    assert_null(roster_find(&r, VIEW_LITERAL("user1000")));
    assert_null(roster_find(&r, VIEW_LITERAL("")));
}

static void test_one_name_twice(void **state)
{
    struct roster r;
    roster_init(&r, *state);
    struct user *old = add_user(&r, "ann", 1), *new = add_user(&r, "ann", 2);
    struct user *first = add_user(&r, "bob", 5), *again = add_user(&r, "bob", 5);
    roster_close(&r);
    assert_ptr_equal(roster_find(&r, VIEW_LITERAL("ann")), new);
    assert_ptr_equal(roster_find(&r, VIEW_LITERAL("bob")), first);
    assert_true(old->superseded && again->superseded);
    assert_false(new->superseded || first->superseded);
}

static void test_second_list(void **state)
{
    struct roster r;
    roster_init(&r, *state);
    struct user *ann = add_user(&r, "ann", 1);
    roster_close(&r);
    assert_null(roster_find_again(&r, VIEW_LITERAL("ann"), 2)); /* somebody else of that name */
    assert_false(listed_user_of(ann)->listed_again);
    assert_ptr_equal(roster_find_again(&r, VIEW_LITERAL("ann"), 1), ann);
    assert_true(listed_user_of(ann)->listed_again);
    assert_null(roster_find_again(&r, VIEW_LITERAL("bob"), 1));
}

static void test_begins_anew(void **state)
{
    struct roster r;
    roster_init(&r, *state);
    add_user(&r, "ann", 1);
    roster_forget(&r);
    assert_int_equal(r.count, 0);
    assert_null(roster_take(&r));
    struct user *bob = add_user(&r, "bob", 1);
    roster_close(&r);
    assert_null(roster_find(&r, VIEW_LITERAL("ann")));
    assert_ptr_equal(r.first, bob);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_order),       TEST(test_by_name),     TEST(test_one_name_twice),
        TEST(test_second_list), TEST(test_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
