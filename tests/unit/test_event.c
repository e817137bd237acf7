/* SPDX-License-Identifier: MIT */
/* Events: fields that are nearly ours, fields inside of others, and those that are none of ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/event.h"

#include <stdio.h>
#include <string.h>

static int check(const char *text, struct error *e)
{
    json_error_t where;
    error_clear(e);
    json_t *event = json_loads(text, JSON_DECODE_ANY, &where);
    if (!event)
        fail_msg("%s: %s", text, where.text);
    int result = event_check(event, e);
    json_decref(event);
    return result;
}

static void assert_accepted(const char *text)
{
    struct error e;
    if (check(text, &e) != 0)
        fail_msg("%s: %s", text, e.text);
}

static void assert_refused(const char *text, const char *part)
{
    struct error e;
    if (check(text, &e) == 0)
        fail_msg("%s is accepted", text);
    assert_int_equal(e.kind, ERROR_CONFIG);
    if (!strstr(e.text, part))
        fail_msg("'%s' is not in '%s'", part, e.text);
}

/* The name in the event, and the field that is meant. */
static void test_near_misses(void **state)
{
    static const char *const rows[][2] = {
        {"child_account_id", "child_account_ids"},
        {"childAccountIds", "child_account_ids"},
        {"childAccountId", "child_account_ids"},
        {"ChildAccountIds", "child_account_ids"},
        {"CHILD_ACCOUNT_IDS", "child_account_ids"},
        {"child-account-ids", "child_account_ids"},
        {"chid_account_ids", "child_account_ids"},
        {"accounts", "child_account_ids"},
        {"account", "child_account_ids"},
        {"account_ids", "child_account_ids"},
        {"accountId", "child_account_ids"},
        {"AccountIDs", "child_account_ids"},
        {"exclude", "exclude_account_ids"},
        {"exclude_accounts", "exclude_account_ids"},
        {"excludeAccountIds", "exclude_account_ids"},
        {"excluded_account_ids", "exclude_account_ids"},
        {"ou", "organizational_unit_ids"},
        {"ouIds", "organizational_unit_ids"},
        {"organizational_units", "organizational_unit_ids"},
        {"organizationalUnitIds", "organizational_unit_ids"},
        {"organization", "organization_id"},
        {"organizationId", "organization_id"},
        {"roleName", "role_name"},
        {"role-name", "role_name"},
        {"rolename", "role_name"},
        {"role", "role_name"},
        {"role_arn", "role_name"},
        {"censusRole", "role_name"},
        {"ids", "child_account_ids"},
        {"prefix", "s3_prefix"},
        {"key_prefix", "s3_prefix"},
        {"kms_key", "sse_kms_key_id"},
        {"encryption", "sse"},
        {"externalId", "external_id"},
        {"s3Bucket", "s3_bucket_name"},
        {"bucket", "s3_bucket_name"},
        {"s3_bucket", "s3_bucket_name"},
        {"bucketName", "s3_bucket_name"},
        {"expectedBucketOwner", "expected_bucket_owner"},
        {"bucket_owner", "expected_bucket_owner"},
        {"s3prefix", "s3_prefix"},
        {"sseKmsKeyId", "sse_kms_key_id"},
        {"Format", "format"},
        {"output_format", "format"},
        {"column", "columns"},
        {"OUTPUT_COLUMNS", "columns"},
        {"Strategy", "strategy"},
        {"stratgy", "strategy"},
        {"maxConnections", "max_connections"},
        {"max_connection", "max_connections"},
        {"maxReportAge", "max_report_age"},
        {"Action", "action"},
        {"actions", "action"},
        {"batchSize", "batch_size"},
        {"Batch", "batch"},
        {"maxConcurrency", "max_concurrency"},
        {"runId", "run_id"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char event[256], part[128];
        snprintf(event, sizeof(event), "{\"role_name\":\"r\",\"%s\":[\"111111111111\"]}",
                 rows[i][0]);
        snprintf(part, sizeof(part),
                 "the event's '%s' is not a field of this function: is '%s' meant?", rows[i][0],
                 rows[i][1]);
        assert_refused(event, part);
    }
}

/* Ignoring 'dry_run' would be the census that was not to be. */
static void test_settings_of_the_command_line(void **state)
{
    (void)state;
    assert_refused("{\"dry_run\":true}", "the event's 'dry_run' can't be set by an event: it is a "
                                         "flag of the command line");
    assert_refused("{\"dryRun\":true}", "'dryRun' can't be set by an event");
    assert_refused("{\"output\":\"x.csv\"}", "'output' can't be set by an event");
    assert_refused("{\"noSessionPolicy\":true}", "'noSessionPolicy' can't be set");
    assert_refused("{\"log_level\":\"debug\"}", "and a variable: LOG_LEVEL");
    assert_accepted("{\"region\":\"eu-west-1\"}");
}

static void test_fields_inside(void **state)
{
    (void)state;
    assert_refused("{\"detail-type\":\"census\",\"source\":\"me\",\"account\":\"111111111111\","
                   "\"region\":\"eu-west-1\",\"detail\":{\"child_account_ids\":[\"1\"]}}",
                   "the event's 'detail' holds 'child_account_ids' inside");
    assert_refused("{\"Payload\":{\"role_name\":\"r\"}}", "'Payload' holds 'role_name' inside");
    assert_refused("{\"Input\":\"{\\\"exclude_account_ids\\\":[\\\"1\\\"]}\"}",
                   "'Input' holds 'exclude_account_ids' inside");
    assert_refused("{\"role_name\":\"r\",\"x\":[1,{\"y\":\"[{\\\"s3_bucket_name\\\":1}]\"}]}",
                   "'x' holds 's3_bucket_name' inside");
    /* In the steps' own fields they are in their place, and plain words are everybody's. */
    assert_accepted("{\"action\":\"combine\",\"run\":{\"organization_id\":\"o-1\"}}");
    assert_accepted("{\"detail\":{\"service\":{\"action\":\"x\",\"format\":\"y\"}}}");
    assert_accepted("{\"detail\":{\"requestParameters\":{\"roleName\":\"r\",\"accountId\":1}}}");
    assert_accepted("{\"note\":\"{not json: child_account_ids\"}");
}

static void test_envelopes(void **state)
{
    static const char *const envelopes[] = {
        "{\"version\":\"2.0\",\"rawPath\":\"/\",\"requestContext\":{\"http\":{}}}",
        "{\"httpMethod\":\"GET\",\"body\":null}",
        "{\"body\":\"census\",\"isBase64Encoded\":false}",
        "{\"Records\":[{\"eventSource\":\"aws:sqs\",\"body\":\"x\"}]}",
        "{\"Records\":[]}",
        "{\"records\":{\"topic-0\":[]}}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(envelopes) / sizeof(envelopes[0]); i++)
        assert_refused(envelopes[i], "and none of this function's fields");
    assert_refused("{\"body\":\"{\\\"child_account_ids\\\":[\\\"1\\\"]}\"}",
                   "'body' holds 'child_account_ids' inside");
    assert_refused("{\"Records\":[{\"body\":\"{\\\"role_name\\\":\\\"r\\\"}\"}]}",
                   "'Records' holds 'role_name' inside");
    assert_accepted("{\"role_name\":\"r\",\"body\":\"what came before\",\"Records\":[]}");
}

/* What schedules, Step Functions, tests and other services add. */
static void test_others(void **state)
{
    static const char *const events[] = {
        "{}",
        "null",
        "[]",
        "\"x\"",
        "{\"version\":\"0\",\"id\":\"5\",\"detail-type\":\"Scheduled Event\",\"source\":"
        "\"aws.events\",\"account\":\"123456789012\",\"time\":\"2024-01-01T00:00:00Z\","
        "\"region\":\"eu-west-1\",\"resources\":[\"arn\"],\"detail\":{}}",
        "{\"version\":\"0\",\"id\":\"5\",\"detail-type\":\"Scheduled Event\",\"source\":"
        "\"aws.scheduler\",\"account\":\"123456789012\",\"time\":\"2024-01-01T00:00:00Z\","
        "\"region\":\"eu-west-1\",\"resources\":[\"arn\"],\"detail\":\"{}\"}",
        "{\"key1\":\"value1\",\"key2\":\"value2\",\"key3\":\"value3\"}",
        "{\"action\":\"plan\",\"run_id\":\"r\",\"started_at\":\"t\",\"batch_size\":5,"
        "\"max_concurrency\":10,\"child_account_ids\":[\"111111111111\"]}",
        "{\"Comment\":\"x\",\"ExecutionId\":\"x\",\"taskToken\":\"x\",\"source\":\"x\","
        "\"StateMachine\":{},\"Input\":{},\"ruleName\":\"x\",\"internal_id\":\"x\"}",
        "{\"child_account_id\":null,\"accounts\":null}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
        assert_accepted(events[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_near_misses),   cmocka_unit_test(test_settings_of_the_command_line),
        cmocka_unit_test(test_fields_inside), cmocka_unit_test(test_envelopes),
        cmocka_unit_test(test_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
