/* SPDX-License-Identifier: MIT */
/*
 * sts.h: the operations of AWS Security Token Service that the program uses.
 *
 * Source: AWS STS API Reference, version 2011-06-15.
 */
#ifndef API_STS_H
#define API_STS_H

#include "aws/call.h"

#define STS_SESSION_DURATION_S 3600

/* The service as the caller sees it; all borrowed, must outlive its calls. */
struct sts {
    struct aws_client *client;
    const struct endpoint *endpoint;
    struct rate *rate; /* one for all: AssumeRole counts against the caller's account */
};

struct sts_assume_role_input {
    struct view role_arn;
    struct view session_name;
    const struct secret *external_id; /* NULL if there is none */
    struct view policy;               /* inline session policy (JSON), or VIEW_NONE */
    int duration_s;                   /* 900 to 43200 */
};

struct sts_identity {
    struct view account; /* 12 digits */
    struct view arn;
    struct view user_id;
};

/* True for 2 to 1,224 of the characters that AssumeRole takes in an ExternalId. */
bool sts_external_id_valid(struct view id);
/* What such an id is made of, for messages, which must not show the id itself. */
#define STS_EXTERNAL_ID_FORM "2 to 1224 letters, digits and any of _+=,.@:/-"

struct sts_call; /* a call under way */

/* Ends a call without calling back. 'call' may be NULL. */
void sts_cancel(struct sts_call *call);

/*
 * AssumeRole, signed with 'caller'. The input is copied. 'done' is called once, never from within
 * this call: with credentials borrowed for the callback, or NULL and the error. The handle is good
 * until then.
 */
struct sts_call *sts_assume_role(const struct sts *sts, struct credentials_cache *caller,
                                 const struct sts_assume_role_input *input,
                                 void (*done)(void *arg, const struct credentials *c,
                                              const struct error *e),
                                 void *arg);

/* AssumeRoleWithWebIdentity: not signed; 'token' (the OIDC token) is copied. As sts_assume_role. */
struct sts_call *sts_assume_role_with_web_identity(
    const struct sts *sts, struct view role_arn, struct view session_name,
    const struct secret *token,
    void (*done)(void *arg, const struct credentials *c, const struct error *e), void *arg);

/* GetCallerIdentity, signed with 'caller'. The identity is borrowed for the callback. */
struct sts_call *sts_get_caller_identity(
    const struct sts *sts, struct credentials_cache *caller,
    void (*done)(void *arg, const struct sts_identity *identity, const struct error *e), void *arg);

#endif
