/* SPDX-License-Identifier: MIT */
/* Which findings are opened and closed between two runs that were recorded. */
#include "store_scene.h"
#include "writer_scene.h"

#include "rules/rule.h"
#include "store/recording.h"
#include "store/run_comparison.h"

#define ID     "111111111111"
#define BOTH   "[\"root-mfa\",\"user-console-mfa\",\"user-key-unused\"]"
#define USERS  8
#define MANY   100
#define ARN_OF "arn:aws:iam::" ID ":user/"

struct side {
    struct account account;
    struct user users[USERS], *list[USERS];
    char arns[USERS][64];
};

struct both {
    struct store_scene *s;
    struct side old, new;
    struct buffer seen;
    uint64_t unknown;
    bool findings;
};

static void side_begin(struct side *side)
{
    *side = (struct side){.account = {.id = ID, .root = {.used_s = TIMESTAMP_NONE}}};
    side->account.users = side->list;
}

/* Names come in ascending order. */
static struct user *add_user(struct side *side, const char *name, const char *id)
{
    size_t i = side->account.user_count++;
    assert_true(i < USERS);
    snprintf(side->arns[i], sizeof(side->arns[i]), ARN_OF "%s", name);
    clear_user(&side->users[i], name, side->arns[i], id);
    return side->list[i] = &side->users[i];
}

static struct finding of_user(const struct side *side, const char *rule, const struct user *user,
                              const char *resource, enum finding_status status)
{
    return (struct finding){.rule = rule_find(view_of(rule)),
                            .status = status,
                            .account = &side->account,
                            .user = user,
                            .resource_type = !user      ? RESOURCE_ACCOUNT
                                             : resource ? RESOURCE_ACCESS_KEY
                                                        : RESOURCE_USER,
                            .resource_id = resource ? view_of(resource)
                                           : user   ? user->arn
                                                    : view_of(ID),
                            .reason = VIEW_LITERAL("why"),
                            .since_s = TIMESTAMP_NONE,
                            .data_as_of_s = TIMESTAMP_NONE};
}

static void record(struct both *b, const char *id, const char *started, const char *rules,
                   const struct side *side, const struct finding *findings, size_t count)
{
    const struct recording_run run = {.run_id = id,
                                      .started_s = at(started),
                                      .strategy = "auto",
                                      .columns = "full",
                                      .version = "0",
                                      .rules = rules};
    const struct recording_end end = {.finished_s = at(started) + 1,
                                      .oldest_report_s = TIMESTAMP_NONE,
                                      .result = rules ? VIEW_LITERAL("{\"findings\":{}}")
                                                      : VIEW_LITERAL("{}")};
    struct error e;
    struct recording *r = recording_begin(&b->s->db, &run, &e);
    int result = r ? recording_account(r, &side->account, &e) : -1;
    for (size_t i = 0; i < count && result == 0; i++) {
        char number[33];
        struct finding numbered = findings[i];
        snprintf(number, sizeof(number), "%032zu", i);
        numbered.id = number;
        result = recording_finding(r, &numbered, &e);
    }
    if (result != 0 || recording_finish(r, &end, &e) != 0)
        fail_msg("%s", e.text);
    recording_free(r);
}

static void record_old(struct both *b, const char *rules, const struct finding *findings,
                       size_t count)
{
    record(b, "1", "2024-06-01T12:00:00Z", rules, &b->old, findings, count);
}

static void record_new(struct both *b, const char *rules, const struct finding *findings,
                       size_t count)
{
    record(b, "2", "2024-06-02T12:00:00Z", rules, &b->new, findings, count);
}

static void on_difference(void *arg, const struct difference *d)
{
    struct both *b = arg;
    if (d->kind != DIFFERENCE_FINDING_OPENED && d->kind != DIFFERENCE_FINDING_CLOSED)
        return;
    buffer_addf(&b->seen, "%s %.*s", difference_kinds[d->kind].name,
                VIEW_ARG(d->kind == DIFFERENCE_FINDING_OPENED ? d->after : d->before));
    if (d->user_name.ptr)
        buffer_addf(&b->seen, " of %.*s", VIEW_ARG(d->user_name));
    buffer_addf(&b->seen, ": %.*s\n", VIEW_ARG(d->resource_id));
}

