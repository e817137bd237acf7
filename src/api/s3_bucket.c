/* SPDX-License-Identifier: MIT */
#include "api/s3_call.h"

#include "aws/partition.h"
#include "base/alloc.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>

static int bucket_resolve(const struct s3_bucket *bucket, struct view region,
                          struct endpoint *endpoint, bool *path_style, struct error *e)
{
    struct endpoint_query query = bucket->where;
    query.region = region;
    return endpoint_resolve_bucket(&query, view_of(bucket->name), endpoint, path_style, e);
}

static char *copy_or_null(struct view v)
{
    return v.ptr ? xstrndup(v.ptr, v.len) : NULL;
}

struct s3_bucket *s3_bucket_new(struct aws_client *client, struct credentials_cache *credentials,
                                const struct s3_bucket_options *options, struct error *e)
{
    struct s3_bucket *bucket = xcalloc(1, sizeof(*bucket));
    bucket->client = client;
    bucket->credentials = credentials;
    bucket->name = xstrndup(options->name.ptr, options->name.len);
    bucket->override = copy_or_null(options->endpoint.override);
    bucket->expected_owner = copy_or_null(options->expected_owner);
    bucket->sse = copy_or_null(options->sse);
    bucket->sse_kms_key_id = copy_or_null(options->sse_kms_key_id);
    bucket->where = options->endpoint;
    bucket->where.override = view_of(bucket->override);
    bucket->no_checksums = options->no_checksums;
    bucket->partition = partition_of_region(options->endpoint.region);
    if (bucket_resolve(bucket, options->endpoint.region, &bucket->endpoint, &bucket->path_style,
                       e) == 0)
        return bucket;
    s3_bucket_free(bucket);
    return NULL;
}

void s3_bucket_free(struct s3_bucket *bucket)
{
    if (!bucket)
        return;
    free(bucket->name);
    free(bucket->override);
    free(bucket->expected_owner);
    free(bucket->sse);
    free(bucket->sse_kms_key_id);
    free(bucket);
}

int s3_bucket_move(struct s3_bucket *bucket, struct view region, struct error *e)
{
    struct endpoint endpoint;
    bool path_style;
    const struct partition *partition = partition_of_region(region);
    if (partition != bucket->partition)
        return error_set(
            e, ERROR_CONFIG,
            "bucket '%s' is in region '%.*s' of partition '%s', where nothing is sent: "
            "the credentials are those of partition '%s'",
            bucket->name, VIEW_ARG(region), partition->id, bucket->partition->id);
    if (bucket_resolve(bucket, region, &endpoint, &path_style, e) != 0) {
        e->kind = ERROR_PROTOCOL;
        return error_prefix(e, "the region that S3 names for bucket '%s' can't be used",
                            bucket->name);
    }
    bucket->endpoint = endpoint;
    bucket->path_style = path_style;
    log_event(LOG_INFO, "bucket is in another region", FIELD("bucket", bucket->name),
              FIELD_VIEW("region", region));
    return 0;
}

/*
 * The region in a host such as "bucket.s3-eu-west-1.amazonaws.com" or
 * "bucket.s3.eu-west-1.amazonaws.com".
 */
static struct view region_of_host(struct view host)
{
    for (size_t i = 0; i + 3 < host.len; i++) {
        if (memcmp(host.ptr + i, "s3", 2) != 0 ||
            (host.ptr[i + 2] != '-' && host.ptr[i + 2] != '.') || (i > 0 && host.ptr[i - 1] != '.'))
            continue;
        const char *start = host.ptr + i + 3;
        const char *end = memchr(start, '.', host.len - i - 3);
        struct view label = {start, end ? (size_t)(end - start) : 0};
        if (label.len > 3 && memchr(label.ptr, '-', label.len))
            return label;
    }
    return VIEW_NONE;
}

/*
 * True for refusals that can only mean another region. A refused HEAD has no body that could tell,
 * so its status 400 counts.
 */
static bool means_elsewhere(const struct s3_call *c, int status, const struct service_error *told)
{
    if (status / 100 == 3)
        return true;
    return status == 400 && (view_is(told->code, "AuthorizationHeaderMalformed") ||
                             view_is(told->code, "IllegalLocationConstraintException") ||
                             strcmp(c->method, "HEAD") == 0);
}

/*
 * As botocore's S3RegionRedirectorv2 does: looks first at the header, which other refusals may have
 * too, then at the body of a redirect.
 */
void s3_note_region(struct s3_call *c, const struct http_response *response,
                    const struct service_error *told)
{
    bool means = means_elsewhere(c, http_response_status(response), told);
    struct view region = http_response_header(response, "x-amz-bucket-region");
    if (means && region.len == 0)
        region = told->region;
    if (means && region.len == 0)
        region = region_of_host(told->endpoint);
    if (region.len >= sizeof(c->region) || view_is(region, c->signed_region))
        region = VIEW_NONE;
    snprintf(c->region, sizeof(c->region), "%.*s", VIEW_ARG(region));
    c->elsewhere = means || region.len > 0;
}
