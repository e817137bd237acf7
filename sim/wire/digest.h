/* SPDX-License-Identifier: MIT */
/* digest.h: SHA-256, HMAC, MD5, SHA-1 and CRC-32, and how their results are written. */
#ifndef WIRE_DIGEST_H
#define WIRE_DIGEST_H

#include "wire/text.h"

#include <stddef.h>
#include <stdint.h>

#define SHA256_SIZE     32
#define SHA256_HEX_SIZE 65
#define MD5_SIZE        16
#define DIGEST_BLOCK    64

/* A digest that is computed piece by piece. Created by digest_new, freed by digest_free. */
struct digest;

enum digest_kind { DIGEST_SHA256, DIGEST_MD5, DIGEST_SHA1 };

struct digest *digest_new(enum digest_kind kind);
void digest_update(struct digest *digest, const void *bytes, size_t len);

/* Writes the result (16 to 32 bytes) and returns its size. Nothing may be added afterwards. */
size_t digest_finish(struct digest *digest, unsigned char *out);
void digest_free(struct digest *digest);

/* SHA-256 of the bytes into out (SHA256_SIZE bytes). */
void sha256(const void *bytes, size_t len, unsigned char *out);

/* HMAC-SHA-256 (RFC 2104) of the bytes under the key, into out (SHA256_SIZE bytes). */
void hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t len,
                 unsigned char *out);

/* Writes 'len' bytes as lower-case hexadecimal and a NUL. */
void hex_write(const unsigned char *bytes, size_t len, char *out);

/* True if the bytes are equal. The time that this takes does not depend on where they differ. */
int digest_equal(const void *a, const void *b, size_t len);

/* CRC-32 as in gzip, continued from an earlier result; begin with 0. */
uint32_t crc32_update(uint32_t crc, const void *bytes, size_t len);

/* Appends base64 (RFC 4648, padded). */
void base64_append(struct buffer *text, const void *bytes, size_t len);

/* Appends the decoded bytes. Returns 0, or -1 if the text is not valid base64. */
int base64_decode(struct buffer *text, const char *base64, size_t len);

/* Frees what the digests have kept for reuse. */
void digest_cleanup(void);

#endif
