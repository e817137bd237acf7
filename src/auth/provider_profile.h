/* SPDX-License-Identifier: MIT */
/*
 * provider_profile.h: credentials of a profile in '~/.aws/config' and '~/.aws/credentials'.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Using shared config and credentials files" and
 * "Assume role credential provider"; the order of a profile's keys is botocore's. What the program
 * does not speak itself (SSO, console login, MFA) it asks the installed AWS CLI for.
 */
#ifndef AUTH_PROVIDER_PROFILE_H
#define AUTH_PROVIDER_PROFILE_H

#include "auth/context.h"
#include "aws/provider.h"

/*
 * The context's profile. Both files are read at each fetch. A profile that nobody named and that is
 * missing, or holds no credentials, is absent; one that was named must give them. The context is
 * copied. Freed by provider_free.
 */
struct credentials_provider *provider_profile_new(const struct auth_context *context);

#endif
