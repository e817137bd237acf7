/* SPDX-License-Identifier: MIT */
/* The database's file: made, upgraded, refused, locked, damaged. */
#include "store_scene.h"

#include "store/schema.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#define DATE "'2024-01-31T09:30:00Z'"

static void test_made(void **state)
{
    struct store_scene *s = *state;
    struct stat found;
    mode_t mask = umask(0);
    store_open(s, DATABASE_MAKE);
    umask(mask);
    assert_true(s->db.made);
    assert_int_equal(stat(s->path, &found), 0);
    assert_int_equal(found.st_mode & 07777, 0600);
    assert_string_equal(store_ask(s, "PRAGMA user_version"), "1");
    assert_string_equal(store_ask(s, "PRAGMA application_id"), "1229016387");
    assert_string_equal(store_ask(s, "PRAGMA journal_mode"), "delete");
    assert_string_equal(store_ask(s, "PRAGMA integrity_check"), "ok");
    database_close(&s->db);
    store_open(s, DATABASE_MAKE);
    assert_false(s->db.made);
    database_discard(&s->db);
    assert_int_equal(stat(s->path, &found), 0);
}

/* To look changes nothing, not even an older schema. */
static void test_look(void **state)
{
    struct store_scene *s = *state;
    store_refused(s, DATABASE_LOOK, ERROR_CONFIG,
                  "can't open the database '%s': No such file or directory");
    store_write_file(s->path, "", 0);
    store_open(s, DATABASE_LOOK);
    assert_string_equal(store_ask(s, "SELECT count(*) FROM sqlite_schema"), "0");
    database_close(&s->db);
    store_open(s, DATABASE_MAKE);
    database_close(&s->db);
    store_open(s, DATABASE_LOOK);
    database_close(&s->db);
    store_write_file(s->path, "name,id\r\n", 9);
    store_refused(s, DATABASE_LOOK, ERROR_CONFIG,
                  "'%s' is not an SQLite database: 'iam-census collect --format sqlite' makes one");
}

/* Every table of a run has its id, is strict, and is named in the list that pruning follows. */
static void test_tables(void **state)
{
    struct store_scene *s = *state;
    char sql[256];
    size_t count = 0;
    store_open(s, DATABASE_MAKE);
    for (const char *const *table = schema_run_tables; *table; table++, count++) {
        snprintf(sql, sizeof(sql),
                 "SELECT count(*) FROM pragma_table_info('%s') "
                 "WHERE name = 'run_id' AND pk = 1",
                 *table);
        assert_string_equal(store_ask(s, sql), "1");
    }
    snprintf(sql, sizeof(sql), "%zu", count + 1);
    assert_string_equal(store_ask(s, "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"),
                        sql);
    assert_string_equal(store_ask(s, "SELECT count(*) FROM pragma_table_list "
                                     "WHERE name NOT LIKE 'sqlite%' AND type = 'table' "
                                     "AND NOT strict"),
                        "0");
}

static void test_latest_user(void **state)
{
    struct store_scene *s = *state;
    store_open(s, DATABASE_MAKE);
    store_execute(s, "INSERT INTO run (run_id, started_at) VALUES ('b', " DATE "), ('a', " DATE
                     "), ('c', '2023-01-01T00:00:00Z');"
                     "INSERT INTO account (run_id, account_id, account_name, outcome, unknown) "
                     "SELECT run_id, '1', 'name of ' || run_id, 'succeeded', '[]' FROM run;"
                     "INSERT INTO user (run_id, account_id, user_id, user_name, unknown) "
                     "SELECT run_id, '1', 'AIDA', 'user of ' || run_id, '[]' FROM run");
    database_close(&s->db);
    sqlite3 *handle; /* views are for people: this program does not use those of a file */
    assert_int_equal(sqlite3_open(s->path, &handle), SQLITE_OK);
    s->db.handle = handle;
    assert_string_equal(store_ask(s, "SELECT user_name || account_name FROM latest_user"),
                        "user of aname of a");
    assert_string_equal(store_ask(s, "SELECT count(*) FROM latest_user"), "1");
}

