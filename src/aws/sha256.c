/* SPDX-License-Identifier: MIT */
#include "aws/sha256.h"

#include "base/secret.h"

#include <openssl/evp.h>

#define BLOCK_SIZE 64 /* of SHA-256: HMAC pads its key to it */

/* Fetched once: a fetch costs more than the hash of a small request. Kept for the process. */
static const EVP_MD *algorithm(void)
{
    static EVP_MD *md;
    if (!md)
        md = EVP_MD_fetch(NULL, "SHA256", NULL);
    return md;
}

void sha256_init(struct sha256 *h)
{
    h->ctx = EVP_MD_CTX_new();
    h->failed = !h->ctx || !algorithm();
}

void sha256_release(struct sha256 *h)
{
    EVP_MD_CTX_free(h->ctx);
}

void sha256_begin(struct sha256 *h)
{
    if (h->failed || EVP_DigestInit_ex2(h->ctx, algorithm(), NULL) != 1)
        h->failed = true;
}

void sha256_add(struct sha256 *h, const void *bytes, size_t len)
{
    if (len == 0)
        return;
    if (h->failed || EVP_DigestUpdate(h->ctx, bytes, len) != 1)
        h->failed = true;
}

void sha256_end(struct sha256 *h, unsigned char out[SHA256_SIZE])
{
    if (h->failed || EVP_DigestFinal_ex(h->ctx, out, NULL) != 1) {
        h->failed = true;
        memset(out, 0, SHA256_SIZE);
    }
}

void sha256_hash(struct sha256 *h, struct view message, unsigned char out[SHA256_SIZE])
{
    sha256_begin(h);
    sha256_add(h, message.ptr, message.len);
    sha256_end(h, out);
}

void sha256_hex(const unsigned char hash[SHA256_SIZE], char out[SHA256_HEX_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < SHA256_SIZE; i++) {
        out[2 * i] = digits[hash[i] >> 4];
        out[2 * i + 1] = digits[hash[i] & 15];
    }
    out[SHA256_HEX_SIZE - 1] = '\0';
}

/*
 * Made by hand from the digest (RFC 2104): libcrypto's EVP_MAC costs several times as much to set
 * up.
 */
void sha256_hmac(struct sha256 *h, struct view key, struct view message,
                 unsigned char out[SHA256_SIZE])
{
    unsigned char block[BLOCK_SIZE] = {0};
    if (key.len > sizeof(block))
        sha256_hash(h, key, block);
    else
        memcpy(block, key.ptr, key.len);
    for (size_t i = 0; i < sizeof(block); i++)
        block[i] ^= 0x36;
    sha256_begin(h);
    sha256_add(h, block, sizeof(block));
    sha256_add(h, message.ptr, message.len);
    sha256_end(h, out);
    for (size_t i = 0; i < sizeof(block); i++)
        block[i] ^= 0x36 ^ 0x5c;
    sha256_begin(h);
    sha256_add(h, block, sizeof(block));
    sha256_add(h, out, SHA256_SIZE);
    sha256_end(h, out);
    secret_wipe(block, sizeof(block));
}
