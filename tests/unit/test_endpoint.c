/* SPDX-License-Identifier: MIT */
/*
 * Endpoints and partitions: AWS's published cases, cases resolved by botocore, and buckets.
 *
 * The published cases lie outside the repository: in IAM_CENSUS_TESTDATA, or else beside it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "aws/endpoint.h"
#include "aws/partition.h"

#include <jansson.h>
#include <sys/stat.h>

#define OWN_CASES   433
#define OWN_REGIONS 53
#define PARTITIONS  8

/* What the published files hold: so many cases run, so many ask for a setting we do not have. */
static const struct {
    enum aws_service service;
    int run;
    int not_applicable;
} published[] = {{SERVICE_IAM, 26, 0}, {SERVICE_STS, 51, 18}, {SERVICE_ORGANIZATIONS, 29, 0}};

static const char *testdata(void)
{
    const char *set = getenv("IAM_CENSUS_TESTDATA");
    return set ? set : PROJECT_DIR "/../shared/testdata";
}

static struct view view_at(const json_t *object, const char *key)
{
    return view_of(json_string_value(json_object_get(object, key)));
}

static bool true_at(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

static enum aws_service service_named(struct view name)
{
    for (int i = 0; i < SERVICE_COUNT; i++)
        if (view_is(name, aws_service_name((enum aws_service)i)))
            return (enum aws_service)i;
    fail_msg("no service '%.*s'", VIEW_ARG(name));
    return SERVICE_COUNT;
}

/* The program calls STS in the region, always: it has no setting for STS's old global endpoint. */
static bool is_applicable(const json_t *params)
{
    static const char *const known[] = {"Region", "UseFIPS", "UseDualStack", "Endpoint"};
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)params, key, value) {
        bool found = strcmp(key, "UseGlobalEndpoint") == 0 && json_is_false(value);
        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
            found = found || strcmp(key, known[i]) == 0;
        if (!found)
            return false;
    }
    return true;
}

static void run_published_case(enum aws_service service, const json_t *c)
{
    const json_t *params = json_object_get(c, "params");
    const json_t *expect = json_object_get(c, "expect");
    const json_t *expected = json_object_get(expect, "endpoint");
    const struct endpoint_query query = {service, view_at(params, "Region"),
                                         view_at(params, "Endpoint"), true_at(params, "UseFIPS"),
                                         true_at(params, "UseDualStack")};
    struct endpoint out;
    struct error e = {0};
    int result = endpoint_resolve(&query, &out, &e);
    if (!expected) {
        assert_non_null(json_object_get(expect, "error"));
        assert_int_equal(result, -1);
        assert_int_equal(e.kind, ERROR_CONFIG);
        return;
    }
    if (result != 0)
        fail_msg("%s: %s", json_string_value(json_object_get(c, "documentation")), e.text);
    assert_string_equal(out.url, view_at(expected, "url").ptr);
    assert_string_equal(out.host, out.url + strlen("https://"));
    assert_string_equal(out.path, "");
    assert_string_equal(out.signing_name, aws_service_name(service));
    assert_int_equal(out.custom, query.override.ptr != NULL);
    const json_t *schemes = json_object_get(json_object_get(expected, "properties"), "authSchemes");
    struct view region = view_at(json_array_get(schemes, 0), "signingRegion");
    if (region.ptr)
        assert_string_equal(out.signing_region, region.ptr);
    else if (!out.custom)
        assert_string_equal(out.signing_region, query.region.ptr);
}

static void test_published_cases(void **state)
{
    char path[2048];
    struct stat ignored;
    (void)state;
    snprintf(path, sizeof(path), "%s/endpoints", testdata());
    if (stat(path, &ignored) != 0) {
        printf("skipped: no published endpoint cases in '%s'\n", path);
        skip();
    }
    for (size_t i = 0; i < sizeof(published) / sizeof(published[0]); i++) {
        const char *name = aws_service_name(published[i].service);
        const json_t *c;
        size_t k;
        int run = 0;
        int not_applicable = 0;
        snprintf(path, sizeof(path), "%s/endpoints/%s.json", testdata(), name);
        json_t *document = json_load_file(path, 0, NULL);
        assert_non_null(document);
        json_array_foreach (json_object_get(document, "testCases"), k, c) {
            if (is_applicable(json_object_get(c, "params"))) {
                run_published_case(published[i].service, c);
                run++;
            } else {
                not_applicable++;
            }
        }
        printf("published endpoint cases of %s: %d run, %d not applicable\n", name, run,
               not_applicable);
        assert_int_equal(run, published[i].run);
        assert_int_equal(not_applicable, published[i].not_applicable);
        json_decref(document);
    }
}

