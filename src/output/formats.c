/* SPDX-License-Identifier: MIT */
#include "output/formats.h"

#include "output/csv.h"
#include "output/jsonl.h"
#include "output/sqlite.h"

/* The one list of formats; the first is the default. */
#define FORMATS(ONE) ONE(csv), ONE(jsonl), ONE(sqlite)
#define FORMAT(name) &name##_format
#define NAME(name)   #name

const struct writer_format *const writer_formats[] = {FORMATS(FORMAT), NULL};
const char *const writer_format_names[] = {FORMATS(NAME), NULL};

const struct writer_format *writer_format_find(struct view name)
{
    for (const struct writer_format *const *f = writer_formats; *f; f++)
        if (view_is(name, (*f)->name))
            return *f;
    return NULL;
}

const char *const column_set_names[] = {[COLUMNS_STANDARD] = "standard",
                                        [COLUMNS_EXTENDED] = "extended",
                                        [COLUMNS_FULL] = "full",
                                        NULL};

enum column_set column_set_find(const char *name)
{
    for (size_t i = 0; column_set_names[i]; i++)
        if (strcmp(column_set_names[i], name) == 0)
            return (enum column_set)i;
    return COLUMNS_STANDARD;
}