static void on_not_compared(void *arg, const char *account_id, const char *why)
{
    (void)arg;
    fail_msg("%s is not compared: %s", account_id, why);
}

static const char *compare(struct both *b)
{
    struct stored_run before, after;
    struct error e;
    assert_int_equal(stored_run_find(&b->s->db, "1", &before, &e), 0);
    assert_int_equal(stored_run_find(&b->s->db, "2", &after, &e), 0);
    struct run_comparison r = {.before_db = &b->s->db,
                               .after_db = &b->s->db,
                               .before = &before,
                               .after = &after,
                               .take = on_difference,
                               .not_compared = on_not_compared,
                               .arg = b};
    if (run_comparison_run(&r, &e) != 0)
        fail_msg("%s", e.text);
    b->unknown = r.unknown;
    b->findings = r.findings;
    stored_run_release(&before);
    stored_run_release(&after);
    return buffer_text(&b->seen);
}

static void begin(struct both *b, void **state)
{
    *b = (struct both){.s = *state};
    side_begin(&b->old);
    side_begin(&b->new);
    buffer_init(&b->seen, 65536);
    store_open(b->s, DATABASE_MAKE);
}

static void test_opened_and_closed(void **state)
{
    struct both b;
    begin(&b, state);
    const struct user *ann = add_user(&b.old, "ann", "AIDA1");
    const struct user *bob = add_user(&b.old, "bob", "AIDA2");
    const struct user *now = add_user(&b.new, "ann", "AIDA1");
    add_user(&b.new, "bob", "AIDA2");
    const struct finding old[] = {of_user(&b.old, "root-mfa", NULL, NULL, STATUS_FAIL),
                                  of_user(&b.old, "user-console-mfa", ann, NULL, STATUS_FAIL),
                                  of_user(&b.old, "user-console-mfa", bob, NULL, STATUS_FAIL)};
    const struct finding new[] = {of_user(&b.new, "user-console-mfa", now, NULL, STATUS_FAIL),
                                  of_user(&b.new, "user-key-unused", now, "AKIA1", STATUS_FAIL)};
    record_old(&b, BOTH, old, 3);
    record_new(&b, BOTH, new, 2);
    const char *seen = compare(&b);
    assert_true(b.findings);
    assert_int_equal(b.unknown, 0);
    assert_non_null(strstr(seen, "finding_closed root-mfa: " ID "\n"));
    assert_non_null(strstr(seen, "finding_closed user-console-mfa of bob: " ARN_OF "bob\n"));
    assert_non_null(strstr(seen, "finding_opened user-key-unused of ann: AKIA1\n"));
    assert_null(strstr(seen, "user-console-mfa of ann"));
    buffer_release(&b.seen);
}

/* The same user under another name has the same findings; what is new is said of the new name. */
static void test_renamed(void **state)
{
    struct both b;
    begin(&b, state);
    const struct user *ann = add_user(&b.old, "ann", "AIDA1");
    const struct user *new_ann = add_user(&b.new, "ann", "AIDA9");
    const struct user *zoe = add_user(&b.new, "zoe", "AIDA1");
    const struct finding old[] = {of_user(&b.old, "user-console-mfa", ann, NULL, STATUS_FAIL),
                                  of_user(&b.old, "user-key-unused", ann, "AKIA1", STATUS_FAIL)};
    const struct finding new[] = {
        of_user(&b.new, "user-console-mfa", zoe, NULL, STATUS_FAIL),
        of_user(&b.new, "user-key-unused", new_ann, "AKIA2", STATUS_FAIL)};
    record_old(&b, BOTH, old, 2);
    record_new(&b, BOTH, new, 2);
    const char *seen = compare(&b);
    assert_null(strstr(seen, "user-console-mfa"));
    assert_non_null(strstr(seen, "finding_closed user-key-unused of zoe: AKIA1\n"));
    assert_non_null(strstr(seen, "finding_opened user-key-unused of ann: AKIA2\n"));
    buffer_release(&b.seen);
}