static void test_upgrade(void **state)
{
    static const char *const first[] = {"CREATE TABLE one (x INTEGER) STRICT", NULL};
    static const char *const second[] = {"ALTER TABLE one ADD COLUMN y INTEGER",
                                         "UPDATE one SET y = x + 1", NULL};
    static const char *const third[] = {"CREATE TABLE two (x INTEGER) STRICT", "SELECT broken",
                                        NULL};
    static const char *const *const steps[] = {first, second, third};
    struct store_scene *s = *state;
    assert_int_equal(sqlite3_open(s->path, &s->db.handle), SQLITE_OK);
    s->db.path = xstrdup(s->path);
    assert_int_equal(database_upgrade(&s->db, steps, 1, &s->e), 0);
    assert_string_equal(store_ask(s, "PRAGMA user_version"), "1");
    store_execute(s, "INSERT INTO one VALUES (4)");
    assert_int_equal(database_upgrade(&s->db, steps, 2, &s->e), 0);
    assert_string_equal(store_ask(s, "SELECT y FROM one"), "5");
    assert_string_equal(store_ask(s, "PRAGMA user_version"), "2");
    assert_int_equal(database_upgrade(&s->db, steps, 2, &s->e), 0);
    /* A step that fails leaves the version before it. */
    assert_int_equal(database_upgrade(&s->db, steps, 3, &s->e), -1);
    assert_non_null(strstr(s->e.text, "the schema can't be upgraded: "));
    assert_string_equal(store_ask(s, "PRAGMA user_version"), "2");
    assert_string_equal(store_ask(s, "SELECT count(*) FROM sqlite_schema"), "1");
    assert_int_equal(database_upgrade(&s->db, steps, 1, &s->e), -1);
    assert_non_null(strstr(s->e.text, "was written by a newer iam-census (its schema is version 2, "
                                      "this program's is 1): use that one"));
}

static void test_newer(void **state)
{
    struct store_scene *s = *state;
    store_open(s, DATABASE_MAKE);
    store_execute(s, "PRAGMA user_version = 7");
    database_close(&s->db);
    store_refused(s, DATABASE_READ, ERROR_CONFIG,
                  "'%s' was written by a newer iam-census (its schema is version 7, this program's "
                  "is 1): use that one");
}

static void test_not_ours(void **state)
{
    struct store_scene *s = *state;
    struct stat before, after;
    assert_int_equal(sqlite3_open(s->path, &s->db.handle), SQLITE_OK);
    s->db.path = xstrdup(s->path);
    store_execute(s, "PRAGMA journal_mode = WAL; CREATE TABLE bookmark (x)");
    database_close(&s->db);
    assert_int_equal(stat(s->path, &before), 0);
    for (int mode = DATABASE_READ; mode <= DATABASE_MAKE; mode++)
        store_refused(s, (enum database_mode)mode, ERROR_CONFIG,
                      "'%s' is an SQLite database, but was not made by iam-census");
    assert_int_equal(stat(s->path, &after), 0);
    assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
}

