/* SPDX-License-Identifier: MIT */
/*
 * provider_assume_role.h: credentials of a role, by AssumeRole with other credentials.
 *
 * Source: AWS STS API Reference, AssumeRole. One is made for every account of a census, so it keeps
 * no copies: what the options point to must outlive the provider.
 */
#ifndef AUTH_PROVIDER_ASSUME_ROLE_H
#define AUTH_PROVIDER_ASSUME_ROLE_H

#include "api/sts.h"
#include "aws/provider.h"

/* Everything is borrowed for the life of the provider; the struct itself is copied. */
struct assume_role_options {
    const struct sts *sts;
    struct credentials_cache *source; /* who assumes the role */
    struct view role_arn;
    struct view session_name;
    const struct secret *external_id; /* NULL if there is none */
    struct view policy;               /* inline session policy (JSON), or VIEW_NONE */
    int duration_s;                   /* 900 to 43200; 0: STS_SESSION_DURATION_S */
};

/*
 * A provider of the role's credentials; freed by provider_free. It never fails with ERROR_ABSENT:
 * its errors are those of the STS call, unchanged.
 */
struct credentials_provider *provider_assume_role_new(const struct assume_role_options *options);

#endif
