/* SPDX-License-Identifier: MIT */
#include "aws/endpoint.h"

#include "aws/partition.h"
#include "aws/url.h"
#include "base/character.h"

#include <stdio.h>

#define LABEL_MAX   63 /* RFC 1035: characters of one label of a host name */
#define SHOWN_MAX   200
#define BUCKET_MIN  3
#define BUCKET_MAX  255 /* of old buckets; new ones have at most 63 */
#define EXPRESS_END "--x-s3"

static const char *const names[SERVICE_COUNT] = {"iam", "sts", "organizations", "s3"};

enum variant { PLAIN = 1, DUAL = 2, FIPS = 4, FIPS_DUAL = 8 };

/*
 * The hosts that do not follow the pattern of compose_host. The first match wins. '*' in a host
 * stands for the region. If 'host' is NULL there is no such endpoint; if 'region' is NULL the row
 * holds for all regions.
 */
struct exception {
    enum aws_service service;
    unsigned variants;
    const char *partition;
    const char *region;
    const char *host;
    const char *signing_region; /* NULL: the region */
};

static const struct exception exceptions[] = {
    {SERVICE_IAM, DUAL, "aws", NULL, "iam.global.api.aws", "us-east-1"},
    {SERVICE_IAM, FIPS_DUAL, "aws", NULL, "iam-fips.global.api.aws", "us-east-1"},
    {SERVICE_IAM, PLAIN, "aws-cn", NULL, "iam.cn-north-1.amazonaws.com.cn", "cn-north-1"},
    {SERVICE_IAM, DUAL, "aws-cn", NULL, "iam.global.api.amazonwebservices.com.cn", "cn-north-1"},
    {SERVICE_IAM, PLAIN | FIPS, "aws-us-gov", NULL, "iam.us-gov.amazonaws.com", "us-gov-west-1"},
    {SERVICE_IAM, DUAL | FIPS_DUAL, "aws-us-gov", NULL, "iam.us-gov.api.aws", "us-gov-west-1"},
    {SERVICE_IAM, PLAIN, "aws-iso", NULL, "iam.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"},
    {SERVICE_IAM, FIPS, "aws-iso", NULL, "iam-fips.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"},
    {SERVICE_IAM, PLAIN, "aws-iso-b", NULL, "iam.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1"},
    {SERVICE_IAM, FIPS, "aws-iso-b", NULL, "iam-fips.us-isob-east-1.sc2s.sgov.gov",
     "us-isob-east-1"},
    {SERVICE_IAM, PLAIN, "aws-iso-e", NULL, "iam.eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1"},
    {SERVICE_IAM, PLAIN, "aws-iso-f", NULL, "iam.us-isof-south-1.csp.hci.ic.gov",
     "us-isof-south-1"},
    {SERVICE_IAM, PLAIN, "aws-eusc", NULL, "iam.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"},
    {SERVICE_STS, PLAIN, "aws", "aws-global", "sts.amazonaws.com", "us-east-1"},
    {SERVICE_STS, FIPS, "aws-us-gov", NULL, "sts.*.amazonaws.com", NULL},
    {SERVICE_ORGANIZATIONS, PLAIN, "aws", NULL, "organizations.us-east-1.amazonaws.com",
     "us-east-1"},
    {SERVICE_ORGANIZATIONS, FIPS, "aws", NULL, "organizations-fips.us-east-1.amazonaws.com",
     "us-east-1"},
    {SERVICE_ORGANIZATIONS, PLAIN, "aws-cn", NULL, "organizations.cn-northwest-1.amazonaws.com.cn",
     "cn-northwest-1"},
    {SERVICE_ORGANIZATIONS, PLAIN | FIPS, "aws-us-gov", NULL,
     "organizations.us-gov-west-1.amazonaws.com", "us-gov-west-1"},
    {SERVICE_ORGANIZATIONS, PLAIN, "aws-iso", NULL, "organizations.us-iso-east-1.c2s.ic.gov",
     "us-iso-east-1"},
    {SERVICE_ORGANIZATIONS, PLAIN, "aws-iso-b", NULL, "organizations.us-isob-east-1.sc2s.sgov.gov",
     "us-isob-east-1"},
    {SERVICE_ORGANIZATIONS, PLAIN, "aws-iso-f", NULL,
     "organizations.us-isof-south-1.csp.hci.ic.gov", "us-isof-south-1"},
    {SERVICE_S3, PLAIN, "aws", "aws-global", "s3.amazonaws.com", "us-east-1"},
    {SERVICE_S3, FIPS | FIPS_DUAL, "aws-cn", NULL, NULL, NULL},
};

