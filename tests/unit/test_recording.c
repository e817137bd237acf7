/* SPDX-License-Identifier: MIT */
/*
 * A run that is recorded and loaded again: the model is the same, whatever is known or not. JSON
 * Lines with full columns and the accounts file, of the model before and after, show that.
 */
#include "store_scene.h"
#include "writer_scene.h"

#include "census/facts.h"
#include "output/account_csv.h"
#include "store/loading.h"
#include "store/recording.h"

#define START "2024-06-01T12:00:00Z"

static const struct recording_run run = {.run_id = "r1",
                                         .organization_id = "o-1",
                                         .strategy = "auto",
                                         .columns = "full",
                                         .version = "0"};

static struct recording *begin(struct store_scene *s, const char *id, const char *started)
{
    struct recording_run mine = run;
    mine.run_id = id;
    mine.started_s = at(started);
    struct recording *r = recording_begin(&s->db, &mine, &s->e);
    if (!r)
        fail_msg("%s", s->e.text);
    return r;
}

static void finish(struct store_scene *s, struct recording *r, int64_t keep)
{
    const struct recording_end end = {.finished_s = at("2024-06-01T12:05:00Z"),
                                      .oldest_report_s = TIMESTAMP_NONE,
                                      .result = VIEW_LITERAL("{}"),
                                      .keep_runs = keep};
    if (recording_finish(r, &end, &s->e) != 0)
        fail_msg("%s", s->e.text);
    recording_free(r);
}

/* Records one account as a run of its own. */
static void record(struct store_scene *s, const char *id, const struct account *account)
{
    struct recording *r = begin(s, id, START);
    if (recording_account(r, account, &s->e) != 0)
        fail_msg("%s", s->e.text);
    finish(s, r, 0);
}

/* Loads the only account of a run. */
static struct loading *load(struct store_scene *s, const char *id, const struct account **account)
{
    struct stored_run found;
    if (stored_run_find(&s->db, id, &found, &s->e) != 0)
        fail_msg("%s", s->e.text);
    struct loading *l = loading_begin(&s->db, &found, &s->e);
    stored_run_release(&found);
    if (!l || loading_next(l, account, &s->e) != 0)
        fail_msg("%s", s->e.text);
    return l;
}

/* What people see of the account and its users. */
static void show(const struct account *account, struct buffer *out)
{
    const struct writer_options options = {.started_s = at(START), .columns = COLUMNS_FULL};
    account_csv_write(account, false, true, out);
    for (size_t i = 0; i < account->user_count; i++)
        format("jsonl")->user(&options, account, account->users[i], out);
}

static void assert_same(struct store_scene *s, const char *id, const struct account *account)
{
    struct buffer before, after;
    const struct account *loaded;
    record(s, id, account);
    struct loading *l = load(s, id, &loaded);
    assert_non_null(loaded);
    buffer_init(&before, OUTPUT_MAX);
    buffer_init(&after, OUTPUT_MAX);
    show(account, &before);
    show(loaded, &after);
    assert_string_equal(buffer_text(&after), buffer_text(&before));
    assert_int_equal(loading_next(l, &loaded, &s->e), 0);
    assert_null(loaded);
    buffer_release(&before);
    buffer_release(&after);
    loading_free(l);
}

/* An account with two users, the first of whom has everything. 'users' has room for both. */
static void fill_account(struct scene *c, struct user *bob, struct user **users)
{
    scene_begin(c);
    *bob = c->user;
    bob->password_rotation_s = TIMESTAMP_NONE;
    fill_user(c);
    c->account.state = VIEW_LITERAL("ACTIVE");
    c->account.is_management = true;
    c->account.partition = VIEW_LITERAL("aws-us-gov");
    c->account.root = (struct root_user){.has_password = true,
                                         .has_mfa = true,
                                         .mfa_kind = ROOT_MFA_HARDWARE,
                                         .used_s = at("2024-01-01T00:00:00Z"),
                                         .used_by = VIEW_LITERAL("password")};
    c->account.password_policy =
        (struct password_policy){.minimum_length = 14,
                                 .reuse_prevention = 24,
                                 .text = VIEW_LITERAL("{\"MinimumPasswordLength\":14}")};
    c->account.report_at_s = at("2024-06-01T10:00:00Z");
    c->account.read_at_s = at("2024-06-01T12:00:01Z");
    users[0] = bob; /* "=bob" */
    users[1] = &c->user;
    c->account.users = users;
    c->account.user_count = 2;
}

