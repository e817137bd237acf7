/* SPDX-License-Identifier: MIT */
/*
 * provider_imds.h: credentials of an EC2 instance's role, from its metadata service, version 2
 * only.
 *
 * Source: Amazon EC2 User Guide, "Use the Instance Metadata Service to access instance metadata";
 * AWS SDKs and Tools Reference Guide, "IMDS credential provider"
 * (docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html).
 */
#ifndef AUTH_PROVIDER_IMDS_H
#define AUTH_PROVIDER_IMDS_H

#include "auth/context.h"
#include "aws/provider.h"

/*
 * The address of the service is that of AWS_EC2_METADATA_SERVICE_ENDPOINT, else of the profile's
 * ec2_metadata_service_endpoint, else the usual one for IPv4 or IPv6, as
 * AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE says, else the profile's
 * ec2_metadata_service_endpoint_mode. ERROR_ABSENT if AWS_EC2_METADATA_DISABLED is true, nothing
 * answers (2 attempts of 1 s), the service gives no token, or the instance has no role. The context
 * is copied. Freed by provider_free.
 */
struct credentials_provider *provider_imds_new(const struct auth_context *context);

#endif
