/* SPDX-License-Identifier: MIT */
/*
 * account_groups.h: groups accounts by what they share and counts them, so that people need not
 * read 500 lines that say the same.
 *
 * What they share is a text without ids or numbers: a stage and a code, but not a service's
 * message. That names the account, so no two accounts would be in one group.
 */
#ifndef APP_ACCOUNT_GROUPS_H
#define APP_ACCOUNT_GROUPS_H

#include "base/buffer.h"
#include "census/model.h"

#define ACCOUNT_GROUPS_MAX 200 /* all further ones are put into one more group */
#define ACCOUNT_GROUP_IDS  3   /* kept for each group */

struct account_group {
    char *shared; /* owned */
    char *detail; /* the first account's detail, owned; "" if it has none */
    size_t count;
    char ids[ACCOUNT_GROUP_IDS][ACCOUNT_ID_LEN + 1]; /* of the first accounts */
};

struct account_groups {
    struct account_group *items; /* in the order of their first accounts */
    size_t count;
};

/*
 * Adds an account to the group of those that share the text 'shared', which is copied, as is
 * 'detail' if the account is the first of its group. Returns the group, valid until the next
 * account is added. Zeroed groups are empty.
 */
struct account_group *account_groups_add(struct account_groups *groups, const char *shared,
                                         struct view id, const char *detail);
void account_groups_release(struct account_groups *groups);
/* Sorts the groups: the largest first, groups of the same size by their first accounts. */
void account_groups_sort(struct account_groups *groups);
/* Appends "016164386781, 050387423250, ... 475 more", without the first 'skip' (0 or 1). */
void account_group_write_ids(const struct account_group *group, size_t skip, struct buffer *out);

#endif
