/* SPDX-License-Identifier: MIT */
/*
 * finding_format.h: the table of formats of findings: for programs. What people read is made by
 * output/finding_table.h.
 */
#ifndef OUTPUT_FINDING_FORMAT_H
#define OUTPUT_FINDING_FORMAT_H

#include "output/finding_fields.h"

struct finding_format {
    const char *name;         /* "jsonl" */
    const char *ending;       /* of a name beside the output's: ".findings.jsonl" */
    const char *content_type; /* of an object in S3 */
    /* Appends what comes before the first finding; NULL if nothing does. */
    void (*begin)(struct buffer *out);
    /* Appends one finding, with its line end. */
    void (*finding)(const struct finding_run *run, const struct finding *f, struct buffer *out);
};

extern const struct finding_format finding_jsonl, finding_csv, finding_ocsf;

/* The formats' names: csv, jsonl, ocsf; NULL at the end. */
extern const char *const finding_format_names[];
/* The format with this name, or NULL. */
const struct finding_format *finding_format_find(struct view name);

#endif
