/* SPDX-License-Identifier: MIT */
/*
 * SQLite fails at the Nth of its calls, for every N: each use of a database then ends in an error
 * that names the file, and what was in the database before is all there.
 *
 * The functions of SQLite that are named at __wrap_ are replaced at link time
 * (tests/CMakeLists.txt).
 */
#include "store_scene.h"
#include "writer_scene.h"

#include "rules/rule.h"
#include "store/loading.h"
#include "store/recording.h"
#include "store/run_comparison.h"

#define START "2024-06-01T12:00:00Z"
#define N_MAX 5000

/* ---- SQLite ---- */

static struct {
    unsigned left; /* calls that succeed before the one that fails; 0: all succeed */
    int code;      /* that it fails with */
    unsigned calls;
    bool failed;
} fault;

static bool fails(void)
{
    fault.calls++;
    if (fault.left == 0 || --fault.left > 0)
        return false;
    fault.failed = true;
    return true;
}

int __real_sqlite3_step(sqlite3_stmt *s);
int __wrap_sqlite3_step(sqlite3_stmt *s);
int __wrap_sqlite3_step(sqlite3_stmt *s)
{
    return fails() ? fault.code : __real_sqlite3_step(s);
}

int __real_sqlite3_prepare_v2(sqlite3 *db, const char *sql, int bytes, sqlite3_stmt **s,
                              const char **tail);
int __wrap_sqlite3_prepare_v2(sqlite3 *db, const char *sql, int bytes, sqlite3_stmt **s,
                              const char **tail);
int __wrap_sqlite3_prepare_v2(sqlite3 *db, const char *sql, int bytes, sqlite3_stmt **s,
                              const char **tail)
{
    *s = NULL;
    return fails() ? fault.code : __real_sqlite3_prepare_v2(db, sql, bytes, s, tail);
}

int __real_sqlite3_prepare_v3(sqlite3 *db, const char *sql, int bytes, unsigned flags,
                              sqlite3_stmt **s, const char **tail);
int __wrap_sqlite3_prepare_v3(sqlite3 *db, const char *sql, int bytes, unsigned flags,
                              sqlite3_stmt **s, const char **tail);
int __wrap_sqlite3_prepare_v3(sqlite3 *db, const char *sql, int bytes, unsigned flags,
                              sqlite3_stmt **s, const char **tail)
{
    *s = NULL;
    return fails() ? fault.code : __real_sqlite3_prepare_v3(db, sql, bytes, flags, s, tail);
}

int __real_sqlite3_exec(sqlite3 *db, const char *sql, int (*row)(void *, int, char **, char **),
                        void *arg, char **message);
int __wrap_sqlite3_exec(sqlite3 *db, const char *sql, int (*row)(void *, int, char **, char **),
                        void *arg, char **message);
int __wrap_sqlite3_exec(sqlite3 *db, const char *sql, int (*row)(void *, int, char **, char **),
                        void *arg, char **message)
{
    /* Undoing must work, as it does in SQLite: a failure of ROLLBACK leaves nothing to undo. */
    bool undoes = strncmp(sql, "ROLLBACK", 8) == 0;
    return !undoes && fails() ? fault.code : __real_sqlite3_exec(db, sql, row, arg, message);
}

int __real_sqlite3_bind_text64(sqlite3_stmt *s, int place, const char *text, sqlite3_uint64 len,
                               void (*drop)(void *), unsigned char encoding);
int __wrap_sqlite3_bind_text64(sqlite3_stmt *s, int place, const char *text, sqlite3_uint64 len,
                               void (*drop)(void *), unsigned char encoding);
int __wrap_sqlite3_bind_text64(sqlite3_stmt *s, int place, const char *text, sqlite3_uint64 len,
                               void (*drop)(void *), unsigned char encoding)
{
    return fails() ? SQLITE_TOOBIG
                   : __real_sqlite3_bind_text64(s, place, text, len, drop, encoding);
}

/* ---- what is done with a database ---- */

static const struct recording_run first = {.run_id = "1",
                                           .strategy = "auto",
                                           .columns = "full",
                                           .version = "0",
                                           .rules = "[\"root-mfa\"]"};

struct work {
    struct store_scene *s;
    struct scene *c;
    struct account skipped;
    unsigned differences;
};

