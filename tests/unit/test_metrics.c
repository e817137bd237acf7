/* SPDX-License-Identifier: MIT */
/* Metrics of a run: a line of CloudWatch's Embedded Metric Format, and in it the run's figures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/metrics.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STARTED_S 1706693400             /* 2024-01-31T09:30:00Z */
#define NOW_MS    INT64_C(1706693401234) /* a second later */
#define RUN_ID    "0123456789abcdef0123456789abcdef"
/* A document of CloudWatch Logs may be so long, and must not be cut. */
#define EVENT_MAX ((size_t)256 * 1024)

struct scene {
    struct result result;
    const char *function_name;
    struct buffer line;
};

static int scene_begin(void **state)
{
    static struct scene s;
    s.function_name = NULL;
    result_init(&s.result, STARTED_S, RUN_ID);
    buffer_init(&s.line, EVENT_MAX);
    *state = &s;
    return 0;
}

static int scene_end(void **state)
{
    struct scene *s = *state;
    result_release(&s->result);
    buffer_release(&s->line);
    return 0;
}

static json_t *parse(const char *text, size_t len)
{
    json_error_t where;
    json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &where);
    if (!root)
        fail_msg("%s: %.*s", where.text, (int)len, text);
    return root;
}

static json_t *format(struct scene *s)
{
    buffer_clear(&s->line);
    metrics_format(&s->result, s->function_name, NOW_MS, &s->line);
    /* One event is one line. */
    assert_int_equal(s->line.data[s->line.len - 1], '\n');
    assert_ptr_equal(memchr(s->line.data, '\n', s->line.len), s->line.data + s->line.len - 1);
    return parse(buffer_text(&s->line), s->line.len);
}

static void fill(struct scene *s)
{
    struct result *r = &s->result;
    r->successful.count = 197;
    r->partial.count = 2;
    r->failed.count = 1;
    r->rows = 10420;
    r->duration_ms = 3812;
    r->counters = (struct aws_counters){12345, 30, 20};
}

/* The metrics, their units and, for fill(), their values. */
static const struct {
    const char *name, *unit;
    json_int_t value;
} wanted[] = {
    {"AccountsSucceeded", "Count", 197},
    {"AccountsPartial", "Count", 2},
    {"AccountsFailed", "Count", 1},
    {"Users", "Count", 10420},
    {"ApiCalls", "Count", 12345},
    {"Throttled", "Count", 20},
    {"DurationMs", "Milliseconds", 3812},
    /* only of a run with findings: */
    {"FindingsCritical", "Count", 3},
    {"FindingsHigh", "Count", 0},
    {"FindingsUnknown", "Count", 11},
};
#define WITH_FINDINGS (sizeof(wanted) / sizeof(wanted[0]))
#define WANTED        (WITH_FINDINGS - 3)

static void test_values(void **state)
{
    struct scene *s = *state;
    fill(s);
    json_t *root = format(s);
    for (size_t i = 0; i < WANTED; i++) {
        const json_t *value = json_object_get(root, wanted[i].name);
        if (!json_is_integer(value))
            fail_msg("no number %s", wanted[i].name);
        assert_int_equal(json_integer_value(value), wanted[i].value);
    }
    assert_string_equal(json_string_value(json_object_get(root, "run_id")), RUN_ID);
    assert_int_equal(json_object_size(root), WANTED + 2);
    json_decref(root);
}

/* Failures that a suppression covers don't count, unknown ones do, of all severities. */
static void test_findings(void **state)
{
    struct scene *s = *state;
    fill(s);
    s->result.findings.judged = true;
    s->result.findings.by[SEVERITY_CRITICAL][STATUS_FAIL] = 3;
    s->result.findings.by[SEVERITY_HIGH][STATUS_SUPPRESSED] = 9;
    s->result.findings.by[SEVERITY_HIGH][STATUS_UNKNOWN] = 10;
    s->result.findings.by[SEVERITY_INFO][STATUS_UNKNOWN] = 1;
    s->result.findings.by[SEVERITY_MEDIUM][STATUS_FAIL] = 5;
    json_t *root = format(s);
    for (size_t i = 0; i < WITH_FINDINGS; i++)
        assert_int_equal(json_integer_value(json_object_get(root, wanted[i].name)),
                         wanted[i].value);
    assert_int_equal(json_object_size(root), WITH_FINDINGS + 2);
    json_decref(root);
}

