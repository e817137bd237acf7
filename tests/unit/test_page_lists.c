/* SPDX-License-Identifier: MIT */
/* Parts of the page: what was not read, and the newest runs. */
#include "store_scene.h"

#include "base/buffer.h"
#include "base/timestamp.h"
#include "page/gaps.h"
#include "page/run_list.h"
#include "store/recording.h"

#define OUT_MAX ((size_t)1024 * 1024)
#define FAILED  700
#define RUNS    60

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_gaps_of_many),
        cmocka_unit_test_setup_teardown(test_runs, store_setup, store_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
