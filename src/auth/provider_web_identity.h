/* SPDX-License-Identifier: MIT */
/*
 * provider_web_identity.h: credentials of a role in exchange for an OpenID Connect token in a file.
 *
 * Source: AWS STS API Reference, AssumeRoleWithWebIdentity; AWS SDKs and Tools Reference Guide,
 * "Assume role credential provider". The file is read anew for each fetch: whoever puts it there
 * (EKS, a CI runner) replaces it.
 */
#ifndef AUTH_PROVIDER_WEB_IDENTITY_H
#define AUTH_PROVIDER_WEB_IDENTITY_H

#include "auth/context.h"
#include "aws/provider.h"

#define WEB_IDENTITY_TOKEN_MAX 20000 /* STS accepts tokens of up to 20,000 characters */

/*
 * From AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN and AWS_ROLE_SESSION_NAME; ERROR_ABSENT if the
 * first is not set. The context is copied. Freed by provider_free.
 */
struct credentials_provider *provider_web_identity_new(const struct auth_context *context);
/* The same from three values of a profile, which are copied. */
struct credentials_provider *
provider_web_identity_new_of_profile(const struct auth_context *context, struct view token_file,
                                     struct view role_arn, struct view session_name);

#endif
