/*
 * Checks AWS Signature Version 4 in the Authorization header, strictly.
 * See "AWS Signature Version 4 for API requests" in the IAM User Guide.
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
    SIGV4_INCOMPLETE,      /* a header that must be there or be signed is not */
    SIGV4_MISMATCH,        /* the signature, the scope's date or the scope is wrong */
    SIGV4_UNKNOWN_KEY,     /* no such access key id */
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
    /* in hexadecimal; for S3 what the header says, for the others what the body is */
    const char *payload_hash;
};

/*
 * Checks the whole request. message (SIGV4_MESSAGE_SIZE bytes) gets AWS's words where there are
 * special ones, else nothing. The identity is borrowed until the next check.
 */
enum sigv4_result sigv4_verify(const struct sigv4_check *check, const struct identity **identity,
                               char *message);

/* Frees what is kept for speed. */
void sigv4_cleanup(void);

#endif
