/* SPDX-License-Identifier: MIT */
/*
 * context.h: what the credentials providers need of the rest of the program.
 */
#ifndef AUTH_CONTEXT_H
#define AUTH_CONTEXT_H

#include "api/sts.h"
#include "base/environ.h"
#include "net/http.h"

/*
 * All borrowed, and in place for as long as a provider made with it lives; the struct itself is
 * copied. 'sts' is read only when a provider is started, so its endpoint may be filled in after the
 * chain has been made.
 */
struct auth_context {
    struct loop *loop;
    struct http_client *http; /* for the container and instance metadata services */
    const struct sts *sts;    /* for roles; NULL: profiles with roles fail and say so */
    const struct environ *env;
    const char *profile; /* the profile to use, or NULL: AWS_PROFILE, else 'default' */
};

/* The RoleSessionName if neither profile nor environment gives one. */
#define AUTH_SESSION_NAME "iam-census"

#endif
