/* SPDX-License-Identifier: MIT */
/*
 * provider_profile.h: credentials of a profile in '~/.aws/config' and '~/.aws/credentials'.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Using shared config and credentials files" and
 * "Assume role credential provider"; the order of a profile's keys is botocore's. For what the
 * program can't do itself (SSO, console login, MFA) it runs the installed AWS CLI.
 */
#ifndef AUTH_PROVIDER_PROFILE_H
#define AUTH_PROVIDER_PROFILE_H

#include "auth/context.h"
#include "aws/provider.h"

/*
 * The context's profile. Both files are read at each fetch. If the profile is missing or holds no
 * credentials, the error is of kind ERROR_ABSENT if nobody named that profile, else
 * ERROR_CREDENTIALS. The context is copied. Freed by provider_free.
 */
struct credentials_provider *provider_profile_new(const struct auth_context *context);

#endif
