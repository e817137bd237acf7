/* SPDX-License-Identifier: MIT */
#include "app/platform.h"

#include "auth/profile.h"
#include "base/alloc.h"
#include "base/log.h"
#include "base/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/resource.h>

#define TOTAL_TIMEOUT_MS 120000
#define DEFAULT_REGION   "us-east-1"
/* Descriptors a connection: its socket, and two of the resolver's while its host is looked up. */
#define DESCRIPTORS_EACH 2
/* Descriptors for files, pipes, signals, the loop, and a few connections to local services. */
#define DESCRIPTORS_REST 96
#define CONNECTIONS_MOST                                                                           \
    1024 /* the maximum of --max-connections, since an event may set more than the environment */
#define DESCRIPTORS_WANTED (DESCRIPTORS_EACH * CONNECTIONS_MOST + DESCRIPTORS_REST)

static char *copy_variable(const struct platform *p, const char *name)
{
    const char *value = environ_get(p->env, name);
    return value ? xstrdup(value) : NULL;
}

static struct auth_context profile_context(const struct platform *p)
{
    return (struct auth_context){.env = p->env, .profile = p->profile};
}

static int find_region(struct platform *p, const struct settings *settings, struct error *e)
{
    const struct auth_context context = profile_context(p);
    const char *flag = settings_text(settings, SETTING_REGION);
    p->region = flag ? xstrdup(flag) : copy_variable(p, "AWS_REGION");
    if (!p->region)
        p->region = copy_variable(p, "AWS_DEFAULT_REGION");
    if (!p->region)
        p->region = profile_region(&context, e);
    if (!p->region && e->kind != ERROR_NONE)
        return -1;
    if (!p->region) {
        log_event(LOG_INFO, "no region is set, taking the default",
                  FIELD("region", DEFAULT_REGION));
        p->region = xstrdup(DEFAULT_REGION);
        p->region_assumed = true;
    }
    return 0;
}

/*
 * Finds a setting that all AWS SDKs share: its variable, or else its key in the profile. Returns
 * the value, which the caller frees; NULL if it is not set, or, with 'e', if the profile can't be
 * read.
 */
static char *find_shared(const struct platform *p, const char *variable, const char *key,
                         struct error *e)
{
    const struct auth_context context = profile_context(p);
    char *value = copy_variable(p, variable);
    error_clear(e);
    return value ? value : profile_setting(&context, key, e);
}

/*
 * Reads a setting that must be one of two words, in any case. '*second' says whether it is the
 * second, and is left alone if the setting is not set.
 */
static int find_choice(const struct platform *p, const char *variable, const char *key,
                       const char *const words[2], bool *second, struct error *e)
{
    char *value = find_shared(p, variable, key, e);
    if (!value)
        return e->kind == ERROR_NONE ? 0 : -1;
    int which = strcasecmp(value, words[1]) == 0 ? 1 : strcasecmp(value, words[0]) == 0 ? 0 : -1;
    if (which < 0)
        error_set(e, ERROR_CONFIG, "%s%s is '%.40s': allowed are %s, %s",
                  environ_get(p->env, variable) ? variable : "the profile's ",
                  environ_get(p->env, variable) ? "" : key, value, words[0], words[1]);
    *second = which == 1;
    free(value);
    return which < 0 ? -1 : 0;
}

/* AWS SDKs and Tools Reference Guide, "Service-specific endpoints": the order of precedence. */
static int find_overrides(struct platform *p, struct error *e)
{
    static const char *const variables[SERVICE_COUNT] = {[SERVICE_IAM] = "AWS_ENDPOINT_URL_IAM",
                                                         [SERVICE_STS] = "AWS_ENDPOINT_URL_STS",
                                                         [SERVICE_ORGANIZATIONS] =
                                                             "AWS_ENDPOINT_URL_ORGANIZATIONS",
                                                         [SERVICE_S3] = "AWS_ENDPOINT_URL_S3"};
    const struct auth_context context = profile_context(p);
    for (unsigned i = 0; i < SERVICE_COUNT; i++) {
        p->overrides[i] = copy_variable(p, variables[i]);
        if (!p->overrides[i])
            p->overrides[i] = copy_variable(p, "AWS_ENDPOINT_URL");
        if (!p->overrides[i])
            p->overrides[i] = profile_endpoint(&context, aws_service_name(i), e);
        if (!p->overrides[i] && e->kind != ERROR_NONE)
            return -1;
    }
    return 0;
}

