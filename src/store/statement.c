/* SPDX-License-Identifier: MIT */
#include "store/statement.h"

#include "base/buffer.h"
#include "base/printable.h"

#define SQL_MAX_BYTES   1024
#define SHOWN_MAX_BYTES 60

int statement_prepare(struct statement *s, struct database *d, const char *table, const char *sql,
                      struct error *e)
{
    *s = (struct statement){.d = d, .table = table, .next = 1};
    int code = sqlite3_prepare_v3(d->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->handle, NULL);
    return code == SQLITE_OK ? 0 : database_error(d, code, e);
}

int statement_prepare_insert(struct statement *s, struct database *d, const char *table, int count,
                             struct error *e)
{
    struct buffer sql;
    buffer_init(&sql, SQL_MAX_BYTES);
    buffer_addf(&sql, "INSERT INTO %s VALUES (?", table);
    for (int i = 1; i < count; i++)
        buffer_add_text(&sql, ", ?");
    buffer_add_text(&sql, ") ON CONFLICT DO NOTHING");
    int result = statement_prepare(s, d, table, buffer_text(&sql), e);
    buffer_release(&sql);
    return result;
}

void statement_release(struct statement *s)
{
    sqlite3_finalize(s->handle);
    *s = (struct statement){0};
}

/*
 * Binding fails if a text is over DATABASE_VALUE_MAX, or if there is no memory: then the place
 * stays NULL, and the statement is spoiled so that it can't be run with a wrong value.
 */
static void bound(struct statement *s, int code)
{
    if (s->failed == SQLITE_OK)
        s->failed = code;
    s->next++;
}

void statement_text(struct statement *s, struct view text)
{
    if (!text.ptr)
        statement_null(s);
    else
        bound(s, sqlite3_bind_text64(s->handle, s->next, text.ptr, text.len, SQLITE_STATIC,
                                     SQLITE_UTF8));
}

void statement_copy(struct statement *s, struct view text)
{
    bound(s, sqlite3_bind_text64(s->handle, s->next, text.ptr, text.len, SQLITE_TRANSIENT,
                                 SQLITE_UTF8));
}

void statement_int(struct statement *s, int64_t number)
{
    bound(s, sqlite3_bind_int64(s->handle, s->next, number));
}

void statement_null(struct statement *s)
{
    bound(s, sqlite3_bind_null(s->handle, s->next));
}

void statement_time(struct statement *s, int64_t seconds)
{
    if (seconds == TIMESTAMP_NONE) {
        statement_null(s);
        return;
    }
    char *text = s->times[s->time_count++ % (int)(sizeof(s->times) / sizeof(s->times[0]))];
    timestamp_format(seconds, text);
    statement_text(s, view_of(text));
}

void statement_value(struct statement *s, struct value value)
{
    if (value.kind == VALUE_TEXT)
        statement_text(s, value.text);
    else if (value.kind == VALUE_TIME)
        statement_time(s, value.number);
    else if (value.kind == VALUE_NUMBER || value.kind == VALUE_TRUTH)
        statement_int(s, value.number);
    else
        statement_null(s);
}

static void rewind_statement(struct statement *s)
{
    sqlite3_reset(s->handle);
    s->next = 1;
    s->time_count = 0;
    s->failed = SQLITE_OK;
}

/* What 'bound' has noted. */
static int spoiled(struct statement *s, struct error *e)
{
    int code = s->failed;
    rewind_statement(s);
    if (code != SQLITE_TOOBIG)
        return database_error(s->d, code, e);
    return error_set(e, ERROR_LIMIT, "a value for the table '%s' of '%s' is over %d bytes",
                     s->table, s->d->path, DATABASE_VALUE_MAX);
}

int statement_run(struct statement *s, struct error *e)
{
    if (s->failed != SQLITE_OK)
        return spoiled(s, e);
    int code = sqlite3_step(s->handle);
    int result = code == SQLITE_DONE ? 0 : database_error(s->d, code, e);
    rewind_statement(s);
    return result;
}

int statement_next(struct statement *s, bool *row, struct error *e)
{
    *row = false;
    if (s->failed != SQLITE_OK)
        return spoiled(s, e);
    int code = sqlite3_step(s->handle);
    *row = code == SQLITE_ROW;
    if (*row)
        return 0;
    int result = code == SQLITE_DONE ? 0 : database_error(s->d, code, e);
    rewind_statement(s);
    return result;
}

struct view statement_get_text(const struct statement *s, int column)
{
    const char *text = (const char *)sqlite3_column_text(s->handle, column);
    return (struct view){text, (size_t)sqlite3_column_bytes(s->handle, column)};
}

bool statement_get_null(const struct statement *s, int column)
{
    return sqlite3_column_type(s->handle, column) == SQLITE_NULL;
}

int64_t statement_get_int(const struct statement *s, int column)
{
    return sqlite3_column_int64(s->handle, column);
}

int statement_bad(const struct statement *s, int column, const char *wanted, struct error *e)
{
    struct buffer shown;
    buffer_init(&shown, (size_t)8 * SHOWN_MAX_BYTES);
    printable_add_cut(&shown, statement_get_text(s, column), SHOWN_MAX_BYTES);
    error_set(e, ERROR_CONFIG,
              "the database '%s' is damaged, or was changed by hand: '%s' in %s.%s is not %s",
              s->d->path, buffer_text_cut(&shown), s->table, sqlite3_column_name(s->handle, column),
              wanted);
    buffer_release(&shown);
    return -1;
}

int statement_get_time(const struct statement *s, int column, int64_t *seconds, struct error *e)
{
    *seconds = TIMESTAMP_NONE;
    if (statement_get_null(s, column) ||
        timestamp_parse(statement_get_text(s, column), seconds) == 0)
        return 0;
    return statement_bad(s, column, "a time, as 2024-01-31T09:30:00Z", e);
}

int statement_get_truth(const struct statement *s, int column, bool *truth, bool *known,
                        struct error *e)
{
    int64_t number = statement_get_int(s, column);
    *known = !statement_get_null(s, column);
    *truth = number == 1;
    if (number == 0 || number == 1)
        return 0;
    return statement_bad(s, column, "0 or 1", e);
}
