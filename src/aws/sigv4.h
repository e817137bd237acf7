/* SPDX-License-Identifier: MIT */
/*
 * sigv4.h: AWS Signature Version 4, signature in the Authorization header.
 *
 * Source: "Signature Version 4 for API requests" in the IAM User Guide
 * (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
 * The clock is the caller's: time comes in as an argument.
 */
#ifndef AWS_SIGV4_H
#define AWS_SIGV4_H

#include "aws/credentials.h"
#include "base/buffer.h"
#include "base/error.h"

#define SIGV4_HASH_SIZE     32 /* bytes of a SHA-256 */
#define SIGV4_HASH_HEX_SIZE 65 /* the same in hex, with NUL */

/* Bounds of a request that is to be signed: the program's own have 6 headers and 6 parameters. */
#define SIGV4_HEADERS_MAX    32   /* headers of the request, without those that signing adds */
#define SIGV4_SEGMENTS_MAX   64   /* segments of a path that is normalized */
#define SIGV4_PARAMETERS_MAX 64   /* parameters of the query */
#define SIGV4_QUERY_MAX      4096 /* bytes of the query */

struct sigv4_header {
    struct view name;  /* any case */
    struct view value; /* raw: the signer trims and folds spaces */
};

struct sigv4_request {
    const char *method;
    struct view path;  /* as on the request line, percent-encoded or not; "" counts as "/" */
    struct view query; /* without '?'; as on the request line ('+' is a plus, not a space); "" if
                          there is none */
    const struct sigv4_header *headers; /* every header to sign, 'Host' among them, and none that
                                           signing adds; a name may occur twice */
    size_t header_count;
    struct view payload_hash; /* lower-case hex SHA-256 of the body */
};

struct sigv4_scope {
    struct view region;
    struct view service;      /* the signing name: "iam", "sts", "s3", "organizations" */
    bool normalize_path;      /* every service but S3 removes dot segments and doubled slashes */
    bool double_encode;       /* every service but S3 percent-encodes the path once more; S3
                                 encodes what is not encoded yet */
    bool sign_payload_header; /* add x-amz-content-sha256 (S3 demands it) */
    bool omit_session_token;  /* send the token and leave it out of what is signed */
};

/*
 * The derived signing key of one day, region and service: worth keeping, since it takes four of
 * the five HMACs of a signature. Zeroed, it is empty; it re-derives itself when what it was made
 * for changes (the secret counts as changed when the access key id does). Holds key material: wipe
 * it with sigv4_key_clear.
 */
struct sigv4_key {
    char date[9];
    char region[32];
    char service[32];
    char access_key_id[CREDENTIALS_ID_MAX + 1];
    unsigned char key[SIGV4_HASH_SIZE];
};

/* Wipes the key. */
void sigv4_key_clear(struct sigv4_key *k);

/*
 * SHA-256 of 'bytes' in lower-case hex, NUL-terminated, into 'out'. "" if libcrypto has no SHA-256
 * to offer; sigv4_sign refuses that as a payload hash, so callers need not check.
 */
void sigv4_hash_hex(struct view bytes, char out[SIGV4_HASH_HEX_SIZE]);

/* The headers that signing adds, as NUL-terminated values ("" if it is not to be sent). */
struct sigv4_signature {
    char date[24];                            /* X-Amz-Date */
    char content_sha256[SIGV4_HASH_HEX_SIZE]; /* X-Amz-Content-Sha256, "" unless asked for */
    struct buffer authorization;              /* Authorization; owned, released by the caller */
    /* X-Amz-Security-Token is the credentials' session token, if there is one. */
};

/* By whom and when a request is signed; all borrowed for the call. */
struct sigv4_signer {
    const struct credentials *credentials;
    int64_t now_s;         /* UTC seconds */
    struct sigv4_key *key; /* kept for later signatures; NULL: derived for this one alone */
    /*
     * For tests: these get the canonical request, which holds the session token, and the string to
     * sign (initialized buffers). NULL: neither is kept.
     */
    struct buffer *canonical, *to_sign;
};

/*
 * Signs 'request'. Adds X-Amz-Date, X-Amz-Security-Token (if the credentials have a token) and, if
 * the scope asks for it, X-Amz-Content-Sha256 to the signed headers by itself.
 *
 * '*out' is filled from scratch, and after success its 'authorization' is the caller's to release;
 * after a failure there is nothing to release. Returns 0; -1 with ERROR_CREDENTIALS if the
 * credentials lack a part, ERROR_CONFIG or ERROR_LIMIT if the request is over its bounds or has no
 * Host, ERROR_SYSTEM if the clock or libcrypto fails. For one thread at a time.
 */
int sigv4_sign(const struct sigv4_request *request, const struct sigv4_scope *scope,
               const struct sigv4_signer *signer, struct sigv4_signature *out,
               struct error *e) MUST_CHECK;

#endif
