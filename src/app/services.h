/* SPDX-License-Identifier: MIT */
/*
 * services.h: the AWS services that one run calls with the caller's credentials: their endpoints,
 * their rates and the client that they share.
 */
#ifndef APP_SERVICES_H
#define APP_SERVICES_H

#include "api/s3.h"
#include "api/sts.h"
#include "app/config.h"
#include "app/platform.h"
#include "aws/call.h"

struct services {
    struct platform *platform; /* borrowed */
    struct aws_client *client;
    struct endpoint iam, sts_endpoint, organizations;
    struct rate sts_rate, organizations_rate;
    struct sts sts;
    struct auth_context auth;
    struct credentials_cache credentials; /* the caller's */
};

/*
 * Prepares 's', which must not be moved from here on. 'platform' is borrowed until 's' is released.
 * No service is contacted.
 */
void services_init(struct services *s, struct platform *platform, size_t max_connections);
/* Resolves the endpoints; -1 with ERROR_CONFIG if one can't be resolved. */
int services_resolve(struct services *s, struct error *e) MUST_CHECK;
/*
 * If 'e', the error of a call with the caller's credentials, means that AWS refuses them or that
 * they can't be renewed, rewrites '*e' so that it names their source and what may be wrong, and
 * returns true. Any other error is left alone.
 */
bool services_explain_refusal(const struct services *s, struct error *e);
/* Frees what 's' owns. Its calls must have ended. */
void services_release(struct services *s);
/* The target of calls to Organizations, which everything else waits for. */
struct aws_target services_organizations(struct services *s);
/*
 * The config's bucket, which the caller frees (s3_bucket_free); NULL with 'e' if its endpoint can't
 * be resolved.
 */
struct s3_bucket *services_bucket(struct services *s, const struct config *config, struct error *e);

#endif
