/* SPDX-License-Identifier: MIT */
#include "store/database.h"

#include "base/alloc.h"
#include "store/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The cache is bounded, and a run that is larger spills into the file, so memory stays flat. */
#define CACHE_KIB 8192
/* The program has one thread: nobody else uses the connection, and locks of it cost time. */
#define DATABASE_FLAGS (SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX)

static int disk_error(const struct database *d, int code, struct error *e)
{
    char reason[ERROR_SYSTEM_TEXT];
    int number = d->handle ? sqlite3_system_errno(d->handle) : 0;
    if (code == SQLITE_FULL || number == ENOSPC || number == EDQUOT)
        return error_set(e, ERROR_SYSTEM,
                         "'%s' can't be written: the disk is full; no run in it was changed",
                         d->path);
    return error_set(e, ERROR_SYSTEM, "'%s' can't be read or written: %s (%s)", d->path,
                     number ? error_of_system(number, reason) : "input or output failed",
                     sqlite3_errstr(code));
}

/* SQLite must roll an interrupted run back before it reads, and may not. */
static bool needs_rollback(int code, int extended)
{
    return code == SQLITE_READONLY &&
           (extended == SQLITE_READONLY_ROLLBACK || extended == SQLITE_READONLY_RECOVERY);
}

static int not_openable(const struct database *d, struct error *e)
{
    char reason[ERROR_SYSTEM_TEXT];
    int number = d->handle ? sqlite3_system_errno(d->handle) : 0;
    return error_set(e, ERROR_CONFIG, "'%s' can't be opened: %s", d->path,
                     number ? error_of_system(number, reason)
                            : "it, or its folder, may not be used");
}

int database_error(const struct database *d, int code, struct error *e)
{
    int extended = d->handle ? sqlite3_extended_errcode(d->handle) : code;
    switch (code & 0xff) {
    case SQLITE_NOMEM:
        out_of_memory();
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return error_set(e, ERROR_CONFIG,
                         "'%s' is locked by another process, and still was after %d s: wait until "
                         "the run that writes it is over",
                         d->path, DATABASE_BUSY_MS / 1000);
    case SQLITE_NOTADB:
        return error_set(e, ERROR_CONFIG,
                         "'%s' is not an SQLite database: 'iam-census collect --format sqlite' "
                         "makes one",
                         d->path);
    case SQLITE_CORRUPT:
        return error_set(e, ERROR_CONFIG,
                         "the database '%s' is damaged or cut short (%s): use a copy of it",
                         d->path, d->handle ? sqlite3_errmsg(d->handle) : "unreadable");
    case SQLITE_FULL:
    case SQLITE_IOERR:
        return disk_error(d, extended, e);
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return not_openable(d, e);
    default:
        break;
    }
    if (needs_rollback(code & 0xff, extended))
        return error_set(e, ERROR_CONFIG,
                         "'%s' holds half of an interrupted run, which must be removed first: "
                         "allow writing to it and its folder once, or use a copy of both files",
                         d->path);
    if ((code & 0xff) == SQLITE_READONLY)
        return error_set(e, ERROR_CONFIG, "'%s' can't be written: it is read-only", d->path);
    return error_set(e, ERROR_CONFIG, "the database '%s' can't be used: %s", d->path,
                     d->handle ? sqlite3_errmsg(d->handle) : sqlite3_errstr(code));
}

