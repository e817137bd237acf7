/* SPDX-License-Identifier: MIT */
/*
 * keys.h: the three values of credentials, checked before they are used.
 */
#ifndef AUTH_KEYS_H
#define AUTH_KEYS_H

#include "aws/credentials.h"
#include "base/error.h"

/* All borrowed. */
struct keys {
    struct view access_key_id;
    struct view secret_access_key;
    struct view session_token; /* VIEW_NONE, or empty: none */
    int64_t expires_at_s;      /* UTC seconds, or CREDENTIALS_NEVER_EXPIRE */
    const char *names[3];      /* what the source calls them, to be shown instead of the values */
};

/*
 * Copies 'keys' into '*c' (zero, or filled before). They are sent in headers, so each must be
 * visible ASCII within its bound (aws/credentials.h), and the id must consist of letters, digits
 * and '_'. Otherwise -1 and ERROR_CREDENTIALS, which names the one that is wrong, and asks whether
 * id and secret are swapped if they look so.
 */
int keys_check(const struct keys *keys, struct credentials *c, struct error *e) MUST_CHECK;

#endif