static void test_everything(void **state)
{
    struct store_scene *s = *state;
    struct scene c;
    struct user bob, *users[2];
    const struct account *loaded;
    store_open(s, DATABASE_MAKE);
    fill_account(&c, &bob, users);
    assert_same(s, "r1", &c.account);
    struct loading *l = load(s, "r1", &loaded);
    assert_true(loaded->is_management);
    assert_true(view_is(loaded->partition, "aws-us-gov"));
    assert_int_equal(loaded->password_policy.minimum_length, 14);
    assert_int_equal(loaded->password_policy.reuse_prevention, 24);
    assert_int_equal(loaded->read_at_s, c.account.read_at_s);
    assert_int_equal(loaded->users[1]->password_set_s, c.user.password_set_s);
    assert_int_equal(loaded->users[1]->unknown, 0);
    assert_int_equal(loaded->unknown, 0);
    loading_free(l);
    scene_end(&c);
}

/* Each fact that is unknown is unknown again, and no other. */
static void test_each_fact_unknown(void **state)
{
    struct store_scene *s = *state;
    /* Without the list of users there is no account. */
    const fact_set never = FACT_BIT(FACT_USERS);
    char id[16];
    store_open(s, DATABASE_MAKE);
    for (enum fact fact = 0; fact < FACT_COUNT; fact++) {
        struct scene c;
        struct user bob, *users[2];
        const struct account *loaded;
        if (never & FACT_BIT(fact))
            continue;
        fill_account(&c, &bob, users);
        snprintf(id, sizeof(id), "fact%d", (int)fact);
        bool of_account = facts_about(ABOUT_ACCOUNT) & FACT_BIT(fact);
        if (of_account)
            c.account.unknown = FACT_BIT(fact);
        else
            c.user.unknown = FACT_BIT(fact);
        for (struct access_key *k = c.user.keys; k && fact == FACT_KEYS_USED; k = k->next)
            k->use_unknown = k->use_place_unknown = true;
        /* As the census leaves what it could not read. */
        c.user.has_password = fact != FACT_PASSWORD;
        c.user.has_mfa = fact != FACT_MFA;
        assert_same(s, id, &c.account);
        struct loading *l = load(s, id, &loaded);
        if (of_account ? loaded->unknown != c.account.unknown
                       : loaded->users[1]->unknown != c.user.unknown)
            fail_msg("fact %d is lost", (int)fact);
        loading_free(l);
        scene_end(&c);
    }
}

static void test_failed_and_skipped(void **state)
{
    struct store_scene *s = *state;
    struct account failed = {.id = "222222222222", .outcome = OUTCOME_FAILED};
    const struct account skipped = {.id = "111111111111", .state = VIEW_LITERAL("SUSPENDED")};
    const struct account *loaded;
    store_open(s, DATABASE_MAKE);
    failed.failed_stage = "AssumeRole";
    failed.report_at_s = TIMESTAMP_NONE;
    error_set(&failed.failed, ERROR_SERVICE, "no such role");
    snprintf(failed.failed.code, sizeof(failed.failed.code), "AccessDenied");
    struct recording *r = begin(s, "r1", START);
    assert_int_equal(recording_skipped(r, &skipped, &s->e), 0);
    assert_int_equal(recording_account(r, &failed, &s->e), 0);
    finish(s, r, 0);
    struct loading *l = load(s, "r1", &loaded);
    assert_string_equal(loaded->id, "222222222222");
    assert_int_equal(loaded->outcome, OUTCOME_FAILED);
    assert_string_equal(loaded->failed_stage, "AssumeRole");
    assert_string_equal(error_code(&loaded->failed), "AccessDenied");
    assert_string_equal(loaded->failed.text, "no such role");
    loading_free(l);
    assert_string_equal(store_ask(s, "SELECT accounts || ' ' || failed || ' ' || skipped FROM run"),
                        "2 1 1");
    assert_string_equal(store_ask(s, "SELECT outcome || state FROM account "
                                     "WHERE account_id = '111111111111'"),
                        "skippedSUSPENDED");
}

/* A run that is not finished leaves nothing, and the database can be used again. */
static void test_abandoned(void **state)
{
    struct store_scene *s = *state;
    struct scene c;
    struct user bob, *users[2];
    store_open(s, DATABASE_MAKE);
    fill_account(&c, &bob, users);
    struct recording *r = begin(s, "r1", START);
    assert_int_equal(recording_account(r, &c.account, &s->e), 0);
    recording_free(r);
    assert_string_equal(store_ask(s, "SELECT (SELECT count(*) FROM run) + "
                                     "(SELECT count(*) FROM user) + (SELECT count(*) FROM tag)"),
                        "0");
    record(s, "r1", &c.account);
    assert_null(recording_begin(&s->db, &run, &s->e));
    assert_non_null(strstr(s->e.text, "has the run r1 already"));
    scene_end(&c);
}

