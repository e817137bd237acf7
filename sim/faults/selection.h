/* Which accounts and users a rule of the scenario is about. */
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
    struct selected_accounts *accounts; /* none: every account */
    size_t account_count;
    const char **users; /* none: every user, and calls about no user */
    size_t user_count;
};

/* Whether the account with this index is selected. */
bool selection_has_account(const struct selection *selection, const struct world *world,
                           size_t index);

/* Whether the user is selected; NULL (no user) only if no users were named. */
bool selection_has_user(const struct selection *selection, const char *name);

#endif
