/* SPDX-License-Identifier: MIT */
/*
 * credentials.h: what a request is signed with.
 *
 * A plain struct that holds two secrets, so it must be cleared, never just dropped.
 */
#ifndef AWS_CREDENTIALS_H
#define AWS_CREDENTIALS_H

#include "base/secret.h"

#include <stdint.h>

#define CREDENTIALS_NEVER_EXPIRE INT64_MAX

/*
 * Bounds, in characters. Those of an id are in the AWS STS API Reference, Credentials. AWS's secret
 * keys have 40 characters; for tokens AWS sets no limit, and advises against assuming one.
 */
#define CREDENTIALS_ID_MIN     16
#define CREDENTIALS_ID_MAX     128
#define CREDENTIALS_SECRET_MAX 256
#define CREDENTIALS_TOKEN_MAX  16384

struct credentials {
    char access_key_id[CREDENTIALS_ID_MAX + 1];
    struct secret secret_access_key;
    struct secret session_token; /* absent for long-term keys */
    int64_t expires_at_s;        /* UTC seconds, or CREDENTIALS_NEVER_EXPIRE */
    bool new_session;            /* STS has begun it for us: not all services may know it yet */
    bool stays_good; /* worth a try after they expire: their service may be late with newer ones */
};

/* Wipes and frees the secrets; the struct is zero afterwards. Safe on a zero struct. */
void credentials_clear(struct credentials *c);
/* Replaces '*to' (zero, or filled before) with a copy of '*from'. */
void credentials_copy(struct credentials *to, const struct credentials *from);

#endif
