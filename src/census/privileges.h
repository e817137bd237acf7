/* SPDX-License-Identifier: MIT */
/*
 * privileges.h: what users may do by policies: their own, and those of their groups.
 *
 * GetAccountAuthorizationDetails tells users, groups and customer-managed policies in any order, so
 * these are collected until all pages are there; then each user gets the policies of the groups,
 * and whether any policy makes an administrator. Everything lives in the account's arena.
 */
#ifndef CENSUS_PRIVILEGES_H
#define CENSUS_PRIVILEGES_H

#include "base/error.h"
#include "census/model.h"

struct iam_user;
struct iam_users;
struct roster;

struct known_policy; /* a customer-managed policy */
struct known_group;

struct privileges {
    bool whole; /* all pages are there */
    struct known_policy *policies;
    struct known_group *groups;
    size_t policy_count, group_count;
};

/*
 * Takes groups and customer-managed policies from one page. -1 with ERROR_PROTOCOL if a name is
 * missing.
 */
int privileges_take(struct privileges *p, struct arena *arena, const struct iam_users *page,
                    struct error *e) MUST_CHECK;
/* Takes what the user's own inline policies grant. */
void privileges_take_inline(struct arena *arena, struct user *user, const struct iam_user *item);
/* The pages are not whole: drops what came of them. */
void privileges_drop(struct privileges *p);
/*
 * Sets group_policies, is_admin and admin_via of all users, as far as these are wanted. A fact is
 * unknown if a group or policy that it depends on was not told. Does nothing if the pages are not
 * whole.
 */
void privileges_apply(struct privileges *p, struct roster *roster, fact_set wanted);

#endif