static void run_own_case(const json_t *c)
{
    struct endpoint_query query = {service_named(view_at(c, "service")), view_at(c, "region"),
                                   VIEW_NONE, true_at(c, "fips"), true_at(c, "dual_stack")};
    struct view bucket = view_at(c, "bucket");
    struct endpoint out;
    struct error e = {0};
    bool path_style = false;
    int result;
    if (bucket.ptr) {
        query.service = SERVICE_IAM; /* not looked at */
        result = endpoint_resolve_bucket(&query, bucket, &out, &path_style, &e);
    } else {
        result = endpoint_resolve(&query, &out, &e);
    }
    if (true_at(c, "error")) {
        assert_int_equal(result, -1);
        assert_int_equal(e.kind, ERROR_CONFIG);
        assert_non_null(strstr(e.text, "no FIPS endpoint for s3"));
        return;
    }
    if (result != 0)
        fail_msg("%s", e.text);
    assert_string_equal(out.url, view_at(c, "url").ptr);
    assert_string_equal(out.host, out.url + strlen("https://"));
    assert_string_equal(out.path, "");
    assert_string_equal(out.signing_region, view_at(c, "signing_region").ptr);
    assert_string_equal(out.signing_name, view_at(c, "service").ptr);
    assert_false(out.custom);
    assert_int_equal(path_style, true_at(c, "path_style"));
}

static void test_own_cases(void **state)
{
    const json_t *c;
    size_t i;
    (void)state;
    json_t *document = json_load_file(PROJECT_DIR "/tests/vectors/endpoints.json", 0, NULL);
    assert_non_null(document);
    const json_t *cases = json_object_get(document, "cases");
    assert_int_equal(json_array_size(cases), OWN_CASES);
    json_array_foreach (cases, i, c)
        run_own_case(c);
    json_decref(document);
}

static void test_partitions(void **state)
{
    const json_t *row;
    size_t i;
    (void)state;
    json_t *document = json_load_file(PROJECT_DIR "/tests/vectors/endpoints.json", 0, NULL);
    assert_non_null(document);
    const json_t *partitions = json_object_get(document, "partitions");
    assert_int_equal(json_array_size(partitions), PARTITIONS);
    json_array_foreach (partitions, i, row) {
        const struct partition *p = partition_by_id(view_at(row, "id"));
        assert_non_null(p);
        assert_string_equal(p->dns_suffix, view_at(row, "dns_suffix").ptr);
        assert_string_equal(p->dual_stack_suffix, view_at(row, "dual_stack_suffix").ptr);
        assert_string_equal(p->default_region, view_at(row, "default_region").ptr);
        assert_ptr_equal(partition_of_region(view_of(p->default_region)), p);
        assert_ptr_equal(partition_of_region(view_of(p->global_region)), p);
    }
    const json_t *regions = json_object_get(document, "regions");
    assert_int_equal(json_array_size(regions), OWN_REGIONS);
    json_array_foreach (regions, i, row) {
        struct view region = view_at(row, "region");
        const struct partition *p = partition_of_region(region);
        assert_string_equal(p->id, view_at(row, "partition").ptr);
        assert_int_equal(partition_is_global_region(p, region),
                         strstr(region.ptr, "-global") != NULL);
    }
    json_decref(document);
    assert_null(partition_by_id(VIEW_LITERAL("aws-moon")));
    assert_null(partition_by_id(VIEW_LITERAL("aw")));
    assert_null(partition_by_id(VIEW_NONE));
}

