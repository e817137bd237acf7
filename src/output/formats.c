/* SPDX-License-Identifier: MIT */
#include "output/formats.h"

#include "output/csv.h"
#include "output/jsonl.h"

/* The one list of formats; the first is the default. */
#define FORMATS(ONE) ONE(csv), ONE(jsonl)
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
