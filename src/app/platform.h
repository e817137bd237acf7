/* SPDX-License-Identifier: MIT */
/*
 * platform.h: what a process has only once, however many censuses it runs: the loop, the
 * connections, and the AWS settings of its environment.
 */
#ifndef APP_PLATFORM_H
#define APP_PLATFORM_H

#include "app/settings.h"
#include "auth/context.h"
#include "aws/endpoint.h"
#include "net/http.h"

struct platform {
    struct loop *loop;
    struct http_client *http;
    const struct environ *env;
    char *profile;                  /* --profile, or NULL */
    bool told_connections;          /* has warned that there are fewer connections than wanted */
    char *region;                   /* never NULL once ready */
    bool region_assumed;            /* no setting gave it */
    char *overrides[SERVICE_COUNT]; /* custom endpoints, or NULL */
    bool use_fips, use_dual_stack;
    bool no_checksums; /* S3: send only checksums that an operation requires */
};

/*
 * Makes the loop and the HTTP client from the settings and the environment. -1 and 'e' if the
 * region, the profile or the CA bundle can't be used; release it in that case too.
 */
int platform_init(struct platform *p, const struct settings *settings, struct error *e) MUST_CHECK;
void platform_release(struct platform *p);
/*
 * How many of the 'wanted' connections are possible: as many as the limit of descriptors
 * (RLIMIT_NOFILE) allows, after what the rest of the program needs. Warns once if that is fewer.
 */
size_t platform_connections(struct platform *p, size_t wanted);
/* The endpoint of a service according to the platform's settings. */
int platform_endpoint(const struct platform *p, enum aws_service service, struct endpoint *out,
                      struct error *e) MUST_CHECK;
/*
 * The settings that decide a service's endpoint. S3 needs them because its endpoint also depends on
 * the bucket.
 */
struct endpoint_query platform_endpoint_query(const struct platform *p, enum aws_service service);

#endif