/* AWS SDKs and Tools Reference Guide, "Dual-stack and FIPS endpoints", "Data Integrity Protections
 * for Amazon S3". */
static int find_endpoint_settings(struct platform *p, struct error *e)
{
    static const char *const no_yes[2] = {"false", "true"};
    static const char *const when[2] = {"when_supported", "when_required"};
    bool ignore = false;
    if (find_choice(p, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint", no_yes, &p->use_fips, e) !=
            0 ||
        find_choice(p, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint", no_yes,
                    &p->use_dual_stack, e) != 0 ||
        find_choice(p, "AWS_REQUEST_CHECKSUM_CALCULATION", "request_checksum_calculation", when,
                    &p->no_checksums, e) != 0 ||
        find_choice(p, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls",
                    no_yes, &ignore, e) != 0)
        return -1;
    return ignore ? 0 : find_overrides(p, e);
}

/*
 * With fewer descriptors than --max-connections needs, connections would fail. So the limit is
 * raised as far as the system allows, up to what connections, files, pipes and the resolver can
 * need.
 */
static void allow_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= DESCRIPTORS_WANTED)
        return;
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS_WANTED ? limit.rlim_max : DESCRIPTORS_WANTED;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static size_t descriptor_limit(void)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (size_t)limit.rlim_cur : SIZE_MAX;
}

static size_t most_connections(void)
{
    size_t limit = descriptor_limit();
    size_t left = limit > DESCRIPTORS_REST ? limit - DESCRIPTORS_REST : 0;
    return left >= DESCRIPTORS_EACH ? left / DESCRIPTORS_EACH : 1;
}

size_t platform_connections(struct platform *p, size_t wanted)
{
    size_t most = most_connections();
    if (most >= wanted)
        return wanted;
    if (!p->told_connections)
        log_event(
            LOG_WARN,
            "fewer connections than max_connections asks for, as the limit of open files allows",
            FIELD_NUMBER("wanted", (int64_t)wanted), FIELD_NUMBER("connections", (int64_t)most),
            FIELD_NUMBER("open_files", (int64_t)descriptor_limit()));
    p->told_connections = true;
    return most;
}

static int make_http(struct platform *p, const struct settings *settings, struct error *e)
{
    size_t most = most_connections();
    char *bundle = find_shared(p, "AWS_CA_BUNDLE", "ca_bundle", e);
    if (!bundle && e->kind != ERROR_NONE)
        return -1;
    const struct http_options options = {
        .ca_bundle = bundle,
        .user_agent = "iam-census/" IAM_CENSUS_VERSION,
        .max_connections = most < CONNECTIONS_MOST ? most : CONNECTIONS_MOST,
        .connect_timeout_ms = settings_number(settings, SETTING_CONNECT_TIMEOUT) * 1000,
        .read_timeout_ms = settings_number(settings, SETTING_READ_TIMEOUT) * 1000,
        .total_timeout_ms = TOTAL_TIMEOUT_MS,
    };
    p->http = http_client_new(p->loop, &options, e);
    free(bundle);
    return p->http ? 0 : -1;
}

int platform_init(struct platform *p, const struct settings *settings, struct error *e)
{
    const char *profile = settings_text(settings, SETTING_PROFILE);
    *p = (struct platform){.env = environ_system()};
    error_clear(e);
    allow_descriptors();
    p->profile = profile ? xstrdup(profile) : NULL;
    p->loop = loop_new(clock_system(), e);
    const struct auth_context context = profile_context(p);
    if (!p->loop || profile_check(&context, e) != 0 || find_region(p, settings, e) != 0 ||
        find_endpoint_settings(p, e) != 0 || make_http(p, settings, e) != 0)
        return -1;
    return 0;
}

void platform_release(struct platform *p)
{
    http_client_free(p->http);
    loop_free(p->loop);
    free(p->profile);
    free(p->region);
    for (unsigned i = 0; i < SERVICE_COUNT; i++)
        free(p->overrides[i]);
    *p = (struct platform){0};
}

struct endpoint_query platform_endpoint_query(const struct platform *p, enum aws_service service)
{
    return (struct endpoint_query){.service = service,
                                   .region = view_of(p->region),
                                   .override = view_of(p->overrides[service]),
                                   .use_fips = p->use_fips,
                                   .use_dual_stack = p->use_dual_stack};
}

int platform_endpoint(const struct platform *p, enum aws_service service, struct endpoint *out,
                      struct error *e)
{
    const struct endpoint_query query = platform_endpoint_query(p, service);
    return endpoint_resolve(&query, out, e);
}
