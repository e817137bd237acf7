#include "output/writer.h"

#include "output/csv.h"
#include "output/jsonl.h"

const struct writer_format *const writer_formats[] = {&csv_format, &jsonl_format, NULL};

const struct writer_format *writer_format_find(struct view name)
{
    for (const struct writer_format *const *f = writer_formats; *f; f++)
        if (view_is(name, (*f)->name))
            return *f;
    return NULL;
}
