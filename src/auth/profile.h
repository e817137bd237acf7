/*
 * profile.h: credentials and settings of a profile in '~/.aws/config' and '~/.aws/credentials'.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Using shared config and credentials files" and
 * "Assume role credential provider"; the order of a profile's keys is botocore's. What the program
 * does not speak itself (SSO, console login, MFA) it asks the installed AWS CLI for.
 */
#ifndef AUTH_PROFILE_H
#define AUTH_PROFILE_H

#include "auth/context.h"
#include "aws/provider.h"

/*
 * The context's profile. Both files are read at each fetch. A profile that nobody named and that is
 * missing, or holds no credentials, is absent; one that was named must give them. The context is
 * copied. Freed by provider_free.
 */
struct credentials_provider *profile_provider_new(const struct auth_context *context);
/* True if the context, AWS_PROFILE or AWS_DEFAULT_PROFILE names a profile. */
bool profile_is_named(const struct auth_context *context);
/*
 * Its name: the context's, else that of AWS_PROFILE, else of AWS_DEFAULT_PROFILE, else "default".
 * Borrowed from the context or the environment.
 */
const char *profile_name(const struct auth_context *context);
/*
 * 0 if the profile that somebody names is in one of the files, or nobody names one; -1 with
 * ERROR_CONFIG if it is missing, whoever gives the credentials, as in the AWS CLI. A file that
 * can't be read is an error as of profile_provider_new.
 */
int auth_profile_check(const struct auth_context *context, struct error *e) MUST_CHECK;

/*
 * The value of 'key' ("region", "ca_bundle", "use_fips_endpoint", ...) in the context's profile, to
 * be freed; NULL where there is none, and 'e' is then of kind ERROR_NONE; NULL with 'e' set where
 * a file can't be read. Reads both files: a few times at the start, not in a loop.
 */
char *auth_profile_setting(const struct auth_context *context, const char *key, struct error *e);
/* auth_profile_setting of "region". */
char *auth_profile_region(const struct auth_context *context, struct error *e);
/*
 * The custom endpoint of 'service' ("sts", "iam", "s3", "organizations") in the profile: that of
 * its 'services' section, else its 'endpoint_url'. As auth_profile_setting.
 */
char *auth_profile_endpoint(const struct auth_context *context, const char *service,
                            struct error *e);

#endif
