/* SPDX-License-Identifier: MIT */
#include "census/census_account.h"

#include <stdio.h>

void census_account_begin(struct account *account, const struct census_account *from)
{
    snprintf(account->id, sizeof(account->id), "%s", from->id);
    arena_init(&account->arena);
    account->name = arena_copy(&account->arena, from->name);
    account->ou = arena_copy(&account->arena, from->ou);
    account->state = arena_copy(&account->arena, from->state);
    account->is_management = from->membership == MEMBERSHIP_MANAGEMENT;
    account->unknown = from->name.ptr ? 0 : FACT_BIT(FACT_ACCOUNT_NAME);
    account->unknown |= from->ou.ptr ? 0 : FACT_BIT(FACT_OU);
    account->unknown |= from->membership != MEMBERSHIP_UNKNOWN ? 0 : FACT_BIT(FACT_MANAGEMENT);
}
