/*
 * Endpoints and partitions: AWS's published cases, cases resolved by botocore, and custom URLs.
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

#define OWN_CASES      433
#define OWN_REGIONS    53
#define PARTITIONS     8
#define LONG_URL_BYTES 3000

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
    json_object_foreach((json_t *)params, key, value)
    {
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
        json_array_foreach(json_object_get(document, "testCases"), k, c)
        {
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
    json_array_foreach(cases, i, c) run_own_case(c);
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
    json_array_foreach(partitions, i, row)
    {
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
    json_array_foreach(regions, i, row)
    {
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
            assert_non_null(strstr(e.text, "is no AWS region"));
            query.override = VIEW_LITERAL("https://example.com");
            assert_int_equal(endpoint_resolve(&query, &out, &e), -1);
        }
    }
}

static void test_custom_urls(void **state)
{
    static const struct {
        const char *given, *url, *host, *path;
    } cases[] = {
        {"https://example.com", "https://example.com", "example.com", ""},
        {"https://example.com/", "https://example.com", "example.com", ""},
        {"HTTPS://Example.COM//", "https://example.com", "example.com", ""},
        {"https://example.com:443", "https://example.com", "example.com", ""},
        {"https://example.com:80", "https://example.com:80", "example.com:80", ""},
        {"https://example.com:08443/Base/Path/", "https://example.com:8443/Base/Path",
         "example.com:8443", "/Base/Path"},
        {"https://a_b-c.example:65535/a%20b", "https://a_b-c.example:65535/a%20b",
         "a_b-c.example:65535", "/a%20b"},
        {"https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443", "[2001:db8::1]:8443", ""},
        {"http://localhost", "http://localhost", "localhost", ""},
        {"http://LOCALHOST:80/", "http://localhost", "localhost", ""},
        {"http://localhost:443", "http://localhost:443", "localhost:443", ""},
        {"http://127.0.0.1:5000", "http://127.0.0.1:5000", "127.0.0.1:5000", ""},
        {"http://127.255.0.9", "http://127.255.0.9", "127.255.0.9", ""},
        {"http://[::1]:9000/x", "http://[::1]:9000/x", "[::1]:9000", "/x"},
        {"http://[0:0:0:0:0:0:0:1]", "http://[0:0:0:0:0:0:0:1]", "[0:0:0:0:0:0:0:1]", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct endpoint_query query = {SERVICE_STS, VIEW_LITERAL("eu-west-1"),
                                             view_of(cases[i].given), false, false};
        struct endpoint out;
        struct error e;
        if (endpoint_resolve(&query, &out, &e) != 0)
            fail_msg("%s", e.text);
        assert_string_equal(out.url, cases[i].url);
        assert_string_equal(out.host, cases[i].host);
        assert_string_equal(out.path, cases[i].path);
        assert_string_equal(out.signing_region, "eu-west-1");
        assert_string_equal(out.signing_name, "sts");
        assert_true(out.custom);
    }
}

static void expect_override_fails(struct endpoint_query query, const char *text)
{
    struct endpoint out;
    struct error e;
    if (endpoint_resolve(&query, &out, &e) == 0)
        fail_msg("'%.*s' was taken", VIEW_ARG(query.override));
    assert_int_equal(e.kind, ERROR_CONFIG);
    if (!strstr(e.text, text))
        fail_msg("'%s' does not say '%s'", e.text, text);
    assert_non_null(strstr(e.text, aws_service_name(query.service)));
}

static void test_urls_that_are_none(void **state)
{
    static const char *const urls[] = {
        "example.com",
        "ftp://example.com",
        "https:/example.com",
        "https://",
        "https:///path",
        "https://:443",
        "https://example.com:",
        "https://example.com:0",
        "https://example.com:65536",
        "https://example.com:99999999999999999999",
        "https://example.com:443x",
        "https://example.com:-1",
        "https://exa mple.com",
        "https://example.com/a b",
        "https://example.com/?query",
        "https://example.com?query",
        "https://example.com#fragment",
        "https://example.com/#fragment",
        "https://example.com\\path",
        "https://example.com/a\\b",
        "https://example.com\r\nHost: evil",
        "https://example.com/\r\nx",
        "https://exampl\xc3\xa9.com",
        "https://example.com/\xc3\xa9",
        "https://example.com/\x7f",
        "https://[::1",
        "https://[::1]x",
        "https://[]",
        "https://[::g]",
        "https://[::1%25lo]",
        "https://[1234:1234:1234:1234:1234:1234:1234:1234:1234:1234]",
        "https://::1",
        " https://example.com",
    };
    struct endpoint_query query = {SERVICE_IAM, VIEW_LITERAL("us-east-1"), VIEW_NONE, false, false};
    (void)state;
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        query.override = view_of(urls[i]);
        expect_override_fails(query, "is no URL such as");
        assert_false(endpoint_is_loopback(query.override));
    }
    query.override = (struct view){"https://a\0b.com", 15};
    expect_override_fails(query, "is no URL such as");
    query.override = (struct view){"https://a/\0b", 12};
    expect_override_fails(query, "is no URL such as");
}

static void test_plain_http_goes_to_loopback_alone(void **state)
{
    static const char *const urls[] = {
        "http://example.com",
        "http://169.254.169.254",
        "http://127.0.0.1.example.com",
        "http://localhost.evil.com",
        "http://128.0.0.1",
        "http://127.1",
        "http://2130706433",
        "http://0x7f.0.0.1",
        "http://0.0.0.0",
        "http://[::2]",
        "http://[::ffff:10.0.0.1]",
        "http://[::]",
        "http://10.0.0.1:5000/path",
        "http://notlocalhost",
    };
    struct endpoint_query query = {SERVICE_S3, VIEW_LITERAL("us-east-1"), VIEW_NONE, false, false};
    char quoted[64];
    (void)state;
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        query.override = view_of(urls[i]);
        snprintf(quoted, sizeof(quoted), "'%s'", urls[i]);
        expect_override_fails(query, quoted);
        expect_override_fails(query, "use 'https://', or a loopback host such as '127.0.0.1'");
        assert_false(endpoint_is_loopback(query.override));
    }
    assert_true(endpoint_is_loopback(VIEW_LITERAL("http://localhost:1/x")));
    assert_true(endpoint_is_loopback(VIEW_LITERAL("https://127.8.9.10")));
    assert_true(endpoint_is_loopback(VIEW_LITERAL("http://[::1]")));
    assert_false(endpoint_is_loopback(VIEW_LITERAL("localhost")));
    assert_false(endpoint_is_loopback(VIEW_NONE));
}

static void test_a_password_in_a_url_is_not_shown(void **state)
{
    struct endpoint_query query = {SERVICE_IAM, VIEW_LITERAL("us-east-1"),
                                   VIEW_LITERAL("http://user:hunter2@localhost/"), false, false};
    struct endpoint out;
    struct error e;
    (void)state;
    assert_int_equal(endpoint_resolve(&query, &out, &e), -1);
    assert_int_equal(e.kind, ERROR_CONFIG);
    assert_non_null(strstr(e.text, "leave user and password out"));
    assert_null(strstr(e.text, "hunter2"));
    assert_false(endpoint_is_loopback(query.override));
}

static void test_urls_are_bounded(void **state)
{
    static const char start[] = {'h', 't', 't', 'p', 's', ':', '/', '/', 'h', '/'};
    static char text[LONG_URL_BYTES];
    struct endpoint_query query = {SERVICE_IAM, VIEW_LITERAL("us-east-1"), VIEW_NONE, false, false};
    struct endpoint out;
    (void)state;
    memset(text, 'p', sizeof(text));
    memcpy(text, start, sizeof(start));
    query.override = (struct view){text, 9 + sizeof(out.path) - 1};
    assert_int_equal(endpoint_resolve(&query, &out, NULL), 0);
    assert_int_equal(strlen(out.path), sizeof(out.path) - 1);
    query.override.len++;
    expect_override_fails(query, "is too long");
    query.override.len = sizeof(text);
    expect_override_fails(query, "is too long");
    text[9] = 'h';
    expect_override_fails(query, "is no URL");
    query.override.len = 8 + 255; /* the longest host */
    assert_int_equal(endpoint_resolve(&query, &out, NULL), 0);
    query.override.len++;
    expect_override_fails(query, "is no URL");
    text[8 + 250] = '/'; /* host and path fit, the whole does not */
    query.override.len = 8 + 250 + 255;
    expect_override_fails(query, "is too long");
}

