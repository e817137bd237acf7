/* SPDX-License-Identifier: MIT */
/* The bodies of the function's answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/lambda_answer.h"
#include "base/log.h"

#include <jansson.h>
#include <stdio.h>

static int begin(void **state)
{
    static struct buffer out;
    log_configure(LOG_ERROR, LOG_TEXT, NULL);
    buffer_init(&out, (size_t)64 * 1024 * 1024);
    buffer_add_text(&out, "of the invocation before");
    *state = &out;
    return 0;
}

static int end(void **state)
{
    buffer_release(*state);
    return 0;
}

/* The document in the body of an answer; the caller owns the reference. */
static json_t *body_of(const struct buffer *out, int status)
{
    json_t *answer = json_loadb(buffer_text(out), out->len, 0, NULL);
    assert_int_equal(json_integer_value(json_object_get(answer, "statusCode")), status);
    const char *body = json_string_value(json_object_get(answer, "body"));
    assert_non_null(body);
    json_t *document = json_loads(body, 0, NULL);
    assert_non_null(document);
    json_decref(answer);
    return document;
}

static void test_failure(void **state)
{
    struct buffer *out = *state;
    lambda_answer_failure("a \"word\"\nand more", out);
    assert_string_equal(buffer_text(out),
                        "{\"statusCode\":500,\"body\":\"{\\\"message\\\":\\\"a \\\\\\\"word\\\\\\\""
                        "\\\\nand more\\\"}\"}");
}

static void test_error(void **state)
{
    struct buffer *out = *state;
    lambda_answer_error("AccessDenied", "not \"you\"", out);
    assert_string_equal(buffer_text(out), "{\"errorMessage\":\"not \\\"you\\\"\",\"errorType\":"
                                          "\"AccessDenied\",\"stackTrace\":[]}");
}

static void test_step(void **state)
{
    struct buffer *out = *state;
    struct buffer body;
    buffer_init(&body, 100);
    buffer_add_text(&body, "{\"batch\":1}");
    lambda_answer_step(&body, out);
    assert_string_equal(buffer_text(out), "{\"statusCode\":200,\"body\":\"{\\\"batch\\\":1}\"}");
    /* An answer that was cut must not look like a whole one. */
    buffer_spoil(&body);
    lambda_answer_step(&body, out);
    assert_false(buffer_complete(out));
    buffer_release(&body);
}

static void fill(struct result *r, int accounts)
{
    result_init(r, 1706693400, "r1");
    for (int i = 0; i < accounts; i++) {
        struct account a = {.outcome = OUTCOME_FAILED, .failed_stage = "AssumeRole"};
        snprintf(a.id, sizeof(a.id), "%012d", i);
        error_set(&a.failed, ERROR_SERVICE, "role %d may not be assumed, for a long reason", i);
        result_add(r, &a);
    }
}

static void test_result(void **state)
{
    struct buffer *out = *state;
    struct result r;
    fill(&r, 2);
    lambda_answer_result(&r, out);
    json_t *document = body_of(out, 200);
    const json_t *failed = json_object_get(document, "failed_accounts");
    assert_int_equal(json_array_size(failed), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(failed, 1), "stage")),
                        "AssumeRole");
    json_decref(document);
    result_release(&r);
}

/* Over the bound of Lambda details go, and all accounts stay. */
static void test_result_that_is_too_long(void **state)
{
    struct buffer *out = *state;
    struct result r;
    fill(&r, 60000);
    lambda_answer_result(&r, out);
    assert_in_range(out->len, 1000000, LAMBDA_ANSWER_MAX_BYTES);
    json_t *document = body_of(out, 200);
    const json_t *failed = json_object_get(document, "failed_accounts");
    assert_int_equal(json_array_size(failed), 60000);
    assert_int_equal(json_object_size(json_array_get(failed, 0)), 1);
    json_decref(document);
    result_release(&r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_failure),
        TEST(test_error),
        TEST(test_step),
        TEST(test_result),
        TEST(test_result_that_is_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
