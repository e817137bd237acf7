/* SPDX-License-Identifier: MIT */
/*
 * A database of two runs whose cells are changed, and everything that reads runs: they are loaded
 * and judged, compared, and made a page of.
 *
 * Each change: table (1 byte), column (1 byte), kind of value (1 byte), then a text with its length
 * before it, or a number of 8 bytes. SQLite refuses what the table does not allow.
 */
#include "input.h"
#include "page/page.h"
#include "page/page_files.h"
#include "rules/checker.h"
#include "store/loading.h"
#include "store/run_comparison.h"
#include "store/schema.h"

#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHANGES_MAX 24
#define COLUMNS_MAX 40
#define TABLES_MAX  16
#define TEXT_MAX    255
#define DAY         "2024-01-30T09:30:00Z"

/* The page's own files, which are not what is looked at here. */
const unsigned char page_style[] = "a{}", page_script[] = "1";
const size_t page_style_len = sizeof(page_style) - 1, page_script_len = sizeof(page_script) - 1;

static struct database db;
static char columns[TABLES_MAX][COLUMNS_MAX][64];
static unsigned column_counts[TABLES_MAX], table_count;

static const char good_run[] =
    "INSERT INTO run (run_id, started_at, finished_at, organization_id, strategy, columns, "
    "version, "
    "accounts, succeeded, partial, failed, skipped, users, oldest_report_at, result, rules) VALUES "
    "(?1, ?2, ?2, 'o-a', 'auto', 'full', '0.1.0', 2, 1, 0, 1, 0, 2, '" DAY "', '{}', "
    "'[\"key-old\"]');"
    "INSERT INTO account (run_id, account_id, account_name, outcome, users, root_mfa, unknown, "
    "partition, root_last_used, report_at, read_at) VALUES "
    "(?1, '111111111111', 'a', 'succeeded', 2, 1, '[]', 'aws', '" DAY "', '" DAY "', '" DAY "'), "
    "(?1, '222222222222', 'b', 'failed', NULL, NULL, '[]', 'aws', NULL, NULL, NULL);"
    "INSERT INTO user (run_id, account_id, user_id, user_name, arn, path, created_at, mfa_enabled, "
    "console_access, is_admin, kind, password_set_at, data_as_of, unknown) VALUES "
    "(?1, '111111111111', 'AIDA1', 'ann', 'arn:aws:iam::111111111111:user/ann', '/', '" DAY
    "', 1, 1, 0, 'person', '" DAY "', '" DAY "', '[]'), "
    "(?1, '111111111111', 'AIDA2', 'bob', 'arn:aws:iam::111111111111:user/bob', '/', '" DAY
    "', 0, 0, NULL, 'machine', NULL, '" DAY "', '[\"is_admin\"]');"
    "INSERT INTO access_key (run_id, account_id, user_id, id, status, created_at, last_used_at, "
    "unknown) VALUES (?1, '111111111111', 'AIDA1', 'AKIA1', 'Active', '" DAY "', '" DAY "', '[]'), "
    "(?1, '111111111111', 'AIDA1', 'AKIA2', 'Inactive', '" DAY "', NULL, '[]');"
    "INSERT INTO tag VALUES (?1, '111111111111', 'AIDA1', 'k', 'v');"
    "INSERT INTO group_membership VALUES (?1, '111111111111', 'AIDA1', 'g');"
    "INSERT INTO signing_certificate VALUES (?1, '111111111111', 'AIDA1', 'c', 'Active', '" DAY
    "');"
    "INSERT INTO ssh_public_key VALUES (?1, '111111111111', 'AIDA1', 's', 'Active', '" DAY "');"
    "INSERT INTO mfa_device VALUES (?1, '111111111111', 'AIDA1', 'm', 'virtual');"
    "INSERT INTO service_credential VALUES (?1, '111111111111', 'AIDA1', 'x', 'codecommit', "
    "'Active', '" DAY "', NULL);"
    "INSERT INTO policy VALUES (?1, '111111111111', 'AIDA1', 0, 'attached', 'p', 'arn', NULL);"
    "INSERT INTO finding (run_id, account_id, finding_id, rule, status, severity, resource_type, "
    "resource_id, \"limit\", because) VALUES (?1, '111111111111', 'f', 'key-old', 'fail', "
    "'high', 'access_key', 'AKIA1', 90, '[]');";

static void insert_run(const char *id, const char *when)
{
    for (const char *sql = good_run; *sql;) {
        sqlite3_stmt *statement;
        if (sqlite3_prepare_v2(db.handle, sql, -1, &statement, &sql) != SQLITE_OK ||
            sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC) != SQLITE_OK)
            abort();
        if (sqlite3_bind_parameter_count(statement) > 1 &&
            sqlite3_bind_text(statement, 2, when, -1, SQLITE_STATIC) != SQLITE_OK)
            abort();
        if (sqlite3_step(statement) != SQLITE_DONE)
            abort();
        sqlite3_finalize(statement);
    }
}

