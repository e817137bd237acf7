/* SPDX-License-Identifier: MIT */
/* The AWS settings of a process: variables, the profile's keys, and which of them counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/platform.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct scene {
    char folder[64];
    char config[96];
    struct settings settings;
    struct platform platform;
    struct error e;
};

static const char *const variables[] = {
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_IAM",
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_ORGANIZATIONS",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_REQUEST_CHECKSUM_CALCULATION",
    "AWS_CA_BUNDLE",
    "AWS_SHARED_CREDENTIALS_FILE",
};

static int scene_begin(void **state)
{
    static struct scene s;
    s = (struct scene){0};
    log_configure(LOG_ERROR, LOG_TEXT, NULL);
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
        unsetenv(variables[i]);
    strcpy(s.folder, "/tmp/test_platform.XXXXXX");
    assert_non_null(mkdtemp(s.folder));
    snprintf(s.config, sizeof(s.config), "%s/config", s.folder);
    setenv("HOME", s.folder, 1);
    setenv("AWS_CONFIG_FILE", s.config, 1);
    *state = &s;
    return 0;
}

static int scene_end(void **state)
{
    struct scene *s = *state;
    platform_release(&s->platform);
    settings_release(&s->settings);
    unlink(s->config);
    assert_int_equal(rmdir(s->folder), 0);
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
        unsetenv(variables[i]);
    return 0;
}

/* The config file, whose profile 'default' has these lines. */
static void config(const struct scene *s, const char *lines)
{
    FILE *f = fopen(s->config, "w");
    assert_non_null(f);
    fprintf(f, "[default]\n%s", lines);
    assert_int_equal(fclose(f), 0);
}

static int make(struct scene *s)
{
    platform_release(&s->platform);
    return platform_init(&s->platform, &s->settings, &s->e);
}

static void assert_made(struct scene *s)
{
    if (make(s) != 0)
        fail_msg("%s", s->e.text);
}

static void assert_refused(struct scene *s, const char *part)
{
    assert_int_equal(make(s), -1);
    assert_int_equal(s->e.kind, ERROR_CONFIG);
    if (!strstr(s->e.text, part))
        fail_msg("'%s' is not in '%s'", part, s->e.text);
}

static void assert_host(struct scene *s, enum aws_service service, const char *host)
{
    struct endpoint endpoint;
    if (platform_endpoint(&s->platform, service, &endpoint, &s->e) != 0)
        fail_msg("%s", s->e.text);
    assert_string_equal(endpoint.host, host);
}

static void test_regions(void **state)
{
    struct scene *s = *state;
    assert_made(s);
    assert_string_equal(s->platform.region, "us-east-1");
    config(s, "region = eu-west-3\n");
    assert_made(s);
    assert_string_equal(s->platform.region, "eu-west-3");
    setenv("AWS_DEFAULT_REGION", "eu-west-2", 1);
    assert_made(s);
    assert_string_equal(s->platform.region, "eu-west-2");
    setenv("AWS_REGION", "eu-west-1", 1);
    assert_made(s);
    assert_string_equal(s->platform.region, "eu-west-1");
}

struct host {
    enum aws_service service;
    const char *plain, *dual, *fips, *both;
};