/* Specification: _aws.Timestamp in ms, CloudWatchMetrics of Namespace, Dimensions and Metrics. */
static void test_definitions(void **state)
{
    struct scene *s = *state;
    fill(s);
    json_t *root = format(s);
    const json_t *aws = json_object_get(root, "_aws");
    assert_int_equal(json_object_size(aws), 2);
    assert_int_equal(json_integer_value(json_object_get(aws, "Timestamp")), NOW_MS);
    const json_t *directives = json_object_get(aws, "CloudWatchMetrics");
    assert_int_equal(json_array_size(directives), 1);
    const json_t *directive = json_array_get(directives, 0);
    assert_int_equal(json_object_size(directive), 3);
    assert_string_equal(json_string_value(json_object_get(directive, "Namespace")), "iam-census");
    const json_t *dimensions = json_object_get(directive, "Dimensions");
    assert_int_equal(json_array_size(dimensions), 1);
    assert_true(json_is_array(json_array_get(dimensions, 0)));
    assert_int_equal(json_array_size(json_array_get(dimensions, 0)), 0);
    const json_t *metrics = json_object_get(directive, "Metrics");
    assert_int_equal(json_array_size(metrics), WANTED);
    for (size_t i = 0; i < WANTED; i++) {
        const json_t *metric = json_array_get(metrics, i);
        assert_string_equal(json_string_value(json_object_get(metric, "Name")), wanted[i].name);
        assert_string_equal(json_string_value(json_object_get(metric, "Unit")), wanted[i].unit);
    }
    json_decref(root);
}

/* Specification: each dimension of a set is a member of the root, a string. */
static void test_the_function_is_a_dimension(void **state)
{
    struct scene *s = *state;
    fill(s);
    s->function_name = "census-\"2\"";
    json_t *root = format(s);
    const json_t *directive =
        json_array_get(json_object_get(json_object_get(root, "_aws"), "CloudWatchMetrics"), 0);
    const json_t *dimensions = json_object_get(directive, "Dimensions");
    assert_int_equal(json_array_size(dimensions), 1);
    const json_t *set = json_array_get(dimensions, 0);
    assert_int_equal(json_array_size(set), 1);
    assert_string_equal(json_string_value(json_array_get(set, 0)), "FunctionName");
    assert_string_equal(json_string_value(json_object_get(root, "FunctionName")), s->function_name);
    assert_int_equal(json_object_size(root), WANTED + 3);
    json_decref(root);
}

static void test_nothing_was_read(void **state)
{
    json_t *root = format(*state);
    for (size_t i = 0; i < WANTED; i++) {
        assert_true(json_is_integer(json_object_get(root, wanted[i].name)));
        assert_int_equal(json_integer_value(json_object_get(root, wanted[i].name)), 0);
    }
    json_decref(root);
}

static void test_large_numbers(void **state)
{
    struct scene *s = *state;
    s->result.rows = UINT64_C(50000000);
    s->result.counters.requests = UINT64_C(4000000000000);
    json_t *root = format(s);
    assert_int_equal(json_integer_value(json_object_get(root, "Users")), 50000000);
    assert_int_equal(json_integer_value(json_object_get(root, "ApiCalls")), 4000000000000);
    json_decref(root);
}

/* metrics_write with standard output in a file: how many bytes came. */
static size_t written(struct scene *s, char *text, size_t size)
{
    char path[] = "/tmp/test_metrics.XXXXXX";
    int file = mkstemp(path), kept = dup(STDOUT_FILENO);
    assert_true(file >= 0 && kept >= 0);
    assert_int_equal(unlink(path), 0);
    fflush(stdout);
    assert_int_equal(dup2(file, STDOUT_FILENO), STDOUT_FILENO);
    metrics_write(&s->result, clock_system());
    assert_int_equal(dup2(kept, STDOUT_FILENO), STDOUT_FILENO);
    ssize_t len = pread(file, text, size, 0);
    assert_true(len >= 0 && (size_t)len < size);
    assert_int_equal(close(file) + close(kept), 0);
    return (size_t)len;
}

static void test_on_stdout(void **state)
{
    struct scene *s = *state;
    static char text[EVENT_MAX];
    fill(s);
    assert_int_equal(setenv("AWS_LAMBDA_FUNCTION_NAME", "census", 1), 0);
    size_t len = written(s, text, sizeof(text));
    assert_true(len > 0);
    assert_int_equal(text[len - 1], '\n');
    json_t *root = parse(text, len);
    assert_string_equal(json_string_value(json_object_get(root, "FunctionName")), "census");
    json_int_t at_ms =
        json_integer_value(json_object_get(json_object_get(root, "_aws"), "Timestamp"));
    assert_true(at_ms > NOW_MS); /* today */
    assert_int_equal(json_integer_value(json_object_get(root, "Users")), 10420);
    json_decref(root);
}

/* As in a sandbox whose log is gone: it is lost, and nothing else is. */
static void test_stdout_that_is_closed(void **state)
{
    struct scene *s = *state;
    fill(s);
    fflush(stdout);
    int kept = dup(STDOUT_FILENO);
    assert_true(kept >= 0);
    assert_int_equal(close(STDOUT_FILENO), 0);
    metrics_write(&s->result, clock_system());
    assert_int_equal(dup2(kept, STDOUT_FILENO), STDOUT_FILENO);
    assert_int_equal(close(kept), 0);
    assert_int_equal(s->result.rows, 10420);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)
    const struct CMUnitTest tests[] = {
        TEST(test_values),           TEST(test_findings),
        TEST(test_definitions),      TEST(test_the_function_is_a_dimension),
        TEST(test_nothing_was_read), TEST(test_large_numbers),
        TEST(test_on_stdout),        TEST(test_stdout_that_is_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
