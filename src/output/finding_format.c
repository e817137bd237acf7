/* SPDX-License-Identifier: MIT */
#include "output/finding_format.h"

static const struct finding_format *const formats[] = {&finding_csv, &finding_jsonl, &finding_ocsf};
const char *const finding_format_names[] = {"csv", "jsonl", "ocsf", NULL};

const struct finding_format *finding_format_find(struct view name)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (view_is(name, formats[i]->name))
            return formats[i];
    return NULL;
}
