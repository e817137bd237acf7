/* SPDX-License-Identifier: MIT */
/* Parts of the page: what was not read, the newest runs, and more accounts than it shows. */
#include "store_scene.h"

#include "base/buffer.h"
#include "base/timestamp.h"
#include "page/account_list.h"
#include "page/gaps.h"
#include "page/run_list.h"
#include "store/recording.h"

#define OUT_MAX ((size_t)1024 * 1024)
#define FAILED  700
#define RUNS    60
#define MANY    1100 /* accounts, in as many units as they have residues: */
#define UNITS   30

static const char *gaps_of(struct buffer *out, const char *result)
{
    buffer_clear(out);
    gaps_write(result, out);
    return buffer_text(out);
}

static unsigned count_of(const char *text, const char *part)
{
    unsigned count = 0;
    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
        count++;
    return count;
}

static void test_gaps(void **state)
{
    struct buffer out;
    (void)state;
    buffer_init(&out, OUT_MAX);
    assert_non_null(strstr(gaps_of(&out, NULL), "has no result document"));
    assert_non_null(strstr(gaps_of(&out, "{"), "has no result document"));
    assert_non_null(strstr(gaps_of(&out, "{}"), "Every account was read whole."));
    assert_non_null(strstr(gaps_of(&out, "{\"failed_accounts\":[]}"), "was read whole."));
    const char *text = gaps_of(
        &out,
        "{\"skipped_accounts\":[{\"account_id\":\"3\",\"state\":\"SUSPENDED<\"}],"
        "\"failed_accounts\":[{\"account_id\":\"1\",\"stage\":\"AssumeRole\",\"code\":\"Denied\"}],"
        "\"partial_accounts\":[{\"account_id\":\"2\",\"unknown\":[\"tags\",\"groups\"],"
        "\"errors\":[{\"operation\":\"ListUserTags\",\"code\":\"AccessDenied\"}]}]}");
    const char *failed = strstr(text, ">1</th><td>not read</td><td>AssumeRole: Denied</td>");
    const char *partial = strstr(text, ">2</th><td>partly</td><td>unknown for some users: tags, "
                                       "groups; ListUserTags: AccessDenied</td>");
    const char *skipped = strstr(text, ">3</th><td>left out</td><td>its state in the organization "
                                       "is SUSPENDED&lt;</td>");
    assert_non_null(failed);
    assert_true(partial > failed); /* the worst first, whatever the order in the document */
    assert_true(skipped > partial);
    buffer_release(&out);
}

static void test_gaps_of_many(void **state)
{
    struct buffer out, document;
    (void)state;
    buffer_init(&out, OUT_MAX);
    buffer_init(&document, OUT_MAX);
    buffer_add_text(&document, "{\"failed_accounts\":[");
    for (int i = 0; i < FAILED; i++)
        buffer_addf(&document, "%s{\"account_id\":\"%012d\"}", i > 0 ? "," : "", i);
    buffer_add_text(&document, "]}");
    const char *text = gaps_of(&out, buffer_text(&document));
    const char *told = strstr(text, "<p>The first ");
    assert_non_null(told);
    unsigned long shown = strtoul(told + strlen("<p>The first "), NULL, 10);
    assert_in_range(shown, 1, FAILED - 1);
    assert_int_equal(count_of(text, "<tr><th scope=\"row\">"), shown);
    assert_non_null(strstr(told, " of 700 accounts.</p>"));
    buffer_release(&document);
    buffer_release(&out);
}

static void record(struct store_scene *s, int number)
{
    char id[16];
    snprintf(id, sizeof(id), "%d", number);
    const struct recording_run run = {.run_id = id,
                                      .started_s = INT64_C(1700000000) + number * 86400,
                                      .strategy = "auto",
                                      .columns = "full",
                                      .version = "0"};
    const struct recording_end end = {.finished_s = run.started_s + 1,
                                      .oldest_report_s = TIMESTAMP_NONE,
                                      .result = VIEW_LITERAL("{}")};
    struct recording *r = recording_begin(&s->db, &run, &s->e);
    if (!r || recording_finish(r, &end, &s->e) != 0)
        fail_msg("%s", s->e.text);
    recording_free(r);
}