int database_execute(struct database *d, const char *sql, struct error *e)
{
    int code = sqlite3_exec(d->handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : database_error(d, code, e);
}

/* A transaction could be written into a file that has been removed or replaced, and be lost. */
static int check_in_place(struct database *d, struct error *e)
{
    int moved = 0;
    if (!d->is_scratch &&
        sqlite3_file_control(d->handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
        moved)
        return error_set(e, ERROR_CONFIG,
                         "'%s' was removed or replaced while it was open: try again", d->path);
    return 0;
}

int database_begin(struct database *d, struct error *e)
{
    if (database_execute(d, "BEGIN IMMEDIATE", e) != 0)
        return -1;
    if (check_in_place(d, e) == 0)
        return 0;
    database_rollback(d);
    return -1;
}

int database_commit(struct database *d, struct error *e)
{
    if (check_in_place(d, e) == 0 && database_execute(d, "COMMIT", e) == 0)
        return 0;
    database_rollback(d);
    return -1;
}

void database_rollback(struct database *d)
{
    if (d->handle && !sqlite3_get_autocommit(d->handle))
        sqlite3_exec(d->handle, "ROLLBACK", NULL, NULL, NULL);
}

/* Reads the one number that a statement returns. */
static int read_number(struct database *d, const char *sql, int *number, struct error *e)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(d->handle, sql, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *number = sqlite3_column_int(statement, 0);
    int result = code == SQLITE_ROW ? 0 : database_error(d, code, e);
    sqlite3_finalize(statement);
    return result;
}

/* Sets *version to that of the schema, 0 if the file is empty. -1 if the file is not ours. */
static int read_version(struct database *d, int *version, struct error *e)
{
    int application = 0, tables = 0;
    if (read_number(d, "PRAGMA application_id", &application, e) != 0 ||
        read_number(d, "PRAGMA user_version", version, e) != 0 ||
        read_number(d, "SELECT count(*) FROM sqlite_schema", &tables, e) != 0)
        return -1;
    if (application == 0 && *version == 0 && tables == 0)
        return 0;
    if (application != SCHEMA_APPLICATION_ID || *version < 1)
        return error_set(e, ERROR_CONFIG,
                         "'%s' is an SQLite database, but was not made by iam-census", d->path);
    return 0;
}

static int check_version(const struct database *d, int version, int newest, struct error *e)
{
    if (version <= newest)
        return 0;
    return error_set(e, ERROR_CONFIG,
                     "'%s' was written by a newer iam-census (its schema is version %d, this "
                     "program's is %d): use that one",
                     d->path, version, newest);
}

static int upgrade_step(struct database *d, const char *const *statements, int version,
                        struct error *e)
{
    char pragmas[96];
    for (; *statements; statements++)
        if (database_execute(d, *statements, e) != 0)
            return -1;
    snprintf(pragmas, sizeof(pragmas), "PRAGMA application_id = %d; PRAGMA user_version = %d",
             SCHEMA_APPLICATION_ID, version);
    return database_execute(d, pragmas, e);
}

int database_upgrade(struct database *d, const char *const *const *steps, int count,
                     struct error *e)
{
    int version = 0;
    if (read_version(d, &version, e) != 0 || check_version(d, version, count, e) != 0)
        return -1;
    if (version == count)
        return 0;
    if (database_begin(d, e) != 0)
        return error_prefix(e, "the schema can't be upgraded");
    /* Somebody else may have upgraded it meanwhile. */
    int result = read_version(d, &version, e);
    for (; result == 0 && version < count; version++)
        result = upgrade_step(d, steps[version], version + 1, e);
    if (result == 0)
        return database_commit(d, e);
    database_rollback(d);
    return error_prefix(e, "the schema can't be upgraded");
}

/*
 * SQLite notices missing pages, but not a last page that is cut. A file with a write-ahead log,
 * which somebody else may have given it, has pages elsewhere.
 */
static int check_length(struct database *d, struct error *e)
{
    int pages = 0, page_bytes = 0, rollback_journal = 0;
    struct stat found;
    if (read_number(d, "PRAGMA page_count", &pages, e) != 0 ||
        read_number(d, "PRAGMA page_size", &page_bytes, e) != 0 ||
        read_number(d, "SELECT journal_mode <> 'wal' FROM pragma_journal_mode", &rollback_journal,
                    e) != 0)
        return -1;
    if (stat(d->path, &found) == 0 && rollback_journal &&
        found.st_size < (off_t)pages * (off_t)page_bytes)
        return error_set(e, ERROR_CONFIG,
                         "the database '%s' is damaged or cut short (%lld bytes of %lld): use a "
                         "copy of it",
                         d->path, (long long)found.st_size,
                         (long long)pages * (long long)page_bytes);
    return 0;
}

static int look(const struct database *d, enum database_mode mode, struct error *e)
{
    struct stat found;
    if (d->path[0] == '\0')
        return error_set(e, ERROR_CONFIG, "the database's name is empty");
    if (stat(d->path, &found) != 0) {
        if (errno == ENOENT && mode == DATABASE_MAKE)
            return 0;
        error_set_errno(e, "can't open the database '%s'", d->path);
        e->kind = ERROR_CONFIG;
        return -1;
    }
    if (S_ISDIR(found.st_mode))
        return error_set(e, ERROR_CONFIG, "'%s' is a folder, not a database", d->path);
    if (!S_ISREG(found.st_mode))
        return error_set(e, ERROR_CONFIG, "'%s' is not a file, so it can't be a database", d->path);
    if (mode == DATABASE_READ && found.st_size == 0)
        return error_set(e, ERROR_CONFIG, "'%s' is empty: no run has been written to it", d->path);
    return 0;
}

/*
 * Makes the file, since SQLite would let others read it. The journal gets the mode of the file.
 */
static int make_file(struct database *d, struct error *e)
{
    int fd = open(d->path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return 0;
    if (fd < 0)
        return error_set_errno(e, "can't make the database '%s'", d->path);
    close(fd);
    d->made = true;
    return 0;
}

/* SQLite gives ":memory:" and "file:..." a meaning of its own. */
static char *plain_path(const char *path)
{
    size_t size = strlen(path) + sizeof("./");
    char *plain = xmalloc(size);
    snprintf(plain, size, "%s%s", path[0] == '/' ? "" : "./", path);
    return plain;
}

static int connect_file(struct database *d, struct error *e)
{
    char *path = plain_path(d->path);
    int code = sqlite3_open_v2(path, &d->handle, DATABASE_FLAGS, NULL);
    free(path);
    if (code != SQLITE_OK)
        return database_error(d, code, e);
    sqlite3_busy_timeout(d->handle, DATABASE_BUSY_MS);
    sqlite3_limit(d->handle, SQLITE_LIMIT_LENGTH, DATABASE_VALUE_MAX);
    sqlite3_db_config(d->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(d->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(d->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(d->handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    return 0;
}

/*
 * EXTRA syncs the folder too, so that a run that has been reported as written survives a loss of
 * power. Nobody but this process sees a scratch file, and a failed one is removed.
 */
static int tune(struct database *d, enum database_mode mode, struct error *e)
{
    char sql[192];
    snprintf(sql, sizeof(sql),
             "PRAGMA cache_size = -%d; PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON;"
             "PRAGMA synchronous = %s%s",
             CACHE_KIB, mode == DATABASE_SCRATCH ? "OFF" : "EXTRA",
             mode == DATABASE_SCRATCH ? "; PRAGMA journal_mode = MEMORY" : "");
    return database_execute(d, sql, e);
}

/* Only once it is known that the file is ours: the journal's mode is stored in it. */
static int settle(struct database *d, enum database_mode mode, struct error *e)
{
    if (mode == DATABASE_READ)
        return database_execute(d, "PRAGMA query_only = ON", e);
    if (mode == DATABASE_SCRATCH)
        return 0;
    return database_execute(d, "PRAGMA journal_mode = DELETE", e);
}

static int prepare(struct database *d, enum database_mode mode, struct error *e)
{
    int version = 0;
    if (mode == DATABASE_LOOK)
        return read_version(d, &version, e) == 0 ? check_version(d, version, schema_version, e)
                                                 : -1;
    return database_upgrade(d, schema_steps, schema_version, e) == 0 ? settle(d, mode, e) : -1;
}

int database_open(struct database *d, const char *path, enum database_mode mode, struct error *e)
{
    *d = (struct database){.path = xstrdup(path), .is_scratch = mode == DATABASE_SCRATCH};
    if (look(d, mode, e) == 0 && (mode != DATABASE_MAKE || make_file(d, e) == 0) &&
        connect_file(d, e) == 0 && tune(d, mode, e) == 0 && check_length(d, e) == 0 &&
        prepare(d, mode, e) == 0)
        return 0;
    database_discard(d);
    return -1;
}

void database_close(struct database *d)
{
    database_rollback(d);
    sqlite3_close(d->handle);
    free(d->path);
    *d = (struct database){0};
}

void database_discard(struct database *d)
{
    /* Removed first: whoever waits for the lock then finds that the file is gone. */
    if (d->made)
        unlink(d->path);
    database_close(d);
}
