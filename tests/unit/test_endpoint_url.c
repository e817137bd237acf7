/* SPDX-License-Identifier: MIT */
/* Endpoints that somebody configures: which URLs are taken, and what is signed behind them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "aws/endpoint.h"
#include "aws/url.h"

#define LONG_URL_BYTES 3000

static bool is_loopback(struct view text)
{
    struct url url;
    return url_parse(text, &url) && url_is_loopback(&url);
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
        expect_override_fails(query, "is not a URL such as");
        assert_false(is_loopback(query.override));
    }
    query.override = (struct view){"https://a\0b.com", 15};
    expect_override_fails(query, "is not a URL such as");
    query.override = (struct view){"https://a/\0b", 12};
    expect_override_fails(query, "is not a URL such as");
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
        assert_false(is_loopback(query.override));
    }
    assert_true(is_loopback(VIEW_LITERAL("http://localhost:1/x")));
    assert_true(is_loopback(VIEW_LITERAL("https://127.8.9.10")));
    assert_true(is_loopback(VIEW_LITERAL("http://[::1]")));
    assert_false(is_loopback(VIEW_LITERAL("localhost")));
    assert_false(is_loopback(VIEW_NONE));
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
    assert_false(is_loopback(query.override));
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
    expect_override_fails(query, "is not a URL");
    query.override.len = 8 + 255; /* the longest host */
    assert_int_equal(endpoint_resolve(&query, &out, NULL), 0);
    query.override.len++;
    expect_override_fails(query, "is not a URL");
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
        cmocka_unit_test(test_custom_urls),
        cmocka_unit_test(test_urls_that_are_none),
        cmocka_unit_test(test_plain_http_goes_to_loopback_alone),
        cmocka_unit_test(test_a_password_in_a_url_is_not_shown),
        cmocka_unit_test(test_urls_are_bounded),
        cmocka_unit_test(test_signing_region_behind_an_override),
        cmocka_unit_test(test_override_excludes_fips_and_dual_stack),
        cmocka_unit_test(test_bucket_behind_an_override),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