static void find_columns(void)
{
    for (; schema_run_tables[table_count]; table_count++) {
        char sql[128];
        sqlite3_stmt *s;
        snprintf(sql, sizeof(sql), "SELECT name FROM pragma_table_info('%s')",
                 schema_run_tables[table_count]);
        if (sqlite3_prepare_v2(db.handle, sql, -1, &s, NULL) != SQLITE_OK)
            abort();
        while (sqlite3_step(s) == SQLITE_ROW)
            snprintf(columns[table_count][column_counts[table_count]++], 64, "%s",
                     (const char *)sqlite3_column_text(s, 0));
        sqlite3_finalize(s);
    }
}

static void make_good(void)
{
    char path[64];
    struct error e;
    snprintf(path, sizeof(path), "/dev/shm/fuzz-loading-%d", getpid());
    unlink(path);
    if (database_open(&db, path, DATABASE_MAKE, &e) != 0)
        abort();
    unlink(path);
    sqlite3_exec(db.handle, "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF", NULL, NULL,
                 NULL);
    insert_run("one", "2024-01-30T09:30:00Z");
    insert_run("two", "2024-01-31T09:30:00Z");
    find_columns();
}

/* ---- changes ---- */

static void bind_value(sqlite3_stmt *s, unsigned kind)
{
    static char text[TEXT_MAX + 1];
    uint64_t number = 0;
    if (kind % 4 == 0)
        return; /* NULL */
    if (kind % 4 == 1) {
        for (int i = 0; i < 8; i++)
            number = number << 8 | input_byte();
        sqlite3_bind_int64(s, 1, (int64_t)number);
        return;
    }
    int len = (int)input_byte();
    for (int i = 0; i < len; i++)
        text[i] = (char)input_byte();
    sqlite3_bind_text(s, 1, text, len, SQLITE_STATIC);
}

static void change(void)
{
    char sql[256];
    sqlite3_stmt *s;
    unsigned table = input_byte() % table_count, column = input_byte() % column_counts[table];
    unsigned kind = input_byte();
    snprintf(sql, sizeof(sql), "UPDATE OR IGNORE \"%s\" SET \"%s\" = ?%s", schema_run_tables[table],
             columns[table][column], kind & 64 ? " WHERE run_id = 'two'" : "");
    if (sqlite3_prepare_v2(db.handle, sql, -1, &s, NULL) != SQLITE_OK)
        abort();
    bind_value(s, kind);
    (void)sqlite3_step(s);
    sqlite3_finalize(s);
}

/* ---- what reads ---- */

static int on_piece(void *arg, struct error *e)
{
    (void)e;
    buffer_clear(arg);
    return 0;
}

static void on_difference(void *arg, const struct difference *difference)
{
    (void)difference;
    ++*(size_t *)arg;
}

static void on_not_compared(void *arg, const char *account_id, const char *why)
{
    (void)arg;
    if (!account_id || !why)
        abort();
}

static void make_page(struct stored_run *runs)
{
    struct check_options options;
    struct checker checker;
    struct tally before;
    struct buffer out;
    struct error e = {0};
    const struct account *account = NULL;
    buffer_init(&out, (size_t)1 << 24);
    check_options_init(&options);
    options.started_s = runs[1].started_s;
    checker_init(&checker, &options);
    tally_init(&before, runs[0].started_s);
    const struct page_options page_options = {.run = &runs[1],
                                              .previous = &runs[0],
                                              .database = &db,
                                              .checker = &checker,
                                              .before = &before};
    struct page *page = page_new(&page_options);
    for (int i = 0; i < 2; i++) {
        struct loading *loading = loading_begin(&db, &runs[i], &e);
        while (loading && loading_next(loading, &account, &e) == 0 && account) {
            if (i == 0)
                tally_account(&before, account);
            else
                page_account(page, account);
        }
        loading_free(loading);
    }
    if (page_write(page, &out, on_piece, &out, &e) != 0 && e.text[0] == '\0')
        abort();
    page_free(page);
    checker_release(&checker);
    buffer_release(&out);
}

static void read_runs(void)
{
    struct stored_run runs[2] = {0};
    struct error e = {0};
    size_t differences = 0;
    if (stored_run_find(&db, "one", &runs[0], &e) == 0 &&
        stored_run_find(&db, "two", &runs[1], &e) == 0) {
        struct run_comparison comparison = {.before_db = &db,
                                            .after_db = &db,
                                            .before = &runs[0],
                                            .after = &runs[1],
                                            .with_use = true,
                                            .take = on_difference,
                                            .not_compared = on_not_compared,
                                            .arg = &differences};
        if (run_comparison_run(&comparison, &e) != 0 && e.text[0] == '\0')
            abort();
        make_page(runs);
    }
    stored_run_release(&runs[0]);
    stored_run_release(&runs[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (!db.handle)
        make_good();
    input_begin(bytes, len);
    sqlite3_exec(db.handle, "BEGIN", NULL, NULL, NULL);
    for (unsigned i = input_byte() % CHANGES_MAX; i > 0; i--)
        change();
    read_runs();
    sqlite3_exec(db.handle, "ROLLBACK", NULL, NULL, NULL);
    return 0;
}