/* Users of one id, as if one was renamed while the list was read: the first one is kept. */
static void test_same_id(void **state)
{
    struct store_scene *s = *state;
    struct scene c;
    struct user bob, *users[2];
    store_open(s, DATABASE_MAKE);
    fill_account(&c, &bob, users);
    c.user.id = bob.id;
    record(s, "r1", &c.account);
    assert_string_equal(store_ask(s, "SELECT users FROM run"), "1");
    assert_string_equal(store_ask(s, "SELECT user_name FROM user"), "=bob");
    assert_string_equal(store_ask(s, "SELECT count(*) FROM tag"), "0");
    scene_end(&c);
}

static const char *found(struct store_scene *s, const char *name)
{
    static char text[1200];
    struct stored_run r;
    if (stored_run_find(&s->db, name, &r, &s->e) == 0)
        snprintf(text, sizeof(text), "%s", r.run_id);
    else
        snprintf(text, sizeof(text), "%s", s->e.text);
    stored_run_release(&r);
    return text;
}

static void test_runs(void **state)
{
    struct store_scene *s = *state;
    struct scene c;
    struct user bob, *users[2];
    int64_t deleted;
    store_open(s, DATABASE_MAKE);
    assert_non_null(strstr(found(s, NULL), "holds no run"));
    fill_account(&c, &bob, users);
    finish(s, begin(s, "late", "2024-06-03T00:00:00Z"), 0);
    record(s, "b", &c.account);
    record(s, "a", &c.account); /* of the same second, and recorded later */
    assert_string_equal(found(s, NULL), "late");
    assert_string_equal(found(s, "-0"), "late");
    assert_string_equal(found(s, "-1"), "a");
    assert_string_equal(found(s, "-2"), "b");
    assert_string_equal(found(s, "b"), "b");
    assert_non_null(strstr(found(s, "-3"), "has no run '-3'"));
    assert_non_null(strstr(found(s, "c"), "has no run 'c': see 'iam-census history /"));
    assert_int_equal(stored_runs_prune(&s->db, 2, &deleted, &s->e), 0);
    assert_int_equal(deleted, 1);
    assert_non_null(strstr(found(s, "b"), "has no run"));
    assert_string_equal(store_ask(s, "SELECT group_concat(DISTINCT run_id) FROM user"), "a");
    finish(s, begin(s, "new", "2024-06-04T00:00:00Z"), 1);
    assert_string_equal(store_ask(s, "SELECT group_concat(run_id) FROM run"), "new");
    assert_string_equal(store_ask(s, "SELECT count(*) FROM account"), "0");
    scene_end(&c);
}

/* What others may have written into the file is refused, and named. */
static void test_damaged_content(void **state)
{
    static const char *const rows[][2] = {
        {"UPDATE user SET created_at = 'x'", "'x' in user.created_at is not a time"},
        {"UPDATE user SET mfa_enabled = 2", "'2' in user.mfa_enabled is not 0 or 1"},
        {"UPDATE user SET unknown = '{}'", "in user.unknown is not a list"},
        {"UPDATE user SET unknown = '[\"x\"]'", "in user.unknown is not a list"},
        {"UPDATE user SET unknown = '[1]'", "in user.unknown is not a list"},
        {"UPDATE user SET admin_via = '[1]'", "'[1]' in user.admin_via is not a list of texts"},
        {"UPDATE access_key SET unknown = '['", "in access_key.unknown is not a list"},
        {"UPDATE tag SET user_id = 'none'", "'none' in tag.user_id is not a user of the run"},
        {"UPDATE policy SET kind = 'x'", "'x' in policy.kind is not 'attached'"},
        {"UPDATE account SET unknown = 'x'", "'x' in account.unknown is not a list"},
        {"UPDATE account SET outcome = 'x'", "'x' in account.outcome is not an outcome"},
        {"UPDATE account SET root_mfa_kind = 'x'", "'x' in account.root_mfa_kind is not a kind"},
    };
    struct store_scene *s = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scene c;
        struct user bob, *users[2];
        struct stored_run last;
        const struct account *loaded;
        store_open(s, DATABASE_MAKE);
        fill_account(&c, &bob, users);
        record(s, "r1", &c.account);
        store_execute(s, rows[i][0]);
        assert_int_equal(stored_run_find(&s->db, NULL, &last, &s->e), 0);
        struct loading *l = loading_begin(&s->db, &last, &s->e);
        assert_int_equal(loading_next(l, &loaded, &s->e), -1);
        assert_int_equal(s->e.kind, ERROR_CONFIG);
        if (!strstr(s->e.text, rows[i][1]))
            fail_msg("%s: %s", rows[i][0], s->e.text);
        loading_free(l);
        stored_run_release(&last);
        scene_end(&c);
        database_close(&s->db);
        assert_int_equal(unlink(s->path), 0);
    }
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, store_setup, store_teardown)
    const struct CMUnitTest tests[] = {
        T(test_everything),      T(test_each_fact_unknown), T(test_failed_and_skipped),
        T(test_abandoned),       T(test_same_id),           T(test_runs),
        T(test_damaged_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
