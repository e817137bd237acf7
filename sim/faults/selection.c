/* SPDX-License-Identifier: MIT */
#include "faults/selection.h"

#include <string.h>

bool selection_has_account(const struct selection *selection, const struct world *world,
                           size_t index)
{
    for (size_t i = 0; i < selection->account_count; i++) {
        const struct selected_accounts *accounts = &selection->accounts[i];
        if (!accounts->id && index >= accounts->first && index <= accounts->last)
            return true;
        if (accounts->id && world_account_find(world, accounts->id) == index)
            return true;
    }
    return selection->account_count == 0;
}

bool selection_has_user(const struct selection *selection, const char *name)
{
    for (size_t i = 0; i < selection->user_count; i++)
        if (name && strcmp(selection->users[i], name) == 0)
            return true;
    return selection->user_count == 0;
}
