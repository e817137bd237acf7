/* SPDX-License-Identifier: MIT */
/*
 * profile_set.h: the profiles of both files together.
 *
 * If both files have a profile its keys are joined; of a key in both, the credentials file's value
 * counts. The three values of static keys, however, always come from one file, so that a token is
 * never used with the key of another file.
 */
#ifndef AUTH_PROFILE_SET_H
#define AUTH_PROFILE_SET_H

#include "auth/profile_file.h"
#include "base/environ.h"

struct profile_set {
    struct profile_file credentials; /* AWS_SHARED_CREDENTIALS_FILE, else ~/.aws/credentials */
    struct profile_file config;      /* AWS_CONFIG_FILE, else ~/.aws/config */
};

/*
 * Reads both files into '*set' (zeroed). Files that are missing count as empty. Returns 0; -1 with
 * 'e' naming file and line. Either way profile_set_release ends it.
 */
int profile_set_read(struct profile_set *set, const struct environ *env,
                     struct error *e) MUST_CHECK;
/* Wipes and frees. Safe on a zeroed one. */
void profile_set_release(struct profile_set *set);
/* True if either file has the profile. */
bool profile_set_has(const struct profile_set *set, struct view profile);
/* Sets 'e' (kind ERROR_ABSENT) to where the profile was looked for: "not in '...' or '...'". */
void profile_set_missing(const struct profile_set *set, struct error *e);
/* The profile's value of 'key', VIEW_NONE if it has none or an empty one. */
struct view profile_set_get(const struct profile_set *set, struct view profile, const char *key);
/* True if the profile has 'key' at all, even with an empty value. */
bool profile_set_has_key(const struct profile_set *set, struct view profile, const char *key);
/* The value of 'key' in the config file's "[sso-session NAME]"; VIEW_NONE as profile_set_get. */
struct view profile_set_sso(const struct profile_set *set, struct view session, const char *key);
/*
 * The endpoint_url of 'service' ("sts") as the profile has it, into '*url': that of its 'services'
 * section, else its own; VIEW_NONE if there is neither. Returns 0; -1 and ERROR_CONFIG if the
 * 'services' section that the profile names is not there.
 */
int profile_set_endpoint(const struct profile_set *set, struct view profile, const char *service,
                         struct view *url, struct error *e) MUST_CHECK;

#endif
