/* SPDX-License-Identifier: MIT */
/*
 * provider_profile_role.h: the role of a profile: an assume_role provider that owns its strings and
 * the credentials that it is assumed with.
 */
#ifndef AUTH_PROVIDER_PROFILE_ROLE_H
#define AUTH_PROVIDER_PROFILE_ROLE_H

#include "api/sts.h"
#include "aws/provider.h"

/* Views are borrowed for the call. */
struct profile_role_options {
    struct loop *loop;                   /* borrowed */
    const struct sts *sts;               /* borrowed */
    struct credentials_provider *source; /* owned from here on */
    struct view role_arn;
    struct view session_name;
    struct view external_id; /* VIEW_NONE if there is none */
    int duration_s;          /* 900 to 43200 */
};

/*
 * Errors name the role. If the source fails with ERROR_ABSENT, the role fails with
 * ERROR_CREDENTIALS. Freed by provider_free.
 */
struct credentials_provider *provider_profile_role_new(const struct profile_role_options *options);

#endif