static void test_no_database(void **state)
{
    static const char csv[] = "AccountID,AccountAlias,UserName,Tags,CreationDateTime\r\n";
    struct store_scene *s = *state;
    char text[256];
    store_refused(s, DATABASE_READ, ERROR_CONFIG,
                  "can't open the database '%s': No such file or directory");
    store_refused(s, DATABASE_WRITE, ERROR_CONFIG,
                  "can't open the database '%s': No such file or directory");
    store_write_file(s->path, csv, sizeof(csv) - 1);
    store_refused(s, DATABASE_READ, ERROR_CONFIG,
                  "'%s' is not an SQLite database: 'iam-census collect --format sqlite' makes one");
    store_refused(s, DATABASE_MAKE, ERROR_CONFIG,
                  "'%s' is not an SQLite database: 'iam-census collect --format sqlite' makes one");
    store_write_file(s->path, "", 0);
    store_refused(s, DATABASE_READ, ERROR_CONFIG, "'%s' is empty: no run has been written to it");
    assert_int_equal(unlink(s->path), 0);
    assert_int_equal(mkdir(s->path, 0700), 0);
    store_refused(s, DATABASE_READ, ERROR_CONFIG, "'%s' is a folder, not a database");
    store_refused(s, DATABASE_MAKE, ERROR_CONFIG, "'%s' is a folder, not a database");
    snprintf(text, sizeof(text), "%s", s->path);
    snprintf(s->path, sizeof(s->path), "%.60s/none/x", text);
    store_refused(s, DATABASE_MAKE, ERROR_SYSTEM,
                  "can't make the database '%s': No such file or directory");
    snprintf(s->path, sizeof(s->path), "/dev/null");
    store_refused(s, DATABASE_MAKE, ERROR_CONFIG, "'%s' is not a file, so it can't be a database");
}

/* Names that SQLite would take for something else. */
static void test_odd_names(void **state)
{
    static const char *const names[] = {":memory:", "file:x?mode=memory", "a b%20c"};
    struct store_scene *s = *state;
    struct stat found;
    char here[256];
    assert_non_null(getcwd(here, sizeof(here)));
    assert_int_equal(chdir(s->folder), 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(s->path, sizeof(s->path), "%s", names[i]);
        store_open(s, DATABASE_MAKE);
        database_close(&s->db);
        assert_int_equal(stat(names[i], &found), 0);
    }
    assert_int_equal(chdir(here), 0);
}

/* Fills the database with a run of some size, and closes it. Returns the size of the file. */
static off_t fill(struct store_scene *s)
{
    struct stat found;
    store_open(s, DATABASE_MAKE);
    store_execute(s, "INSERT INTO run (run_id, started_at) VALUES ('r', " DATE ");"
                     "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n LIMIT 999)"
                     "INSERT INTO tag SELECT 'r', '1', 'AIDA', i, 'value ' || i FROM n");
    database_close(&s->db);
    assert_int_equal(stat(s->path, &found), 0);
    return found.st_size;
}

/* Whatever the length, the file is refused when it is opened. */
static void test_cut_short(void **state)
{
    struct store_scene *s = *state;
    off_t size = fill(s);
    for (off_t len = size - 1; len > 0; len -= 3001) {
        assert_int_equal(truncate(s->path, len), 0);
        assert_int_equal(database_open(&s->db, s->path, DATABASE_READ, &s->e), -1);
        assert_int_equal(s->e.kind, ERROR_CONFIG);
        if (!strstr(s->e.text, "damaged or cut short") && !strstr(s->e.text, "not an SQLite"))
            fail_msg("%lld of %lld bytes: %s", (long long)len, (long long)size, s->e.text);
    }
}

/* With a byte changed anywhere, reading works or says that the file is damaged. */
static void test_damaged(void **state)
{
    struct store_scene *s = *state;
    off_t size = fill(s);
    int refused = 0;
    for (off_t at = 1; at < size; at += 97) {
        int fd = open(s->path, O_RDWR);
        char byte, changed;
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        changed = (char)(byte ^ 0x55);
        assert_int_equal(pwrite(fd, &changed, 1, at), 1);
        if (database_open(&s->db, s->path, DATABASE_READ, &s->e) != 0 ||
            database_execute(&s->db, "SELECT sum(length(value)) FROM tag", &s->e) != 0) {
            assert_int_equal(s->e.kind, ERROR_CONFIG);
            assert_non_null(strstr(s->e.text, s->path));
            refused++;
        }
        database_close(&s->db);
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
        close(fd);
    }
    assert_true(refused > 3);
}

