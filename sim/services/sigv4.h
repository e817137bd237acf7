/* SPDX-License-Identifier: MIT */
/*
 * sigv4.h: strictly checks AWS Signature Version 4 in the Authorization header.
 *
 * See "AWS Signature Version 4 for API requests" in the IAM User Guide. Shares no code with the
 * signer of src/, so that a mistake of one can't hide a mistake of the other.
 */
#ifndef SERVICES_SIGV4_H
#define SERVICES_SIGV4_H

#include "services/authorization.h"
#include "services/session.h"
#include "wire/request.h"
#include "world/action.h"

#include <stdint.h>

#define SIGV4_MESSAGE_SIZE 512

enum sigv4_result {
    SIGV4_VALID,
    SIGV4_INCOMPLETE,      /* a header that must be there or must be signed is not */
    SIGV4_MISMATCH,        /* the signature, the scope's date or the scope is wrong */
    SIGV4_UNKNOWN_KEY,     /* there is no such access key id */
    SIGV4_INVALID_TOKEN,   /* the session token is not one of ours, or not of this key */
    SIGV4_EXPIRED_TOKEN,   /* the session is over */
    SIGV4_SKEWED,          /* the clocks differ too much */
    SIGV4_NOT_SIGNED,      /* an x-amz- header is not signed (S3) */
    SIGV4_NO_CONTENT_HASH, /* no x-amz-content-sha256 (S3) */
    SIGV4_NO_DATE,         /* no x-amz-date (S3) */
};

struct sigv4_check {
    const struct request *request;
    const struct sigv4_scope *scope;
    enum service service;
    uint64_t seed;
    int64_t now;
    /* in hexadecimal; for S3 the header's value, for the others the hash of the body */
    const char *payload_hash;
};

/*
 * Checks the whole request. 'message' (SIGV4_MESSAGE_SIZE bytes) becomes AWS's message if there is
 * a special one, otherwise empty. The identity is borrowed until the next check.
 */
enum sigv4_result sigv4_verify(const struct sigv4_check *check, const struct identity **identity,
                               char *message);

/* Frees the keys that were kept for speed. */
void sigv4_cleanup(void);

#endif
