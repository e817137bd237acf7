/* SPDX-License-Identifier: MIT */
/*
 * sha256.h: SHA-256 (FIPS 180-4) and HMAC of it (RFC 2104), over libcrypto.
 *
 * For one thread: the algorithm is looked up at first use.
 */
#ifndef AWS_SHA256_H
#define AWS_SHA256_H

#include "base/view.h"

#define SHA256_SIZE     32 /* bytes of a hash */
#define SHA256_HEX_SIZE 65 /* the same in hex, with NUL */

struct sha256 {
    struct evp_md_ctx_st *ctx; /* libcrypto's EVP_MD_CTX */
    bool failed; /* libcrypto has failed; stays set, so checking it at the end is enough */
};

/* A hasher for any number of hashes, one after the other. Released by sha256_release. */
void sha256_init(struct sha256 *h);
/* Frees what the hasher holds, which libcrypto wipes. */
void sha256_release(struct sha256 *h);
/* Starts a hash; one that was not ended is dropped. */
void sha256_begin(struct sha256 *h);
/* Adds 'len' bytes to the hash. */
void sha256_add(struct sha256 *h, const void *bytes, size_t len);
/* Ends the hash and writes it: zeroes if 'failed' is set. */
void sha256_end(struct sha256 *h, unsigned char out[SHA256_SIZE]);
/* The hash of 'message', begin and end in one. */
void sha256_hash(struct sha256 *h, struct view message, unsigned char out[SHA256_SIZE]);
/* HMAC-SHA256 of 'message' under 'key' (any length), begin and end in one. 'out' may be the key. */
void sha256_hmac(struct sha256 *h, struct view key, struct view message,
                 unsigned char out[SHA256_SIZE]);
/* A hash in lower-case hex, NUL-terminated. */
void sha256_hex(const unsigned char hash[SHA256_SIZE], char out[SHA256_HEX_SIZE]);

#endif