/* The newest ones, the oldest of them first. */
static void test_runs(void **state)
{
    struct store_scene *s = *state;
    struct buffer out;
    buffer_init(&out, OUT_MAX);
    store_open(s, DATABASE_MAKE);
    for (int i = 0; i < RUNS; i++)
        record(s, i);
    if (run_list_write(&s->db, &out, &s->e) != 0)
        fail_msg("%s", s->e.text);
    const char *text = buffer_text(&out);
    const char *last = strstr(text, "2024-01-12 22:13"), *before = strstr(text, "2024-01-11 22:13");
    assert_non_null(last);
    assert_non_null(before);
    assert_true(before < last);
    assert_null(strstr(text, "2023-11-14")); /* the first run of all */
    store_execute(s, "UPDATE run SET started_at = 'yesterday' WHERE run_id = '7'");
    assert_int_equal(run_list_write(&s->db, &out, &s->e), -1);
    assert_non_null(strstr(s->e.text, "yesterday"));
    buffer_release(&out);
}

/* Account number i has i % UNITS failures, and its unit is named after them. */
static void add_account(struct account_list *l, int i)
{
    char unit[64];
    struct account account = {.outcome = i == 7 ? OUTCOME_FAILED : OUTCOME_SUCCEEDED,
                              .user_count = 3};
    snprintf(account.id, sizeof(account.id), "%012d", i);
    snprintf(unit, sizeof(unit), "o-1/r-1/ou-%02d/%012d/", i % UNITS, i);
    account.ou = view_of(unit);
    account_list_add(l, &account, 1);
    for (int n = 0; n < i % UNITS; n++)
        account_list_finding(l, &(struct finding){.status = STATUS_FAIL});
    account_list_finding(l, &(struct finding){.status = STATUS_UNKNOWN});
    account_list_finding(l, &(struct finding){.status = STATUS_PASS});
}

static void test_many_accounts(void **state)
{
    struct account_list l;
    struct buffer out;
    (void)state;
    buffer_init(&out, OUT_MAX);
    account_list_init(&l);
    for (int i = 0; i < MANY; i++)
        add_account(&l, i);
    account_list_write(&l, &out);
    const char *text = buffer_text(&out);
    assert_non_null(strstr(text, "<p>The 1000 of 1100 accounts with most failures.</p>"));
    assert_int_equal(count_of(text, "<svg class=\"bar\""), 1000);
    /* The worst come first; equal ones in the order of their ids. */
    const char *first = strstr(text, ">000000000029<"), *second = strstr(text, ">000000000059<");
    assert_true(first && second && first < second);
    assert_null(strstr(text, ">000000000030<")); /* it has none */
    assert_non_null(strstr(text, "all other units"));
    assert_non_null(strstr(text, ">ou-29<"));
    account_list_release(&l);
    buffer_release(&out);
}

/* Units that have as much are in the order of their names; an account may have none. */
static void test_units(void **state)
{
    static const char *const paths[] = {"o-1/r-1/ou-b/2/", "o-1/r-1/ou-a/1/", ""};
    struct account_list l;
    struct buffer out;
    (void)state;
    buffer_init(&out, OUT_MAX);
    account_list_init(&l);
    for (size_t i = 0; i < 3; i++) {
        struct account account = {.id = "111111111111"};
        account.ou = *paths[i] ? view_of(paths[i]) : VIEW_NONE;
        account_list_add(&l, &account, 0);
    }
    account_list_write(&l, &out);
    const char *text = buffer_text(&out);
    const char *a = strstr(text, "ou-a"), *b = strstr(text, "ou-b");
    const char *none = strstr(text, "unit not known");
    assert_true(a && b && none && a < b && b < none);
    assert_null(strstr(text, "all other units"));
    account_list_release(&l);
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_gaps_of_many),
        cmocka_unit_test(test_many_accounts),
        cmocka_unit_test(test_units),
        cmocka_unit_test_setup_teardown(test_runs, store_setup, store_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
