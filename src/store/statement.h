/* SPDX-License-Identifier: MIT */
/*
 * statement.h: one prepared statement: values go in from left to right, rows come out.
 *
 * Texts are borrowed until the statement has run. Everything that can fail names the database's
 * file in its error.
 */
#ifndef STORE_STATEMENT_H
#define STORE_STATEMENT_H

#include "base/timestamp.h"
#include "base/view.h"
#include "output/value.h"
#include "store/database.h"

struct statement {
    struct database *d; /* borrowed */
    sqlite3_stmt *handle;
    int next;                            /* the number of the next value */
    const char *table;                   /* for errors about what a row holds; static */
    char times[16][TIMESTAMP_TEXT_SIZE]; /* texts of the times among the values */
    int time_count;
    int failed; /* SQLite's code if a value could not be set; SQLITE_OK: all were */
};

/*
 * Prepares SQL; 'table' names in errors what is read. Released by statement_release in any case.
 */
int statement_prepare(struct statement *s, struct database *d, const char *table, const char *sql,
                      struct error *e) MUST_CHECK;
/*
 * As statement_prepare, for a row of 'count' values. If there is a row with the same key, that one
 * stays (sqlite3_changes() is 0).
 */
int statement_prepare_insert(struct statement *s, struct database *d, const char *table, int count,
                             struct error *e) MUST_CHECK;
/* Does nothing if it was never prepared (zero). */
void statement_release(struct statement *s);

/* Each of these sets the next value. VIEW_NONE and TIMESTAMP_NONE are NULL. */
void statement_text(struct statement *s, struct view text);
/* As statement_text, but the text is copied. */
void statement_copy(struct statement *s, struct view text);
void statement_int(struct statement *s, int64_t number);
void statement_time(struct statement *s, int64_t seconds);
void statement_null(struct statement *s);
/* A value that is not a list; unknown and none are NULL. */
void statement_value(struct statement *s, struct value value);

/* Runs a statement that returns no rows; it can then be given its next values. */
int statement_run(struct statement *s, struct error *e) MUST_CHECK;
/*
 * Goes on to the next row. *row is false at the end, after which the statement can be given its
 * next values.
 */
int statement_next(struct statement *s, bool *row, struct error *e) MUST_CHECK;

/* The column's text, borrowed until the next row; VIEW_NONE for NULL. */
struct view statement_get_text(const struct statement *s, int column);
bool statement_get_null(const struct statement *s, int column);
int64_t statement_get_int(const struct statement *s, int column);
/* TIMESTAMP_NONE for NULL. -1 with ERROR_CONFIG if the text is not a time. */
int statement_get_time(const struct statement *s, int column, int64_t *seconds,
                       struct error *e) MUST_CHECK;
/* *known is false for NULL. -1 with ERROR_CONFIG if it is neither 0 nor 1. */
int statement_get_truth(const struct statement *s, int column, bool *truth, bool *known,
                        struct error *e) MUST_CHECK;
/* Says that the row holds something that this program does not write. Returns -1. */
int statement_bad(const struct statement *s, int column, const char *wanted, struct error *e);

#endif