/* By variable and by the profile; the variable counts. As botocore's rules have them. */
static void test_variants(void **state)
{
    static const struct host hosts[] = {
        {SERVICE_IAM, "iam.amazonaws.com", "iam.global.api.aws", "iam-fips.amazonaws.com",
         "iam-fips.global.api.aws"},
        {SERVICE_STS, "sts.eu-west-1.amazonaws.com", "sts.eu-west-1.api.aws",
         "sts-fips.eu-west-1.amazonaws.com", "sts-fips.eu-west-1.api.aws"},
        {SERVICE_S3, "s3.eu-west-1.amazonaws.com", "s3.dualstack.eu-west-1.amazonaws.com",
         "s3-fips.eu-west-1.amazonaws.com", "s3-fips.dualstack.eu-west-1.amazonaws.com"},
    };
    struct scene *s = *state;
    setenv("AWS_REGION", "eu-west-1", 1);
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        config(s, "");
        assert_made(s);
        assert_host(s, hosts[i].service, hosts[i].plain);
        config(s, "use_dualstack_endpoint = true\n");
        assert_made(s);
        assert_host(s, hosts[i].service, hosts[i].dual);
        setenv("AWS_USE_DUALSTACK_ENDPOINT", "false", 1);
        assert_made(s);
        assert_host(s, hosts[i].service, hosts[i].plain);
        setenv("AWS_USE_DUALSTACK_ENDPOINT", "TRUE", 1);
        config(s, "use_fips_endpoint = true\n");
        assert_made(s);
        assert_host(s, hosts[i].service, hosts[i].both);
        unsetenv("AWS_USE_DUALSTACK_ENDPOINT");
        assert_made(s);
        assert_host(s, hosts[i].service, hosts[i].fips);
    }
}

static void test_ignored_endpoints(void **state)
{
    struct scene *s = *state;
    setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1", 1);
    config(s, "endpoint_url = http://127.0.0.1:2\n");
    assert_made(s);
    assert_host(s, SERVICE_STS, "127.0.0.1:1");
    assert_host(s, SERVICE_IAM, "127.0.0.1:2");
    config(s, "endpoint_url = http://127.0.0.1:2\nignore_configured_endpoint_urls = true\n");
    assert_made(s);
    assert_host(s, SERVICE_STS, "sts.us-east-1.amazonaws.com");
    assert_host(s, SERVICE_IAM, "iam.amazonaws.com");
    setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false", 1);
    assert_made(s);
    assert_host(s, SERVICE_IAM, "127.0.0.1:2");
    config(s, "endpoint_url = http://127.0.0.1:2\nservices = gone\n");
    assert_refused(s, "services 'gone'");
    setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", 1);
    assert_made(s);
    assert_host(s, SERVICE_STS, "sts.us-east-1.amazonaws.com");
}

static void test_wrong_words(void **state)
{
    static const char *const rows[][2] = {
        {"AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"},
        {"AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"},
        {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls"},
        {"AWS_REQUEST_CHECKSUM_CALCULATION", "request_checksum_calculation"},
    };
    struct scene *s = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char lines[128], part[128];
        snprintf(lines, sizeof(lines), "%s = perhaps\n", rows[i][1]);
        config(s, lines);
        snprintf(part, sizeof(part), "the profile's %s is 'perhaps': allowed are ", rows[i][1]);
        assert_refused(s, part);
        config(s, "");
        setenv(rows[i][0], "1", 1);
        snprintf(part, sizeof(part), "%s is '1': allowed are ", rows[i][0]);
        assert_refused(s, part);
        setenv(rows[i][0], "", 1);
        assert_made(s);
    }
}

static void test_checksums(void **state)
{
    struct scene *s = *state;
    assert_made(s);
    assert_false(s->platform.no_checksums);
    config(s, "request_checksum_calculation = when_required\n");
    assert_made(s);
    assert_true(s->platform.no_checksums);
    setenv("AWS_REQUEST_CHECKSUM_CALCULATION", "When_Supported", 1);
    assert_made(s);
    assert_false(s->platform.no_checksums);
}

static void test_certificates(void **state)
{
    struct scene *s = *state;
    config(s, "ca_bundle = /no-such-bundle.pem\n");
    assert_int_equal(make(s), -1);
    assert_non_null(strstr(s->e.text, "/no-such-bundle.pem"));
    setenv("AWS_CA_BUNDLE", "/no-other-bundle.pem", 1);
    assert_int_equal(make(s), -1);
    assert_non_null(strstr(s->e.text, "/no-other-bundle.pem"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_regions),     TEST(test_variants),  TEST(test_ignored_endpoints),
        TEST(test_wrong_words), TEST(test_checksums), TEST(test_certificates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
