/* SPDX-License-Identifier: MIT */
/*
 * endpoint.h: where a service is, and what its requests are signed for.
 *
 * Source: the endpoint rule sets that AWS publishes with its SDKs for IAM, STS, Organizations and
 * S3. IAM and Organizations have one endpoint per partition; STS is called in the region.
 */
#ifndef AWS_ENDPOINT_H
#define AWS_ENDPOINT_H

#include "base/error.h"
#include "base/view.h"

enum aws_service { SERVICE_IAM, SERVICE_STS, SERVICE_ORGANIZATIONS, SERVICE_S3, SERVICE_COUNT };

struct endpoint {
    char url[512];  /* scheme, host, optional port and base path; no '/' at its end */
    char host[300]; /* the Host header: host, and port if it is not the scheme's own */
    char path[256]; /* the base path of a custom endpoint, else ""; no '/' at its end */
    char signing_region[32];
    const char *signing_name; /* "iam"; lives as long as the process */
    bool custom;              /* it comes from an override, not from AWS's rules */
};

struct endpoint_query {
    enum aws_service service;
    struct view region;   /* may be VIEW_NONE with an override: the default region */
    struct view override; /* a custom endpoint URL, or VIEW_NONE */
    bool use_fips;
    bool use_dual_stack;
};

/*
 * Resolves into '*out'. IAM and Organizations are signed for the partition's region even with an
 * override. "aws-global" and its like stand for the partition's endpoint, or for that of its
 * default region if there is none. Returns 0; -1 with ERROR_CONFIG if the region is missing or not
 * a valid host label, the override is not an http(s) URL (or a plain-http one to a host that is not
 * loopback), FIPS or dual stack is combined with an override, or the partition has no such
 * endpoint.
 */
int endpoint_resolve(const struct endpoint_query *query, struct endpoint *out,
                     struct error *e) MUST_CHECK;

/* -1 with ERROR_CONFIG if 'bucket' is not a valid name of a general purpose bucket. */
int endpoint_check_bucket(struct view bucket, struct error *e) MUST_CHECK;
/*
 * The S3 endpoint of one bucket: "https://bucket.s3.region.amazonaws.com", or path style
 * ("https://s3.region.amazonaws.com" and '*path_style' true) if the bucket's name is not a valid
 * host label (a dot would not match the certificate), or the endpoint is custom. 'query->service'
 * is not looked at. Fails as endpoint_resolve does, and with ERROR_CONFIG if 'bucket' is not a
 * valid name of a general purpose bucket.
 */
int endpoint_resolve_bucket(const struct endpoint_query *query, struct view bucket,
                            struct endpoint *out, bool *path_style, struct error *e) MUST_CHECK;

/* "iam", "sts", "organizations", "s3": for messages and signing. */
const char *aws_service_name(enum aws_service service);

#endif
