/* SPDX-License-Identifier: MIT */
#include "wire/digest.h"

#include "base/alloc.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

/*
 * Kept because OpenSSL 3 would otherwise look up the algorithm by name, too slow for every request.
 */
static EVP_MD *sha256_kept;
static EVP_MD_CTX *context_kept;

struct digest {
    EVP_MD_CTX *context;
};

static void digest_prepare(void)
{
    if (sha256_kept)
        return;
    sha256_kept = EVP_MD_fetch(NULL, "SHA256", NULL);
    context_kept = EVP_MD_CTX_new();
    if (!sha256_kept || !context_kept)
        abort();
}

void digest_cleanup(void)
{
    EVP_MD_free(sha256_kept);
    EVP_MD_CTX_free(context_kept);
    sha256_kept = NULL;
    context_kept = NULL;
}

struct digest *digest_new(enum digest_kind kind)
{
    struct digest *digest = xcalloc(1, sizeof(*digest));
    const EVP_MD *md = kind == DIGEST_SHA256 ? EVP_sha256()
                       : kind == DIGEST_MD5  ? EVP_md5()
                                             : EVP_sha1();
    digest->context = EVP_MD_CTX_new();
    if (!digest->context || !EVP_DigestInit_ex(digest->context, md, NULL))
        abort();
    return digest;
}

void digest_update(struct digest *digest, const void *bytes, size_t len)
{
    EVP_DigestUpdate(digest->context, bytes, len);
}

size_t digest_finish(struct digest *digest, unsigned char *out)
{
    unsigned int size = 0;
    EVP_DigestFinal_ex(digest->context, out, &size);
    return size;
}

void digest_free(struct digest *digest)
{
    if (!digest)
        return;
    EVP_MD_CTX_free(digest->context);
    free(digest);
}

static void sha256_of_two(const void *first, size_t first_len, const void *second,
                          size_t second_len, unsigned char *out)
{
    digest_prepare();
    unsigned int size = 0;
    EVP_DigestInit_ex2(context_kept, sha256_kept, NULL);
    EVP_DigestUpdate(context_kept, first, first_len);
    EVP_DigestUpdate(context_kept, second, second_len);
    EVP_DigestFinal_ex(context_kept, out, &size);
}

void sha256(const void *bytes, size_t len, unsigned char *out)
{
    sha256_of_two(bytes, len, "", 0, out);
}

void hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t len, unsigned char *out)
{
    unsigned char block[DIGEST_BLOCK] = {0};
    unsigned char pad[DIGEST_BLOCK];
    unsigned char inner[SHA256_SIZE];
    if (key_len > DIGEST_BLOCK)
        sha256(key, key_len, block);
    else
        memcpy(block, key, key_len);
    for (size_t i = 0; i < DIGEST_BLOCK; i++)
        pad[i] = block[i] ^ 0x36;
    sha256_of_two(pad, sizeof(pad), bytes, len, inner);
    for (size_t i = 0; i < DIGEST_BLOCK; i++)
        pad[i] = block[i] ^ 0x5C;
    sha256_of_two(pad, sizeof(pad), inner, sizeof(inner), out);
}

void hex_write(const unsigned char *bytes, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * len] = '\0';
}

int digest_equal(const void *a, const void *b, size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}

uint32_t crc32_update(uint32_t crc, const void *bytes, size_t len)
{
    static uint32_t table[256];
    if (!table[1]) {
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t value = i;
            for (int bit = 0; bit < 8; bit++)
                value = value & 1 ? value >> 1 ^ 0xEDB88320U : value >> 1;
            table[i] = value;
        }
    }
    const unsigned char *byte = bytes;
    crc = ~crc;
    for (size_t i = 0; i < len; i++)
        crc = table[(crc ^ byte[i]) & 255] ^ crc >> 8;
    return ~crc;
}

void base64_append(struct buffer *text, const void *bytes, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < len; i += 3) {
        uint32_t three = (uint32_t)byte[i] << 16;
        three |= i + 1 < len ? (uint32_t)byte[i + 1] << 8 : 0;
        three |= i + 2 < len ? (uint32_t)byte[i + 2] : 0;
        char four[4] = {digits[three >> 18], digits[three >> 12 & 63],
                        i + 1 < len ? digits[three >> 6 & 63] : '=',
                        i + 2 < len ? digits[three & 63] : '='};
        buffer_add(text, four, sizeof(four));
    }
}

static int base64_value(char digit)
{
    if (digit >= 'A' && digit <= 'Z')
        return digit - 'A';
    if (digit >= 'a' && digit <= 'z')
        return digit - 'a' + 26;
    if (digit >= '0' && digit <= '9')
        return digit - '0' + 52;
    return digit == '+' ? 62 : digit == '/' ? 63 : -1;
}

int base64_decode(struct buffer *text, const char *base64, size_t len)
{
    if (len % 4 != 0)
        return -1;
    for (size_t i = 0; i < len; i += 4) {
        uint32_t three = 0;
        size_t missing = 0;
        for (size_t j = 0; j < 4; j++) {
            int value = base64_value(base64[i + j]);
            if (value < 0) {
                if (base64[i + j] != '=' || i + 4 != len || j < 2)
                    return -1;
                missing++;
                value = 0;
            } else if (missing) {
                return -1;
            }
            three = three << 6 | (uint32_t)value;
        }
        unsigned char bytes[3] = {(unsigned char)(three >> 16), (unsigned char)(three >> 8),
                                  (unsigned char)three};
        buffer_add(text, bytes, 3 - missing);
    }
    return 0;
}
