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
    bool told_connections;          /* the warning that there are fewer has been logged */
    char *region;                   /* never NULL once ready */
    bool region_assumed;            /* nobody has set it */
    char *overrides[SERVICE_COUNT]; /* custom endpoints, or NULL */
    bool use_fips, use_dual_stack;
    bool no_checksums; /* S3: leave out what no operation demands */
};

/*
 * Makes the loop and the HTTP client from the settings and the environment. -1 and 'e' if the
 * region, the profile or the CA bundle can't be used; release it in that case too.
 */
int platform_init(struct platform *p, const struct settings *settings, struct error *e) MUST_CHECK;
void platform_release(struct platform *p);
/*
 * How many connections of the 'wanted' ones there may be: what the limit of descriptors leaves room
 * for (RLIMIT_NOFILE), less what the rest of the program needs. Warns once if that is fewer.
 */
size_t platform_connections(struct platform *p, size_t wanted);
/* The endpoint of a service, as the platform's settings have it. */
int platform_endpoint(const struct platform *p, enum aws_service service, struct endpoint *out,
                      struct error *e) MUST_CHECK;
/* What asks for an endpoint of S3, whose bucket has the last word. */
struct endpoint_query platform_endpoint_query(const struct platform *p, enum aws_service service);

#endif
