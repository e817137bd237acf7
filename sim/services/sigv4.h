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
    SIGV4_INCOMPLETE,      /* a header is missing, or is not signed, that must be */
    SIGV4_MISMATCH,        /* the signature, the scope's date or the scope is wrong */
    SIGV4_UNKNOWN_KEY,     /* the access key id does not exist */
    SIGV4_INVALID_TOKEN,   /* the session token is not ours, or belongs to another key */
    SIGV4_EXPIRED_TOKEN,   /* the session is over */
    SIGV4_SKEWED,          /* the clocks differ too much */
    SIGV4_NOT_SIGNED,      /* an x-amz- header is not signed (S3) */
    SIGV4_NO_CONTENT_HASH, /* there is no x-amz-content-sha256 (S3) */
    SIGV4_NO_DATE,         /* there is no x-amz-date (S3) */
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
 * Checks the whole request. 'message' (SIGV4_MESSAGE_SIZE bytes) becomes AWS's message, or empty if
 * the usual one is right. The identity is borrowed until the next check.
 */
enum sigv4_result sigv4_verify(const struct sigv4_check *check, const struct identity **identity,
                               char *message);

/* Frees the keys that were kept for speed. */
void sigv4_cleanup(void);

#endif
