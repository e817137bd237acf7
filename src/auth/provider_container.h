/* SPDX-License-Identifier: MIT */
/*
 * provider_container.h: credentials from the agent of ECS, EKS or Lambda SnapStart, over local
 * HTTP.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Container credential provider"
 * (docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html).
 */
#ifndef AUTH_PROVIDER_CONTAINER_H
#define AUTH_PROVIDER_CONTAINER_H

#include "auth/context.h"
#include "aws/provider.h"

/*
 * From AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, else AWS_CONTAINER_CREDENTIALS_FULL_URI;
 * ERROR_ABSENT if neither is set. The context is copied. Freed by provider_free.
 */
struct credentials_provider *provider_container_new(const struct auth_context *context);

#endif
