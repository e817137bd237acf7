/* SPDX-License-Identifier: MIT */
/*
 * writer.h: what a format of the census is, as a small table of functions.
 *
 * A writer turns users, in their final order, into bytes in a buffer; where the bytes go is the
 * sink's business. It does no input or output and keeps no data of an account.
 */
#ifndef OUTPUT_WRITER_H
#define OUTPUT_WRITER_H

#include "base/buffer.h"
#include "census/model.h"

/* Each has the columns of those before it, and more. */
enum column_set { COLUMNS_STANDARD, COLUMNS_EXTENDED, COLUMNS_FULL };

struct writer_options {
    int64_t started_s; /* the start of the run, to which ages count */
    enum column_set columns;
    bool bare; /* no header before the first row: part of a larger output */
    bool raw;  /* CSV: no "'" before texts that a spreadsheet would run */
};

struct writer_format {
    const char *name;         /* "csv" */
    const char *extension;    /* ".csv" */
    const char *content_type; /* of an object in S3 */
    /* The facts that its fields need, which a run in this format has to read. */
    fact_set (*wanted)(const struct writer_options *options);
    /* True if the rows do not show a user's second active key; NULL: they always do. */
    bool (*hides_keys)(const struct writer_options *options);
    /* Appends what comes before the first row; NULL if nothing does. */
    void (*begin)(const struct writer_options *options, struct buffer *out);
    /* Appends the row of one user; NULL: users are no rows, and a volume of its own writes them. */
    void (*user)(const struct writer_options *options, const struct account *account,
                 const struct user *user, struct buffer *out);
};

#endif
