/* SPDX-License-Identifier: MIT */
#include "output/sqlite.h"

#include "output/account_fields.h"
#include "output/fields.h"

static fact_set sqlite_wanted(const struct writer_options *options UNUSED)
{
    fact_set facts = account_fields_wanted() | FACT_BIT(FACT_MANAGEMENT);
    for (size_t i = 0; i < fields_in_json_count(COLUMNS_FULL); i++)
        facts |= field_wants(fields_in_json[i]);
    return facts;
}

const struct writer_format sqlite_format = {
    .name = "sqlite",
    .extension = ".sqlite",
    .content_type = "application/vnd.sqlite3",
    .wanted = sqlite_wanted,
    .user = NULL,
};
