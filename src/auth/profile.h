/* SPDX-License-Identifier: MIT */
/*
 * profile.h: which profile of '~/.aws/config' and '~/.aws/credentials' counts, and its settings
 * besides the credentials.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Using shared config and credentials files".
 */
#ifndef AUTH_PROFILE_H
#define AUTH_PROFILE_H

#include "auth/context.h"

/* True if the context, AWS_PROFILE or AWS_DEFAULT_PROFILE names a profile. */
bool profile_is_named(const struct auth_context *context);
/*
 * Its name: the context's, else that of AWS_PROFILE, else of AWS_DEFAULT_PROFILE, else "default".
 * Borrowed from the context or the environment.
 */
const char *profile_name(const struct auth_context *context);
/*
 * Returns 0 if the profile that is named is in one of the files, or none is named; -1 with
 * ERROR_CONFIG if it is missing, even if the credentials come from elsewhere, as in the AWS CLI; -1
 * also if a file can't be read, with the error that the profile's provider has then.
 */
int profile_check(const struct auth_context *context, struct error *e) MUST_CHECK;

/*
 * The value of 'key' ("region", "ca_bundle", "use_fips_endpoint", ...) in the context's profile, to
 * be freed; NULL if it has none, and 'e' is then of kind ERROR_NONE; NULL with 'e' set if a file
 * can't be read. Reads both files: a few times at the start, not in a loop.
 */
char *profile_setting(const struct auth_context *context, const char *key, struct error *e);
/* profile_setting of "region". */
char *profile_region(const struct auth_context *context, struct error *e);
/*
 * The custom endpoint of 'service' ("sts", "iam", "s3", "organizations") in the profile: that of
 * its 'services' section, else its 'endpoint_url'. As profile_setting.
 */
char *profile_endpoint(const struct auth_context *context, const char *service, struct error *e);

#endif
