/* SPDX-License-Identifier: MIT */
/* selection.h: which accounts and users a rule of the scenario is about. */
#ifndef FAULTS_SELECTION_H
#define FAULTS_SELECTION_H

#include "world/world.h"

#include <stdbool.h>
#include <stddef.h>

/* Accounts by id, or by index from first to last. */
struct selected_accounts {
    const char *id; /* NULL: by index */
    size_t first;
    size_t last;
};

struct selection {
    struct selected_accounts *accounts; /* empty: every account */
    size_t account_count;
    const char **users; /* empty: every user, and calls that are not about a user */
    size_t user_count;
};

/* True if the account with this index is selected. */
bool selection_has_account(const struct selection *selection, const struct world *world,
                           size_t index);

/*
 * True if the user is selected. 'name' may be NULL for no user, which is selected only if the rule
 * names no users.
 */
bool selection_has_user(const struct selection *selection, const char *name);

#endif
