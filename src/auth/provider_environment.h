/* SPDX-License-Identifier: MIT */
/*
 * provider_environment.h: credentials from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
 * AWS_SESSION_TOKEN.
 *
 * Source: AWS SDKs and Tools Reference Guide, "AWS access keys"
 * (docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html). An
 * AWS_CREDENTIAL_EXPIRATION beside them (as 'aws configure export-credentials' prints it) is
 * respected.
 */
#ifndef AUTH_PROVIDER_ENVIRONMENT_H
#define AUTH_PROVIDER_ENVIRONMENT_H

#include "aws/provider.h"
#include "base/environ.h"
#include "net/loop.h"

/*
 * Both borrowed. ERROR_ABSENT if neither AWS_ACCESS_KEY_ID nor AWS_SECRET_ACCESS_KEY is set. Freed
 * by provider_free.
 */
struct credentials_provider *provider_environment_new(struct loop *loop, const struct environ *env);

#endif
