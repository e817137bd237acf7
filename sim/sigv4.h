/*
 * Checks AWS Signature Version 4 in the Authorization header, strictly.
 * See "AWS Signature Version 4 for API requests" in the IAM User Guide.
 */
#ifndef SIM_SIGV4_H
#define SIM_SIGV4_H

#include "action.h"
#include "digest.h"
#include "request.h"
#include "session.h"

#include <stdint.h>

#define SIGV4_MESSAGE_SIZE 512
#define SIGV4_REGION_SIZE  40

enum sigv4_result {
    SIGV4_VALID,
    SIGV4_MISSING,         /* no Authorization header */
    SIGV4_INCOMPLETE,      /* it lacks a part, or a header that must be signed is not */
    SIGV4_MISMATCH,        /* the signature, the scope's date or the scope is wrong */
    SIGV4_UNKNOWN_KEY,     /* no such access key id */
    SIGV4_INVALID_TOKEN,   /* the session token is not one of ours, or not of this key */
    SIGV4_EXPIRED_TOKEN,   /* the session is over */
    SIGV4_SKEWED,          /* the clocks differ too much */
    SIGV4_NOT_SIGNED,      /* an x-amz- header is not signed (S3) */
    SIGV4_NO_CONTENT_HASH, /* no x-amz-content-sha256 (S3) */
    SIGV4_NO_DATE,         /* no x-amz-date (S3) */
};

/* What the Authorization header says before anything is checked. Views into the header. */
struct sigv4_scope {
    char access_key_id[129];
    char date[9];
    char region[SIGV4_REGION_SIZE];
    char service[32];
    char signature[SHA256_HEX_SIZE];
    const char *signed_headers;
    size_t signed_headers_length;
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

/* Reads the header. Returns SIGV4_VALID, SIGV4_MISSING or SIGV4_INCOMPLETE with a message. */
enum sigv4_result sigv4_scope_read(const struct request *request, struct sigv4_scope *scope,
                                   char *message);

/*
 * Checks the whole request. message (SIGV4_MESSAGE_SIZE bytes) gets AWS's words where there are
 * special ones, else nothing. The identity is borrowed until the next check.
 */
enum sigv4_result sigv4_verify(const struct sigv4_check *check, const struct identity **identity,
                               char *message);

/* Frees what is kept for speed. */
void sigv4_cleanup(void);

#endif
