/* SPDX-License-Identifier: MIT */
/* What the tests of rosters and of sources share: an account to fill. */
#ifndef TESTS_USERS_SCENE_H
#define TESTS_USERS_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "census/roster.h"

#include <stdio.h>
#include <stdlib.h>

static inline int account_begin(void **state)
{
    struct account *account = xcalloc(1, sizeof(*account));
    arena_init(&account->arena);
    account->read_at_s = 1000;
    *state = account;
    return 0;
}

static inline int account_end(void **state)
{
    struct account *account = *state;
    arena_release(&account->arena);
    free(account);
    return 0;
}

static inline struct user *add_user(struct roster *r, const char *name, int64_t created_s)
{
    struct user *user = roster_add(r, view_of(name));
    user->created_s = created_s;
    return user;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, account_begin, account_end)

#endif