static void test_signing_region_behind_an_override(void **state)
{
    static const struct {
        enum aws_service service;
        const char *region, *signing_region;
    } cases[] = {
        {SERVICE_IAM, "eu-west-1", "us-east-1"},
        {SERVICE_IAM, "cn-northwest-1", "cn-north-1"},
        {SERVICE_IAM, "us-gov-east-1", "us-gov-west-1"},
        {SERVICE_IAM, "us-iso-west-1", "us-iso-east-1"},
        {SERVICE_IAM, "us-isob-west-1", "us-isob-east-1"},
        {SERVICE_IAM, "eu-isoe-west-1", "eu-isoe-west-1"},
        {SERVICE_IAM, "us-isof-east-1", "us-isof-south-1"},
        {SERVICE_IAM, "eusc-de-east-1", "eusc-de-east-1"},
        {SERVICE_IAM, "aws-cn-global", "cn-north-1"},
        {SERVICE_IAM, NULL, "us-east-1"},
        {SERVICE_ORGANIZATIONS, "eu-west-1", "us-east-1"},
        {SERVICE_ORGANIZATIONS, "cn-north-1", "cn-northwest-1"},
        {SERVICE_ORGANIZATIONS, "us-gov-east-1", "us-gov-west-1"},
        {SERVICE_ORGANIZATIONS, "eusc-de-east-1", "eusc-de-east-1"},
        {SERVICE_ORGANIZATIONS, NULL, "us-east-1"},
        {SERVICE_STS, "eu-west-1", "eu-west-1"},
        {SERVICE_STS, "aws-cn-global", "cn-northwest-1"},
        {SERVICE_STS, NULL, "us-east-1"},
        {SERVICE_S3, "eu-west-1", "eu-west-1"},
        {SERVICE_S3, "cn-north-1", "cn-north-1"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct endpoint_query query = {cases[i].service, view_of(cases[i].region),
                                             VIEW_LITERAL("http://127.0.0.1:1"), false, false};
        struct endpoint out;
        assert_int_equal(endpoint_resolve(&query, &out, NULL), 0);
        assert_string_equal(out.signing_region, cases[i].signing_region);
        assert_string_equal(out.url, "http://127.0.0.1:1");
    }
}

static void test_override_excludes_fips_and_dual_stack(void **state)
{
    struct endpoint_query query = {SERVICE_ORGANIZATIONS, VIEW_LITERAL("us-east-1"),
                                   VIEW_LITERAL("https://example.com"), true, false};
    (void)state;
    expect_override_fails(query, "cannot be combined with FIPS");
    query.use_fips = false;
    query.use_dual_stack = true;
    expect_override_fails(query, "cannot be combined with dual-stack");
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
        assert_non_null(strstr(e.text, "is no bucket name"));
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

static void test_bucket_behind_an_override(void **state)
{
    struct endpoint_query query = {SERVICE_S3, VIEW_LITERAL("eu-west-1"),
                                   VIEW_LITERAL("http://localhost:9000/store/"), false, false};
    struct endpoint out;
    struct error e;
    bool path_style = false;
    (void)state;
    assert_int_equal(endpoint_resolve_bucket(&query, VIEW_LITERAL("census"), &out, &path_style, &e),
                     0);
    assert_true(path_style);
    assert_string_equal(out.url, "http://localhost:9000/store");
    assert_string_equal(out.host, "localhost:9000");
    assert_string_equal(out.path, "/store");
    assert_string_equal(out.signing_name, "s3");
    query.override = VIEW_LITERAL("http://example.com");
    assert_int_equal(endpoint_resolve_bucket(&query, VIEW_LITERAL("census"), &out, &path_style, &e),
                     -1);
    assert_non_null(strstr(e.text, "unencrypted"));
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
        cmocka_unit_test(test_custom_urls),
        cmocka_unit_test(test_urls_that_are_none),
        cmocka_unit_test(test_plain_http_goes_to_loopback_alone),
        cmocka_unit_test(test_a_password_in_a_url_is_not_shown),
        cmocka_unit_test(test_urls_are_bounded),
        cmocka_unit_test(test_signing_region_behind_an_override),
        cmocka_unit_test(test_override_excludes_fips_and_dual_stack),
        cmocka_unit_test(test_buckets),
        cmocka_unit_test(test_bucket_behind_an_override),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