const char *aws_service_name(enum aws_service service)
{
    return names[service];
}

/* As much of a setting as an error message has room for. */
static struct view clip(struct view v)
{
    return (struct view){v.ptr, v.len > SHOWN_MAX ? SHOWN_MAX : v.len};
}

static bool is_label(struct view v, size_t max)
{
    if (v.len == 0 || v.len > max || v.ptr[0] == '-' || v.ptr[v.len - 1] == '-')
        return false;
    for (size_t i = 0; i < v.len; i++)
        if (!character_is_lower_alnum(v.ptr[i]) && v.ptr[i] != '-')
            return false;
    return true;
}

static enum variant variant_of(const struct endpoint_query *q)
{
    if (q->use_fips)
        return q->use_dual_stack ? FIPS_DUAL : FIPS;
    return q->use_dual_stack ? DUAL : PLAIN;
}

static const struct exception *find_exception(enum aws_service service, const struct partition *p,
                                              struct view region, enum variant variant)
{
    for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++) {
        const struct exception *x = &exceptions[i];
        if (x->service == service && strcmp(x->partition, p->id) == 0 && (x->variants & variant) &&
            (!x->region || view_is(region, x->region)))
            return x;
    }
    return NULL;
}

static void compose_host(const struct endpoint_query *q, const struct partition *p,
                         const char *region, char *host, size_t size)
{
    const char *name = names[q->service];
    const char *fips = q->use_fips ? "-fips" : "";
    const char *suffix = q->use_dual_stack ? p->dual_stack_suffix : p->dns_suffix;
    if (q->service == SERVICE_IAM)
        snprintf(host, size, "%s%s.%s", name, fips, suffix);
    else if (q->service == SERVICE_S3)
        snprintf(host, size, "%s%s.%s%s.%s", name, fips, q->use_dual_stack ? "dualstack." : "",
                 region, p->dns_suffix);
    else
        snprintf(host, size, "%s%s.%s.%s", name, fips, region, suffix);
}

static void fill_in_region(const char *pattern, const char *region, char *host, size_t size)
{
    const char *star = strchr(pattern, '*');
    if (star)
        snprintf(host, size, "%.*s%s%s", (int)(star - pattern), pattern, region, star + 1);
    else
        snprintf(host, size, "%s", pattern);
}

/* "aws-cn-global" and its like are not part of a host name: a real region takes their place. */
static int find_region(const struct endpoint_query *q, char *out, size_t size, struct error *e)
{
    const struct partition *p = partition_of_region(q->region);
    if (q->region.len == 0 && q->override.len == 0)
        return error_set(e, ERROR_CONFIG,
                         "no region for %s: set AWS_REGION, or 'region' in the AWS profile",
                         names[q->service]);
    if (q->region.len > 0 && !is_label(q->region, size - 1))
        return error_set(
            e, ERROR_CONFIG,
            "'%.*s' is not a valid AWS region: it may have up to %zu lower-case letters, "
            "digits and hyphens",
            VIEW_ARG(clip(q->region)), size - 1);
    if (q->region.len == 0 || partition_is_global_region(p, q->region))
        snprintf(out, size, "%s", p->default_region);
    else
        snprintf(out, size, "%.*s", VIEW_ARG(q->region));
    return 0;
}

static const char *signing_region(enum aws_service service, const struct partition *p,
                                  const struct exception *x, const char *region)
{
    if (x && x->signing_region)
        return x->signing_region;
    return service == SERVICE_IAM ? p->global_region : region;
}

static int check_override(const struct endpoint_query *q, struct url *url, struct error *e)
{
    const char *name = names[q->service];
    struct view shown = clip(q->override);
    /* What is before an '@' may be a password, so such a URL is not shown. */
    if (memchr(q->override.ptr, '@', q->override.len))
        return error_set(e, ERROR_CONFIG, "endpoint of %s holds '@': leave user and password out",
                         name);
    if (!url_parse(q->override, url))
        return error_set(e, ERROR_CONFIG,
                         "endpoint '%.*s' of %s is not a URL such as 'https://host:port/path'",
                         VIEW_ARG(shown), name);
    if (!url->tls && !url_is_loopback(url))
        return error_set(e, ERROR_CONFIG,
                         "endpoint '%.*s' of %s would send requests unencrypted: use 'https://', "
                         "or a loopback host such as '127.0.0.1'",
                         VIEW_ARG(shown), name);
    if (q->use_fips || q->use_dual_stack)
        return error_set(e, ERROR_CONFIG,
                         "endpoint '%.*s' of %s cannot be combined with %s endpoints: turn one of "
                         "them off",
                         VIEW_ARG(shown), name, q->use_fips ? "FIPS" : "dual-stack");
    return 0;
}

