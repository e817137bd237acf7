#include "app/platform.h"

#include "app/version.h"
#include "auth/profile.h"
#include "base/alloc.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/resource.h>

#define TOTAL_TIMEOUT_MS   120000
#define DEFAULT_REGION     "us-east-1"
#define DESCRIPTORS_WANTED (2 * 1024 + 256) /* a resolver thread has a pair for each connection */

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
        p->region = auth_profile_region(&context, e);
    if (!p->region && e->kind != ERROR_NONE)
        return -1;
    if (!p->region) {
        log_event(LOG_INFO, "no region is set, taking the default",
                  FIELD("region", DEFAULT_REGION));
        p->region = xstrdup(DEFAULT_REGION);
    }
    return 0;
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
    const char *ignore = environ_get(p->env, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    if (ignore && strcasecmp(ignore, "true") == 0)
        return 0;
    for (unsigned i = 0; i < SERVICE_COUNT; i++) {
        p->overrides[i] = copy_variable(p, variables[i]);
        if (!p->overrides[i])
            p->overrides[i] = copy_variable(p, "AWS_ENDPOINT_URL");
        if (!p->overrides[i])
            p->overrides[i] = auth_profile_endpoint(&context, aws_service_name(i), e);
        if (!p->overrides[i] && e->kind != ERROR_NONE)
            return -1;
    }
    return 0;
}

static int find_fips(struct platform *p, struct error *e)
{
    const struct auth_context context = profile_context(p);
    char *value = copy_variable(p, "AWS_USE_FIPS_ENDPOINT");
    if (!value)
        value = auth_profile_setting(&context, "use_fips_endpoint", e);
    if (!value)
        return e->kind == ERROR_NONE ? 0 : -1;
    p->use_fips = strcasecmp(value, "true") == 0;
    bool known = p->use_fips || strcasecmp(value, "false") == 0;
    if (!known)
        error_set(e, ERROR_CONFIG, "AWS_USE_FIPS_ENDPOINT is '%.40s': allowed are true, false",
                  value);
    free(value);
    return known ? 0 : -1;
}

/*
 * Where the usual limit is below what --max-connections allows, connections would fail: as many
 * as the system grants, within what that and files, pipes and a resolver's sockets can need.
 */
static void allow_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= DESCRIPTORS_WANTED)
        return;
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS_WANTED ? limit.rlim_max : DESCRIPTORS_WANTED;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static int make_http(struct platform *p, const struct settings *settings, struct error *e)
{
    const struct auth_context context = profile_context(p);
    char *bundle = copy_variable(p, "AWS_CA_BUNDLE");
    if (!bundle)
        bundle = auth_profile_setting(&context, "ca_bundle", e);
    if (!bundle && e->kind != ERROR_NONE)
        return -1;
    const struct http_options options = {
        .ca_bundle = bundle,
        .user_agent = "iam-census/" IAM_CENSUS_VERSION,
        .max_connections = (size_t)settings_number(settings, SETTING_MAX_CONNECTIONS),
        .connect_timeout_ms = settings_number(settings, SETTING_CONNECT_TIMEOUT) * 1000,
        .first_byte_timeout_ms = settings_number(settings, SETTING_READ_TIMEOUT) * 1000,
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
    if (!p->loop || auth_profile_check(&context, e) != 0 || find_region(p, settings, e) != 0 ||
        find_overrides(p, e) != 0 || find_fips(p, e) != 0 || make_http(p, settings, e) != 0)
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
                                   .use_fips = p->use_fips};
}

int platform_endpoint(const struct platform *p, enum aws_service service, struct endpoint *out,
                      struct error *e)
{
    const struct endpoint_query query = platform_endpoint_query(p, service);
    return endpoint_resolve(&query, out, e);
}
