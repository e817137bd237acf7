/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as the parts of a request to sign, split at line ends: flags, method, path, query, and
 * then headers, "name:value". A signature made twice is the same twice, kept key or not.
 */
#include "aws/sigv4.h"

#include <stdlib.h>

#define HEADERS (SIGV4_HEADERS_MAX + 4) /* some more than are allowed */

static struct view next_line(struct view *rest)
{
    const char *end = rest->len > 0 ? memchr(rest->ptr, '\n', rest->len) : NULL;
    struct view line = {rest->ptr, end ? (size_t)(end - rest->ptr) : rest->len};
    size_t used = line.len + (end != NULL);
    rest->ptr += used;
    rest->len -= used;
    return line;
}

static size_t read_headers(struct view rest, struct sigv4_header headers[HEADERS])
{
    size_t count = 0;
    headers[count++] = (struct sigv4_header){VIEW_LITERAL("Host"), VIEW_LITERAL("example.com")};
    while (rest.len > 0 && count < HEADERS) {
        struct view line = next_line(&rest);
        const char *colon = line.len > 0 ? memchr(line.ptr, ':', line.len) : NULL;
        if (!colon)
            continue;
        size_t name = (size_t)(colon - line.ptr);
        headers[count++] =
            (struct sigv4_header){{line.ptr, name}, {colon + 1, line.len - name - 1}};
    }
    return count;
}

static int sign(const struct sigv4_request *request, const struct sigv4_scope *scope,
                struct sigv4_key *key, struct sigv4_signature *out)
{
    struct credentials c = {.access_key_id = "AKIDEXAMPLE",
                            .expires_at_s = CREDENTIALS_NEVER_EXPIRE};
    struct buffer canonical, to_sign;
    struct error e;
    secret_set(&c.secret_access_key, VIEW_LITERAL("secret"));
    secret_set(&c.session_token, VIEW_LITERAL("token"));
    buffer_init(&canonical, (size_t)1 << 20);
    buffer_init(&to_sign, (size_t)1 << 20);
    const struct sigv4_signer signer = {.credentials = &c,
                                        .now_s = 1440938160,
                                        .key = key,
                                        .canonical = &canonical,
                                        .to_sign = &to_sign};
    int result = sigv4_sign(request, scope, &signer, out, &e);
    if (result == 0 && (canonical.len == 0 || to_sign.len == 0))
        abort();
    buffer_release(&canonical);
    buffer_release(&to_sign);
    credentials_clear(&c);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct view rest = {(const char *)bytes, len};
    struct sigv4_header headers[HEADERS];
    char method[16], hash[SIGV4_HASH_HEX_SIZE];
    static struct sigv4_key key;
    struct sigv4_signature one, two;
    struct view flags = next_line(&rest);
    struct view word = next_line(&rest);
    unsigned bits = flags.len > 0 ? (unsigned char)flags.ptr[0] : 0;
    size_t method_len = word.len < sizeof(method) ? word.len : sizeof(method) - 1;
    memcpy(method, word.ptr ? word.ptr : "", method_len);
    method[method_len] = '\0';
    sigv4_hash_hex(rest, hash);
    struct sigv4_request request = {.method = method, .payload_hash = view_of(hash)};
    request.path = next_line(&rest);
    request.query = next_line(&rest);
    request.header_count = read_headers(rest, headers);
    request.headers = headers;
    const struct sigv4_scope scope = {.region = VIEW_LITERAL("us-east-1"),
                                      .service = VIEW_LITERAL("iam"),
                                      .normalize_path = bits & 1,
                                      .double_encode = bits & 2,
                                      .sign_payload_header = bits & 4,
                                      .omit_session_token = bits & 8};
    int first = sign(&request, &scope, &key, &one);
    if (first != sign(&request, &scope, NULL, &two))
        abort();
    if (first != 0)
        return 0;
    if (!view_equal(buffer_view(&one.authorization), buffer_view(&two.authorization)))
        abort();
    buffer_release(&one.authorization);
    buffer_release(&two.authorization);
    return 0;
}
