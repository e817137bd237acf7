/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a URL that somebody configures, as a region, and as the name of a bucket: what comes
 * out has the form that a request may hold.
 */
#include "aws/endpoint.h"
#include "aws/url.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A host goes into a header as it is. */
static void check_host(const char *host)
{
    if (!*host)
        abort();
    for (const char *c = host; *c; c++)
        if (!isgraph((unsigned char)*c) || strchr("/?#@\\ ", *c))
            abort();
}

static void check_endpoint(const struct endpoint *endpoint)
{
    check_host(endpoint->host);
    if (strncmp(endpoint->url, "http", 4) != 0 || strpbrk(endpoint->url, "\r\n \\?#"))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len < 1)
        return 0;
    struct view text = {(const char *)bytes + 1, len - 1};
    struct url url;
    struct endpoint endpoint;
    struct error e = {0};
    bool path_style;
    if (url_parse(text, &url)) {
        check_host(url.host);
        url_is_loopback(&url);
    }
    struct endpoint_query query = {.service = bytes[0] % SERVICE_COUNT,
                                   .region = VIEW_LITERAL("us-east-1"),
                                   .override = text,
                                   .use_fips = bytes[0] & 16,
                                   .use_dual_stack = bytes[0] & 32};
    if (endpoint_resolve(&query, &endpoint, &e) == 0)
        check_endpoint(&endpoint);
    query.override = VIEW_NONE;
    if (endpoint_check_bucket(text, &e) == 0) {
        query.service = SERVICE_S3;
        if (endpoint_resolve_bucket(&query, text, &endpoint, &path_style, &e) == 0)
            check_endpoint(&endpoint);
    }
    query.region = text;
    if (endpoint_resolve(&query, &endpoint, &e) == 0)
        check_endpoint(&endpoint);
    return 0;
}
