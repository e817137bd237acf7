/* SPDX-License-Identifier: MIT */
/*
 * finding_fields.h: the table of fields of a finding, the machine form: JSON Lines, CSV and the
 * database's table 'finding' show them, in this order and under these names.
 */
#ifndef OUTPUT_FINDING_FIELDS_H
#define OUTPUT_FINDING_FIELDS_H

#include "base/json_writer.h"
#include "output/value.h"
#include "rules/suppressions.h"

/* What all findings of a run share. Borrowed. */
struct finding_run {
    const char *run_id;
    int64_t started_s;
};

#define DAY_SIZE 11 /* "2024-01-31" and NUL */

/* One finding while it is written. */
struct finding_row {
    const struct finding_run *run;
    const struct finding *finding;
    char since[DAY_SIZE]; /* what 'since' points to */
};

struct finding_field {
    const char *name; /* "resource_id" */
    bool guarded;     /* people choose the text, so the CSV keeps spreadsheets from running it */
    /* The value, which is not a list; borrowed from the row. NULL: 'write' makes it. */
    struct value (*value)(struct finding_row *row);
    /* Writes a list or an object as JSON. */
    void (*write)(const struct finding_row *row, struct json_writer *w);
};

extern const struct finding_field finding_fields[];
extern const size_t finding_fields_count;

#endif