/* Somebody who is gone: the finding is closed, under the name that there was. */
static void test_gone(void **state)
{
    struct both b;
    begin(&b, state);
    const struct user *ann = add_user(&b.old, "ann", "AIDA1");
    add_user(&b.new, "bob", "AIDA2");
    add_user(&b.new, "zoe", "AIDA3");
    const struct finding old[] = {of_user(&b.old, "user-console-mfa", ann, NULL, STATUS_FAIL)};
    record_old(&b, BOTH, old, 1);
    record_new(&b, BOTH, NULL, 0);
    assert_string_equal(compare(&b), "finding_closed user-console-mfa of ann: " ARN_OF "ann\n");
    buffer_release(&b.seen);
}

/* Not known in one of the runs: no difference, and counted. */
static void test_unknown(void **state)
{
    struct both b;
    begin(&b, state);
    const struct user *ann = add_user(&b.old, "ann", "AIDA1");
    const struct user *now = add_user(&b.new, "ann", "AIDA1");
    const struct finding old[] = {of_user(&b.old, "user-console-mfa", ann, NULL, STATUS_FAIL),
                                  of_user(&b.old, "user-key-unused", ann, NULL, STATUS_UNKNOWN)};
    const struct finding new[] = {of_user(&b.new, "user-console-mfa", now, NULL, STATUS_UNKNOWN),
                                  of_user(&b.new, "user-key-unused", now, "AKIA1", STATUS_FAIL)};
    record_old(&b, BOTH, old, 2);
    record_new(&b, BOTH, new, 2);
    assert_string_equal(compare(&b), "");
    assert_int_equal(b.unknown, 2);
    buffer_release(&b.seen);
}

/* A rule that was not judged in the other run says nothing about it. */
static void test_rules_that_were_not_judged(void **state)
{
    struct both b;
    begin(&b, state);
    const struct user *ann = add_user(&b.old, "ann", "AIDA1");
    const struct user *now = add_user(&b.new, "ann", "AIDA1");
    const struct finding old[] = {of_user(&b.old, "user-key-unused", ann, "AKIA1", STATUS_FAIL)};
    const struct finding new[] = {of_user(&b.new, "user-console-mfa", now, NULL, STATUS_FAIL)};
    record_old(&b, "[\"user-key-unused\"]", old, 1);
    record_new(&b, "[\"user-console-mfa\"]", new, 1);
    assert_string_equal(compare(&b), "");
    assert_int_equal(b.unknown, 2);
    buffer_release(&b.seen);
}

static void test_runs_without_findings(void **state)
{
    struct both b;
    begin(&b, state);
    const struct user *ann = add_user(&b.old, "ann", "AIDA1");
    add_user(&b.new, "ann", "AIDA1");
    const struct finding old[] = {of_user(&b.old, "user-console-mfa", ann, NULL, STATUS_FAIL)};
    record_old(&b, BOTH, old, 1);
    record_new(&b, NULL, NULL, 0);
    assert_string_equal(compare(&b), "");
    assert_false(b.findings);
    buffer_release(&b.seen);
}

/* More findings than the list has room for at first. */
static void test_many(void **state)
{
    struct both b;
    static char keys[MANY][16];
    struct finding old[MANY], new[MANY];
    begin(&b, state);
    const struct user *ann = add_user(&b.old, "ann", "AIDA1");
    const struct user *now = add_user(&b.new, "ann", "AIDA1");
    for (size_t i = 0; i < MANY; i++) {
        snprintf(keys[i], sizeof(keys[i]), "AKIA%03zu", (i * 37) % MANY);
        old[i] = of_user(&b.old, "user-key-unused", ann, keys[i], STATUS_FAIL);
        new[MANY - 1 - i] = of_user(&b.new, "user-key-unused", now, keys[i], STATUS_FAIL);
    }
    record_old(&b, BOTH, old, MANY);
    record_new(&b, BOTH, new, MANY - 1); /* without the first key */
    assert_string_equal(compare(&b), "finding_closed user-key-unused of ann: AKIA000\n");
    buffer_release(&b.seen);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, store_setup, store_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_opened_and_closed),
        TEST(test_renamed),
        TEST(test_gone),
        TEST(test_unknown),
        TEST(test_rules_that_were_not_judged),
        TEST(test_runs_without_findings),
        TEST(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
