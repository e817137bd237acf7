/* SPDX-License-Identifier: MIT */
/* How many findings a run has: counted, written, and merged from the parts of a fan-out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/findings_tally.h"

#include <stdlib.h>
#include <string.h>

struct scene {
    struct arena arena;
    struct buffer text;
};

static int scene_begin(void **state)
{
    static struct scene s;
    arena_init(&s.arena);
    buffer_init(&s.text, 4096);
    *state = &s;
    return 0;
}

static int scene_end(void **state)
{
    struct scene *s = *state;
    arena_release(&s->arena);
    buffer_release(&s->text);
    return 0;
}

static json_t *write(struct scene *s, const struct findings_tally *t)
{
    struct json_writer w;
    buffer_clear(&s->text);
    json_writer_init(&w, &s->text);
    findings_tally_write(t, &w);
    json_t *root = json_loads(buffer_text(&s->text), JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    return root;
}

static void test_written(void **state)
{
    struct findings_tally t = {.judged = true};
    size_t lines[] = {2, 7};
    t.by[SEVERITY_CRITICAL][STATUS_FAIL] = 3;
    t.by[SEVERITY_INFO][STATUS_SUPPRESSED] = 4;
    t.unmatched = lines;
    t.unmatched_count = 2;
    json_decref(write(*state, &t));
    assert_string_equal(
        buffer_text(&((struct scene *)*state)->text),
        "{\"critical\":{\"fail\":3,\"pass\":0,\"unknown\":0,\"not_applicable\":0,\"suppressed\":0},"
        "\"high\":{\"fail\":0,\"pass\":0,\"unknown\":0,\"not_applicable\":0,\"suppressed\":0},"
        "\"medium\":{\"fail\":0,\"pass\":0,\"unknown\":0,\"not_applicable\":0,\"suppressed\":0},"
        "\"low\":{\"fail\":0,\"pass\":0,\"unknown\":0,\"not_applicable\":0,\"suppressed\":0},"
        "\"info\":{\"fail\":0,\"pass\":0,\"unknown\":0,\"not_applicable\":0,\"suppressed\":4},"
        "\"unmatched_suppressions\":[2,7]}");
}

/* More lines than the text names: it counts the rest. */
static void test_many_unmatched(void **state)
{
    static size_t lines[50];
    struct findings_tally t = {.unmatched = lines, .unmatched_count = 50};
    struct buffer out;
    (void)state;
    for (size_t i = 0; i < 50; i++)
        lines[i] = i + 2;
    buffer_init(&out, 4096);
    findings_tally_write_text(&t, &out);
    const char *told = strstr(buffer_text(&out), "suppressions that matched nothing: lines 2, 3, ");
    const char *more = told ? strstr(told, " and ") : NULL;
    assert_non_null(more);
    size_t left = strtoul(more + strlen(" and "), NULL, 10), named = 1;
    for (const char *at = told; at < more; at++)
        named += *at == ',';
    assert_int_equal(named + left, 50);
    assert_non_null(strstr(more, " more\n"));
    buffer_release(&out);
}

/* Counts add up; a line is unmatched only if it is in all parts. */
static void test_merged(void **state)
{
    struct scene *s = *state;
    struct findings_tally first = {.judged = true}, second = {.judged = true}, all = {0};
    size_t lines[] = {2, 5, 7}, others[] = {3, 7, 2};
    first.by[SEVERITY_HIGH][STATUS_FAIL] = 1;
    first.by[SEVERITY_LOW][STATUS_UNKNOWN] = 5;
    first.unmatched = lines;
    first.unmatched_count = 3;
    second.by[SEVERITY_HIGH][STATUS_FAIL] = 2;
    second.by[SEVERITY_HIGH][STATUS_UNKNOWN] = 1;
    second.unmatched = others;
    second.unmatched_count = 3;
    json_t *parts[] = {write(s, &first), write(s, &second)};
    findings_tally_merge(&all, parts[0], &s->arena);
    findings_tally_merge(&all, parts[1], &s->arena);
    assert_true(all.judged);
    assert_int_equal(findings_tally_failed(&all, SEVERITY_HIGH), 3);
    assert_int_equal(findings_tally_unknown(&all), 6);
    assert_int_equal(all.unmatched_count, 2);
    assert_int_equal(all.unmatched[0], 2);
    assert_int_equal(all.unmatched[1], 7);
    json_decref(parts[0]);
    json_decref(parts[1]);
}

/* A document of a run without findings. */
static void test_none(void **state)
{
    struct scene *s = *state;
    struct findings_tally t = {0};
    findings_tally_merge(&t, NULL, &s->arena);
    assert_false(t.judged);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_unmatched),
        cmocka_unit_test_setup_teardown(test_written, scene_begin, scene_end),
        cmocka_unit_test_setup_teardown(test_merged, scene_begin, scene_end),
        cmocka_unit_test_setup_teardown(test_none, scene_begin, scene_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