static int record_all(struct work *w, const char *id, const char *started, int64_t keep,
                      struct error *e)
{
    struct recording_run run = first;
    const struct recording_end end = {.finished_s = at(started) + 60,
                                      .oldest_report_s = TIMESTAMP_NONE,
                                      .result = VIEW_LITERAL("{}"),
                                      .keep_runs = keep};
    run.run_id = id;
    run.started_s = at(started);
    struct recording *r = recording_begin(&w->s->db, &run, e);
    if (!r)
        return -1;
    const struct finding finding = {.rule = rule_find(VIEW_LITERAL("root-mfa")),
                                    .status = STATUS_FAIL,
                                    .resource_type = RESOURCE_ACCOUNT,
                                    .resource_id = view_of(w->c->account.id),
                                    .id = "0123456789abcdef0123456789abcdef",
                                    .reason = VIEW_LITERAL("The root user has no MFA."),
                                    .since_s = TIMESTAMP_NONE,
                                    .data_as_of_s = TIMESTAMP_NONE,
                                    .account = &w->c->account};
    int result =
        recording_account(r, &w->c->account, e) != 0 || recording_finding(r, &finding, e) != 0 ||
                recording_skipped(r, &w->skipped, e) != 0 || recording_finish(r, &end, e) != 0
            ? -1
            : 0;
    recording_free(r);
    return result;
}

static int record_third(struct work *w, struct error *e)
{
    return record_all(w, "3", "2024-06-03T12:00:00Z", 0, e);
}

/* It takes the place of an older one. */
static int record_and_delete(struct work *w, struct error *e)
{
    return record_all(w, "3", "2024-06-03T12:00:00Z", 1, e);
}

static int load_all(struct work *w, struct error *e)
{
    struct stored_run run;
    const struct account *account = NULL;
    int result = stored_run_find(&w->s->db, NULL, &run, e);
    struct loading *l = result == 0 ? loading_begin(&w->s->db, &run, e) : NULL;
    stored_run_release(&run);
    if (!l)
        return -1;
    do
        result = loading_next(l, &account, e);
    while (result == 0 && account);
    loading_free(l);
    return result;
}

static void on_difference(void *arg, const struct difference *d)
{
    (void)d;
    ((struct work *)arg)->differences++;
}

static void on_not_compared(void *arg, const char *account_id, const char *why)
{
    (void)arg, (void)account_id, (void)why;
}

static int compare_all(struct work *w, struct error *e)
{
    struct stored_run before, after;
    bool found = false;
    int result = stored_run_find(&w->s->db, NULL, &after, e);
    if (result != 0) {
        stored_run_release(&after);
        return -1;
    }
    result = stored_run_before(&w->s->db, &after, &before, &found, e);
    struct run_comparison r = {.before_db = &w->s->db,
                               .after_db = &w->s->db,
                               .before = &before,
                               .after = &after,
                               .take = on_difference,
                               .not_compared = on_not_compared,
                               .arg = w};
    if (result == 0)
        result = run_comparison_run(&r, e);
    stored_run_release(&before);
    stored_run_release(&after);
    return result;
}

static void on_run(void *arg, const struct stored_run *run)
{
    (void)arg;
    assert_non_null(run->run_id);
}

static int list_all(struct work *w, struct error *e)
{
    return stored_runs_list(&w->s->db, on_run, w, e);
}

static int prune(struct work *w, struct error *e)
{
    int64_t deleted;
    return stored_runs_prune(&w->s->db, 1, &deleted, e);
}

static int open_again(struct work *w, struct error *e)
{
    database_close(&w->s->db);
    return database_open(&w->s->db, w->s->path, DATABASE_WRITE, e);
}

static const struct use {
    const char *name;
    int (*run)(struct work *w, struct error *e);
    bool commits_early; /* what was done before the failure may have been committed */
} uses[] = {
    {"record", record_third, false}, {"record and delete", record_and_delete, false},
    {"load", load_all, false},       {"compare", compare_all, false},
    {"list", list_all, false},       {"prune", prune, true},
    {"open", open_again, false},
};

/* ---- the tests ---- */

