/* SPDX-License-Identifier: MIT */
/*
 * session.h: the identities that can call: the organization's caller with its fixed keys, and
 * sessions of roles.
 *
 * Sessions are not stored. A session's token holds its role and expiry, sealed with an HMAC, and
 * its keys are derived from the token, so that any number of sessions costs no memory.
 */
#ifndef SERVICES_SESSION_H
#define SERVICES_SESSION_H

#include "wire/text.h"

#include <stdbool.h>
#include <stdint.h>

#define CALLER_ACCESS_KEY_ID "AKIASIMULATEDCALLER0"
#define CALLER_SECRET_KEY    "simulated-secret"
#define CALLER_USER_NAME     "simulated-caller"

#define ACCESS_KEY_ID_SIZE 21
#define SECRET_KEY_SIZE    41
#define ROLE_NAME_SIZE     577 /* a path of 512 and a name of 64 characters */
#define SESSION_NAME_SIZE  65
#define SESSION_TOKEN_MAX  2048

struct identity {
    bool is_role; /* false: the organization's caller, a user */
    uint32_t account;
    char role[ROLE_NAME_SIZE]; /* with its path, without a leading slash */
    char session[SESSION_NAME_SIZE];
    uint64_t policy; /* the actions that the session policy allows */
    int64_t expires;
    char access_key_id[ACCESS_KEY_ID_SIZE];
    char secret_key[SECRET_KEY_SIZE];
};

enum session_result { SESSION_OPEN, SESSION_INVALID };

/* Derives the keys of a role's identity and appends its session token to 'token'. */
void session_issue(struct identity *identity, uint64_t seed, struct buffer *token);

/*
 * Finds the identity with this access key id and token (NULL: none was sent). It is borrowed and
 * valid until the next call. Does not check whether the session has expired.
 */
enum session_result session_find(const char *access_key_id, const char *token, uint64_t seed,
                                 const struct identity **identity);

/* Frees the tokens that were kept for speed. */
void session_cleanup(void);

#endif