/* Somebody else holds it for longer than is waited for. */
static void test_locked(void **state)
{
    struct store_scene *s = *state;
    sqlite3 *other;
    struct timespec before, after;
    fill(s);
    assert_int_equal(sqlite3_open(s->path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    clock_gettime(CLOCK_MONOTONIC, &before);
    store_refused(s, DATABASE_READ, ERROR_CONFIG,
                  "'%s' is locked by another process, and still was after 10 s: wait until the run "
                  "that writes it is over");
    clock_gettime(CLOCK_MONOTONIC, &after);
    assert_in_range(after.tv_sec - before.tv_sec, 9, 12);
    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    store_open(s, DATABASE_READ);
}

static void test_read_only_writes_nothing(void **state)
{
    struct store_scene *s = *state;
    fill(s);
    store_open(s, DATABASE_READ);
    assert_int_equal(database_execute(&s->db, "DELETE FROM tag", &s->e), -1);
    assert_string_equal(store_ask(s, "SELECT count(*) FROM tag"), "999");
}

/* A writer that is killed leaves a journal, which whoever opens the file next rolls back. */
static void test_killed(void **state)
{
    struct store_scene *s = *state;
    int status;
    fill(s);
    pid_t child = fork();
    if (child == 0) {
        struct error e;
        if (database_open(&s->db, s->path, DATABASE_WRITE, &e) == 0 &&
            database_execute(&s->db, "PRAGMA cache_size = 1", &e) == 0 &&
            database_begin(&s->db, &e) == 0 &&
            database_execute(&s->db, "UPDATE tag SET value = 'half' || value", &e) == 0)
            kill(getpid(), SIGKILL);
        _exit(1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    store_open(s, DATABASE_READ);
    assert_string_equal(store_ask(s, "SELECT count(*) FROM tag WHERE value LIKE 'half%'"), "0");
    assert_string_equal(store_ask(s, "SELECT count(*) FROM tag"), "999");
    assert_string_equal(store_ask(s, "PRAGMA integrity_check"), "ok");
}

/* A disk that is full, played by the limit of a file's size. */
static void test_full(void **state)
{
    struct store_scene *s = *state;
    int status;
    off_t size = fill(s);
    pid_t child = fork();
    if (child == 0) {
        struct error e;
        struct rlimit limit = {(rlim_t)size + 20000, (rlim_t)size + 20000};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        if (database_open(&s->db, s->path, DATABASE_WRITE, &e) != 0 ||
            database_begin(&s->db, &e) != 0 ||
            database_execute(&s->db,
                             "INSERT INTO tag SELECT 's', account_id, user_id, key, "
                             "hex(zeroblob(500)) FROM tag",
                             &e) != 0)
            _exit(1);
        _exit(database_commit(&s->db, &e) != 0 && e.kind == ERROR_SYSTEM && strstr(e.text, s->path)
                  ? 7
                  : 2);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 7);
    store_open(s, DATABASE_READ);
    assert_string_equal(store_ask(s, "SELECT count(*) FROM tag"), "999");
    assert_string_equal(store_ask(s, "PRAGMA integrity_check"), "ok");
}

/* What is written into a file that has been removed would be lost. */
static void test_removed_meanwhile(void **state)
{
    struct store_scene *s = *state;
    fill(s);
    store_open(s, DATABASE_WRITE);
    assert_int_equal(unlink(s->path), 0);
    assert_int_equal(database_begin(&s->db, &s->e), -1);
    assert_non_null(strstr(s->e.text, "was removed or replaced while it was open: try again"));
    assert_int_equal(s->e.kind, ERROR_CONFIG);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, store_setup, store_teardown)
    const struct CMUnitTest tests[] = {
        T(test_look),
        T(test_made),
        T(test_tables),
        T(test_latest_user),
        T(test_upgrade),
        T(test_newer),
        T(test_not_ours),
        T(test_no_database),
        T(test_odd_names),
        T(test_cut_short),
        T(test_damaged),
        T(test_locked),
        T(test_read_only_writes_nothing),
        T(test_killed),
        T(test_full),
        T(test_removed_meanwhile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