static void make_two_runs(struct work *w)
{
    struct error e;
    if (record_all(w, "1", "2024-06-01T12:00:00Z", 0, &e) != 0 ||
        record_all(w, "2", "2024-06-02T12:00:00Z", 0, &e) != 0)
        fail_msg("%s", e.text);
}

static void begin_work(struct work *w, struct store_scene *s, struct scene *c, struct user *bob,
                       struct user **users)
{
    fault.left = 0;
    *w = (struct work){.s = s, .c = c};
    scene_begin(c);
    *bob = c->user;
    bob->password_rotation_s = TIMESTAMP_NONE;
    fill_user(c);
    c->account.root.used_s = TIMESTAMP_NONE;
    users[0] = bob;
    users[1] = &c->user;
    c->account.users = users;
    c->account.user_count = 2;
    snprintf(w->skipped.id, sizeof(w->skipped.id), "999999999999");
    w->skipped.root.used_s = TIMESTAMP_NONE;
    store_open(s, DATABASE_MAKE);
}

/* What the database holds, but for what is about one run only. */
static char *content(struct store_scene *s)
{
    static const char sql[] =
        "SELECT (SELECT group_concat(run_id || accounts || users || skipped) FROM run) || '/' || "
        "(SELECT count(*) FROM account) || '/' || (SELECT count(*) FROM user) || '/' || "
        "(SELECT count(*) FROM access_key) || '/' || (SELECT count(*) FROM finding)";
    unsigned left = fault.left;
    fault.left = 0;
    char *text = xstrdup(store_ask(s, sql));
    fault.left = left;
    return text;
}

/* Runs it with its Nth call failing. False if it has fewer calls. */
static bool fail_at(struct work *w, const struct use *use, unsigned n, int code, const char *before)
{
    struct error e;
    error_clear(&e);
    fault.left = n;
    fault.code = code;
    fault.calls = 0;
    fault.failed = false;
    int result = use->run(w, &e);
    fault.left = 0;
    if (!fault.failed) {
        assert_int_equal(result, 0);
        return false;
    }
    if (result == 0)
        fail_msg("%s: call %u of SQLite failed, and nobody noticed", use->name, n);
    if (e.kind == ERROR_NONE || !strstr(e.text, w->s->path))
        fail_msg("%s, call %u: '%s' does not name the file", use->name, n, e.text);
    if (!w->s->db.handle)
        store_open(w->s, DATABASE_WRITE);
    char *after = content(w->s);
    if (!use->commits_early && strcmp(after, before) != 0)
        fail_msg("%s, call %u: '%s' became '%s'", use->name, n, before, after);
    free(after);
    return true;
}

static void test_every_call(void **state)
{
    static const int codes[] = {SQLITE_IOERR, SQLITE_FULL, SQLITE_BUSY, SQLITE_CORRUPT};
    struct work w;
    struct scene c;
    struct user bob, *users[2];
    begin_work(&w, *state, &c, &bob, users);
    make_two_runs(&w);
    for (const struct use *use = uses; use < uses + sizeof(uses) / sizeof(uses[0]); use++) {
        unsigned n = 1;
        char *before = content(w.s);
        while (n < N_MAX && fail_at(&w, use, n, codes[n % 4], before))
            n++;
        assert_in_range(n, 3, N_MAX - 1);
        free(before);
        database_close(&w.s->db);
        assert_int_equal(unlink(w.s->path), 0);
        store_open(w.s, DATABASE_MAKE);
        make_two_runs(&w);
    }
    scene_end(&c);
}

/* A database that can't be made is not left behind. */
static void test_made_and_failed(void **state)
{
    struct store_scene *s = *state;
    unsigned n = 1;
    for (bool failed = true; failed && n < N_MAX; n++) {
        struct error e;
        fault.left = n;
        fault.code = SQLITE_FULL;
        fault.failed = false;
        int result = database_open(&s->db, s->path, DATABASE_MAKE, &e);
        fault.left = 0;
        failed = fault.failed;
        assert_int_equal(result, failed ? -1 : 0);
        if (failed)
            assert_non_null(strstr(e.text, s->path));
        database_close(&s->db);
        if (failed)
            (void)unlink(s->path);
    }
    assert_in_range(n, 3, N_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_call, store_setup, store_teardown),
        cmocka_unit_test_setup_teardown(test_made_and_failed, store_setup, store_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
