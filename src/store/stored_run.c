/* SPDX-License-Identifier: MIT */
#include "store/stored_run.h"

#include "base/alloc.h"
#include "base/shell_word.h"
#include "store/schema.h"
#include "store/statement.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#define SQL_SIZE 256

#define RUN_COLUMNS                                                                                \
    "run_id, started_at, finished_at, organization_id, strategy, columns, version, accounts, "     \
    "succeeded, partial, failed, skipped, users, oldest_report_at"

static char *get_copy(const struct statement *s, int column)
{
    struct view text = statement_get_text(s, column);
    return text.ptr ? xstrndup(text.ptr, text.len) : NULL;
}

/* Reads the row of a statement that selects RUN_COLUMNS. */
static int read_run(const struct statement *s, struct stored_run *run, struct error *e)
{
    run->run_id = get_copy(s, 0);
    run->organization_id = get_copy(s, 3);
    run->strategy = get_copy(s, 4);
    run->columns = get_copy(s, 5);
    run->version = get_copy(s, 6);
    run->accounts = statement_get_int(s, 7);
    run->succeeded = statement_get_int(s, 8);
    run->partial = statement_get_int(s, 9);
    run->failed = statement_get_int(s, 10);
    run->skipped = statement_get_int(s, 11);
    run->users = statement_get_int(s, 12);
    if (statement_get_time(s, 1, &run->started_s, e) != 0 ||
        statement_get_time(s, 2, &run->finished_s, e) != 0 ||
        statement_get_time(s, 13, &run->oldest_report_s, e) != 0)
        return -1;
    return run->started_s == TIMESTAMP_NONE ? statement_bad(s, 1, "a time", e) : 0;
}

void stored_run_release(struct stored_run *run)
{
    free(run->run_id);
    free(run->organization_id);
    free(run->strategy);
    free(run->columns);
    free(run->version);
    free(run->result);
    *run = (struct stored_run){0};
}

/* Sets *back for "-1" and the like. False if it is not a number, or too large for one. */
static bool counts_back(const char *name, int64_t *back)
{
    char *end;
    if (name[0] != '-' || name[1] == '\0' || strspn(name + 1, "0123456789") != strlen(name + 1))
        return false;
    errno = 0;
    *back = strtoll(name + 1, &end, 10);
    return errno == 0;
}

static int no_run(const struct database *d, const char *name, struct error *e)
{
    if (!name)
        return error_set(e, ERROR_CONFIG, "'%s' holds no run", d->path);
    struct buffer path;
    buffer_init(&path, PATH_MAX);
    shell_word_add(&path, view_of(d->path));
    error_set(e, ERROR_CONFIG, "'%s' has no run '%.60s': see 'iam-census history %s'", d->path,
              name, buffer_text_cut(&path));
    buffer_release(&path);
    return -1;
}

static int find(struct statement *s, const char *name, struct stored_run *run, struct error *e)
{
    int64_t back = 0;
    bool row, is_id = name && !counts_back(name, &back);
    int result = statement_prepare(s, s->d, "run",
                                   is_id ? "SELECT " RUN_COLUMNS ", result FROM run "
                                           "WHERE run_id = ?"
                                         : "SELECT " RUN_COLUMNS ", result FROM run "
                                           "ORDER BY " SCHEMA_NEWEST_FIRST " LIMIT 1 OFFSET ?",
                                   e);
    if (result != 0)
        return -1;
    if (is_id)
        statement_text(s, view_of(name));
    else
        statement_int(s, back);
    if (statement_next(s, &row, e) != 0)
        return -1;
    if (!row)
        return no_run(s->d, name, e);
    run->result = get_copy(s, 14);
    return read_run(s, run, e);
}

int stored_run_find(struct database *d, const char *name, struct stored_run *run, struct error *e)
{
    struct statement s = {.d = d};
    *run = (struct stored_run){0};
    int result = find(&s, name, run, e);
    statement_release(&s);
    return result;
}

static int list(struct statement *s, void (*take)(void *arg, const struct stored_run *run),
                void *arg, struct error *e)
{
    bool row;
    int result = statement_next(s, &row, e);
    while (result == 0 && row) {
        struct stored_run run = {0};
        result = read_run(s, &run, e);
        if (result == 0)
            take(arg, &run);
        stored_run_release(&run);
        if (result == 0)
            result = statement_next(s, &row, e);
    }
    return result;
}

int stored_runs_list(struct database *d, void (*take)(void *arg, const struct stored_run *run),
                     void *arg, struct error *e)
{
    struct statement s;
    int result = statement_prepare(
        &s, d, "run", "SELECT " RUN_COLUMNS " FROM run ORDER BY started_at, number", e);
    if (result == 0)
        result = list(&s, take, arg, e);
    statement_release(&s);
    return result;
}

/* Deletes from one table what belongs to the runs after the newest 'keep'. */
static int delete_from(struct database *d, const char *table, int64_t keep, struct error *e)
{
    struct statement s;
    char sql[SQL_SIZE];
    snprintf(sql, sizeof(sql),
             "DELETE FROM %s WHERE run_id IN (SELECT run_id FROM run "
             "ORDER BY " SCHEMA_NEWEST_FIRST " LIMIT -1 OFFSET ?)",
             table);
    int result = statement_prepare(&s, d, table, sql, e);
    if (result == 0) {
        statement_int(&s, keep);
        result = statement_run(&s, e);
    }
    statement_release(&s);
    return result;
}

struct neighbour {
    const char *wanted; /* a run's id */
    char *before;       /* the id of the run before it; NULL: none so far */
    bool found;
};

static void stored_run_on_neighbour(void *arg, const struct stored_run *run)
{
    struct neighbour *n = arg;
    if (n->found)
        return;
    n->found = strcmp(run->run_id, n->wanted) == 0;
    if (n->found)
        return;
    free(n->before);
    n->before = xstrdup(run->run_id);
}

int stored_run_before(struct database *d, const struct stored_run *run, struct stored_run *before,
                      bool *found, struct error *e)
{
    struct neighbour n = {.wanted = run->run_id};
    *before = (struct stored_run){0};
    int result = stored_runs_list(d, stored_run_on_neighbour, &n, e);
    *found = result == 0 && n.before;
    if (*found)
        result = stored_run_find(d, n.before, before, e);
    free(n.before);
    return result;
}

int stored_runs_delete_old(struct database *d, int64_t keep, int64_t *deleted, struct error *e)
{
    for (const char *const *table = schema_run_tables; *table; table++)
        if (delete_from(d, *table, keep, e) != 0)
            return -1;
    if (delete_from(d, "run", keep, e) != 0)
        return -1;
    if (deleted)
        *deleted = sqlite3_changes64(d->handle);
    return 0;
}

int stored_runs_prune(struct database *d, int64_t keep, int64_t *deleted, struct error *e)
{
    if (database_begin(d, e) != 0)
        return -1;
    if (stored_runs_delete_old(d, keep, deleted, e) != 0) {
        database_rollback(d);
        return -1;
    }
    if (database_commit(d, e) != 0)
        return -1;
    /* Not in memory: the file may be large. */
    if (*deleted == 0 || database_execute(d, "PRAGMA temp_store = FILE; VACUUM", e) == 0)
        return 0;
    return error_prefix(e, "the runs were removed, but the file could not be made smaller");
}
