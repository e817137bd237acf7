/* SPDX-License-Identifier: MIT */
/*
 * profile_source.h: from the keys of a profile to the provider that they describe.
 *
 * The order in which keys count is botocore's: a role, IAM Identity Center, static keys of the
 * credentials file, console login, credential_process, static keys of the config file.
 */
#ifndef AUTH_PROFILE_SOURCE_H
#define AUTH_PROFILE_SOURCE_H

#include "auth/context.h"
#include "auth/profile_set.h"
#include "aws/provider.h"

#define PROFILE_DEPTH_MAX 16 /* profiles that name each other as source_profile */

/*
 * A provider for 'profile', to be freed by provider_free; it borrows what 'context' points to, and
 * nothing of 'set'. NULL and 'e' if the profile is missing or holds no credentials (ERROR_ABSENT),
 * or what it holds is inconsistent (ERROR_CREDENTIALS).
 */
struct credentials_provider *profile_source_new(const struct auth_context *context,
                                                const struct profile_set *set, struct view profile,
                                                struct error *e);

#endif