static void test_partition_of_regions_by_their_form(void **state)
{
    static const char *const regions[][2] = {
        {"us-isob-west-9", "aws-iso-b"},
        {"us-iso-west-9", "aws-iso"},
        {"cn-south-10", "aws-cn"},
        {"eusc-de-north_x-3", "aws-eusc"},
        {"eusc-fr-north-3", "aws"},
        {"us-gov-west", "aws"},
        {"us-gov-west-", "aws"},
        {"us-gov-west-1a", "aws"},
        {"us-gov--1", "aws"},
        {"cn-", "aws"},
        {"cn-north-1-1", "aws"},
        {"us-east-9", "aws"},
        {"aws-iso-globa", "aws"},
        {"aws-iso-globals", "aws"},
        {"aws-iso-global", "aws-iso"},
        {"aws-iso-b-global", "aws-iso-b"},
        {"", "aws"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(regions) / sizeof(regions[0]); i++)
        assert_string_equal(partition_of_region(view_of(regions[i][0]))->id, regions[i][1]);
    assert_string_equal(partition_of_region(VIEW_NONE)->id, "aws");
}

/* What stands for a whole partition is no part of a host name. */
static void test_global_regions(void **state)
{
    static const struct {
        enum aws_service service;
        bool fips;
        const char *region, *host, *signing_region;
    } cases[] = {
        {SERVICE_IAM, false, "aws-cn-global", "iam.cn-north-1.amazonaws.com.cn", "cn-north-1"},
        {SERVICE_IAM, true, "aws-iso-e-global", "iam-fips.cloud.adc-e.uk", "eu-isoe-west-1"},
        {SERVICE_STS, false, "aws-global", "sts.amazonaws.com", "us-east-1"},
        {SERVICE_STS, true, "aws-global", "sts-fips.us-east-1.amazonaws.com", "us-east-1"},
        {SERVICE_STS, false, "aws-cn-global", "sts.cn-northwest-1.amazonaws.com.cn",
         "cn-northwest-1"},
        {SERVICE_STS, true, "aws-us-gov-global", "sts.us-gov-west-1.amazonaws.com",
         "us-gov-west-1"},
        {SERVICE_ORGANIZATIONS, false, "aws-iso-e-global",
         "organizations.eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1"},
        {SERVICE_S3, false, "aws-us-gov-global", "s3.us-gov-west-1.amazonaws.com", "us-gov-west-1"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct endpoint_query query = {cases[i].service, view_of(cases[i].region), VIEW_NONE,
                                             cases[i].fips, false};
        struct endpoint out;
        assert_int_equal(endpoint_resolve(&query, &out, NULL), 0);
        assert_string_equal(out.host, cases[i].host);
        assert_string_equal(out.signing_region, cases[i].signing_region);
    }
}

static void test_regions_that_are_none(void **state)
{
    static const char *const regions[] = {
        "us east 1",  "US-EAST-1",   "-us",          "us-",
        "us.east",    "us/east",     "us-east-1\n",  "evil.example/",
        "us-east-1#", "us-\xc3\xa9", "us-east-1@ab", "a-region-of-thirty-two-character",
    };
    struct endpoint out;
    struct error e;
    (void)state;
    for (int service = 0; service < SERVICE_COUNT; service++) {
        struct endpoint_query query = {.service = (enum aws_service)service};
        assert_int_equal(endpoint_resolve(&query, &out, &e), -1);
        assert_int_equal(e.kind, ERROR_CONFIG);
        assert_non_null(strstr(e.text, "AWS_REGION"));
        query.region = VIEW_LITERAL("");
        assert_int_equal(endpoint_resolve(&query, &out, &e), -1);
        for (size_t i = 0; i < sizeof(regions) / sizeof(regions[0]); i++) {
            query.region = view_of(regions[i]);
            query.override = VIEW_NONE;
            assert_int_equal(endpoint_resolve(&query, &out, &e), -1);
            assert_int_equal(e.kind, ERROR_CONFIG);
            assert_non_null(strstr(e.text, "is not a valid AWS region"));
            query.override = VIEW_LITERAL("https://example.com");
            assert_int_equal(endpoint_resolve(&query, &out, &e), -1);
        }
    }
}

static void test_buckets(void **state)
{
    static const char *const bad[] = {"",          "ab",   "a b",    "bucket/key", "a\nb",
                                      "b\xc3\xa9", "b@ck", "bu?ket", "arn:aws:s3"};
    struct endpoint_query query = {SERVICE_S3, VIEW_LITERAL("us-east-1"), VIEW_NONE, false, false};
    char name[256];
    struct endpoint out;
    struct error e;
    bool path_style = false;
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(endpoint_resolve_bucket(&query, view_of(bad[i]), &out, &path_style, &e),
                         -1);
        assert_int_equal(e.kind, ERROR_CONFIG);
        assert_non_null(strstr(e.text, "is not a valid bucket name"));
    }
    assert_int_equal(endpoint_resolve_bucket(&query, VIEW_NONE, &out, &path_style, &e), -1);
    memset(name, 'n', sizeof(name));
    assert_int_equal(
        endpoint_resolve_bucket(&query, (struct view){name, 255}, &out, &path_style, &e), 0);
    assert_true(path_style);
    assert_int_equal(
        endpoint_resolve_bucket(&query, (struct view){name, 256}, &out, &path_style, &e), -1);
    assert_int_equal(endpoint_resolve_bucket(&query, VIEW_LITERAL("census--use1-az4--x-s3"), &out,
                                             &path_style, &e),
                     -1);
    assert_non_null(strstr(e.text, "directory bucket"));
    /* Hyphens at an end make no host label. */
    assert_int_equal(
        endpoint_resolve_bucket(&query, VIEW_LITERAL("-bucket"), &out, &path_style, &e), 0);
    assert_true(path_style);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_cases),
        cmocka_unit_test(test_own_cases),
        cmocka_unit_test(test_partitions),
        cmocka_unit_test(test_partition_of_regions_by_their_form),
        cmocka_unit_test(test_global_regions),
        cmocka_unit_test(test_regions_that_are_none),
        cmocka_unit_test(test_buckets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
