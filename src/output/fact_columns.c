/* SPDX-License-Identifier: MIT */
#include "output/fact_columns.h"

size_t fact_columns(enum fact fact, struct view *names)
{
    size_t count = 0;
    for (enum field_id id = 0; id < FIELD_COUNT; id++)
        if (field_stands_for(id, fact))
            names[count++] = view_of(output_fields[id].column);
    if (count > 0)
        return count;
    for (size_t id = 0; id < ACCOUNT_FIELD_COUNT; id++)
        if ((account_fields[id].facts | account_fields[id].also) & FACT_BIT(fact))
            names[count++] = view_of(account_fields[id].column);
    return count;
}
