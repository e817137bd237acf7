/* SPDX-License-Identifier: MIT */
/*
 * account_groups.h: counts accounts that share something, for people, who can't read 500 lines that
 * say the same.
 *
 * What they share is a text without ids or numbers (a stage and a code, never a service's message,
 * which names the account), or no two would be in one group.
 */
#ifndef APP_ACCOUNT_GROUPS_H
#define APP_ACCOUNT_GROUPS_H

#include "base/buffer.h"
#include "census/model.h"

#define ACCOUNT_GROUPS_MAX 200 /* then all further ones are one group */
#define ACCOUNT_GROUP_IDS  3   /* that are kept */

struct account_group {
    char *shared; /* owned */
    char *detail; /* of the first account, owned; "" if it has none */
    size_t count;
    char ids[ACCOUNT_GROUP_IDS][ACCOUNT_ID_LEN + 1]; /* of the first ones */
};

struct account_groups {
    struct account_group *items; /* in the order in which they came up */
    size_t count;
};

/*
 * Adds an account to the group of those that share this text, which is copied, as is the detail if
 * it is the first of the group. Returns the group, good until the next one is added. Zeroed groups
 * are empty.
 */
struct account_group *account_groups_add(struct account_groups *groups, const char *shared,
                                         struct view id, const char *detail);
void account_groups_release(struct account_groups *groups);
/* The largest first; of equal size, by the first account. */
void account_groups_sort(struct account_groups *groups);
/* Appends "016164386781, 050387423250, ... 475 more", without the first 'skip' (0 or 1). */
void account_group_write_ids(const struct account_group *group, size_t skip, struct buffer *out);

#endif