/* The scheme's default port is left out, as clients leave it out of the Host header. */
static int resolve_override(const struct endpoint_query *q, struct endpoint *out, struct error *e)
{
    struct url url = {0};
    if (check_override(q, &url, e) != 0)
        return -1;
    if (url.port == 0 || url.port == (url.tls ? 443 : 80))
        snprintf(out->host, sizeof(out->host), "%s", url.host);
    else
        snprintf(out->host, sizeof(out->host), "%s:%ld", url.host, url.port);
    int path_len = snprintf(out->path, sizeof(out->path), "%.*s", VIEW_ARG(url.path));
    int url_len = snprintf(out->url, sizeof(out->url), "%s://%s%s", url.tls ? "https" : "http",
                           out->host, out->path);
    if (path_len >= (int)sizeof(out->path) || url_len >= (int)sizeof(out->url))
        return error_set(e, ERROR_CONFIG, "endpoint '%.*s...' of %s is too long",
                         VIEW_ARG(clip(q->override)), names[q->service]);
    out->custom = true;
    return 0;
}

int endpoint_resolve(const struct endpoint_query *q, struct endpoint *out, struct error *e)
{
    char region[sizeof(out->signing_region)];
    const struct partition *p = partition_of_region(q->region);
    bool custom = q->override.len > 0;
    *out = (struct endpoint){.signing_name = names[q->service]};
    if (find_region(q, region, sizeof(region), e) != 0)
        return -1;
    if (custom && resolve_override(q, out, e) != 0)
        return -1;
    const struct exception *x = find_exception(q->service, p, q->region, variant_of(q));
    snprintf(out->signing_region, sizeof(out->signing_region), "%s",
             signing_region(q->service, p, x, region));
    if (custom)
        return 0;
    if (x && !x->host)
        return error_set(e, ERROR_CONFIG, "partition '%s' has no FIPS endpoint for %s", p->id,
                         names[q->service]);
    if (x)
        fill_in_region(x->host, region, out->host, sizeof(out->host));
    else
        compose_host(q, p, region, out->host, sizeof(out->host));
    snprintf(out->url, sizeof(out->url), "https://%s", out->host);
    return 0;
}

static bool is_bucket(struct view bucket)
{
    if (bucket.len < BUCKET_MIN || bucket.len > BUCKET_MAX)
        return false;
    for (size_t i = 0; i < bucket.len; i++) {
        char c = bucket.ptr[i];
        if (!character_is_alnum(c) && c != '-' && c != '.' && c != '_')
            return false;
    }
    return true;
}

int endpoint_check_bucket(struct view bucket, struct error *e)
{
    const size_t end = sizeof(EXPRESS_END) - 1;
    struct view shown = clip(bucket);
    if (!is_bucket(bucket))
        return error_set(e, ERROR_CONFIG,
                         "'%.*s' is not a valid bucket name: it has %d to %d letters, digits, '-', "
                         "'.', '_'",
                         VIEW_ARG(shown), BUCKET_MIN, BUCKET_MAX);
    if (bucket.len > end && memcmp(bucket.ptr + bucket.len - end, EXPRESS_END, end) == 0)
        return error_set(e, ERROR_CONFIG,
                         "'%.*s' is a directory bucket (S3 Express): name a general purpose one",
                         VIEW_ARG(shown));
    return 0;
}

int endpoint_resolve_bucket(const struct endpoint_query *query, struct view bucket,
                            struct endpoint *out, bool *path_style, struct error *e)
{
    struct endpoint_query q = *query;
    if (endpoint_check_bucket(bucket, e) != 0)
        return -1;
    q.service = SERVICE_S3;
    if (endpoint_resolve(&q, out, e) != 0)
        return -1;
    *path_style = out->custom || !is_label(bucket, LABEL_MAX);
    if (*path_style)
        return 0;
    char host[sizeof(out->host)];
    int len = snprintf(host, sizeof(host), "%.*s.%s", VIEW_ARG(bucket), out->host);
    if (len < 0 || (size_t)len >= sizeof(host))
        return error_set(e, ERROR_CONFIG, "host of bucket '%.*s' is too long",
                         VIEW_ARG(clip(bucket)));
    memcpy(out->host, host, sizeof(host));
    snprintf(out->url, sizeof(out->url), "https://%s", out->host);
    return 0;
}
