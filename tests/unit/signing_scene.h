/* SPDX-License-Identifier: MIT */
/* What the tests of signing share: one request that is signed, and how it must fail. */
#ifndef TESTS_SIGNING_SCENE_H
#define TESTS_SIGNING_SCENE_H

#include "aws/sigv4.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#define ANY_SIZE ((size_t)1024 * 1024)
#define NOON     1440938160 /* 2015-08-30T12:36:00Z */

/* One case: what is signed, and what comes of it. */
struct example {
    struct sigv4_header headers[SIGV4_HEADERS_MAX + 1];
    struct sigv4_request request;
    struct sigv4_scope scope;
    struct credentials credentials;
    int64_t now_s;
    char payload_hash[SIGV4_HASH_HEX_SIZE];
    struct sigv4_signature out;
    struct buffer canonical;
    struct buffer to_sign;
    struct error error;
};

/* GET / to one host, with long-term credentials. */
static inline void example_init(struct example *x)
{
    memset(x, 0, sizeof(*x));
    sigv4_hash_hex(VIEW_LITERAL(""), x->payload_hash);
    x->headers[0] =
        (struct sigv4_header){VIEW_LITERAL("Host"), VIEW_LITERAL("example.amazonaws.com")};
    x->request = (struct sigv4_request){
        "GET", VIEW_LITERAL("/"), VIEW_LITERAL(""), x->headers, 1, view_of(x->payload_hash)};
    x->scope = (struct sigv4_scope){.region = VIEW_LITERAL("us-east-1"),
                                    .service = VIEW_LITERAL("service"),
                                    .normalize_path = true,
                                    .double_encode = true};
    snprintf(x->credentials.access_key_id, sizeof(x->credentials.access_key_id), "AKIDEXAMPLE");
    secret_set(&x->credentials.secret_access_key,
               VIEW_LITERAL("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
    x->now_s = NOON;
    buffer_init(&x->canonical, ANY_SIZE);
    buffer_init(&x->to_sign, ANY_SIZE);
}

static inline void example_release(struct example *x)
{
    credentials_clear(&x->credentials);
    buffer_release(&x->out.authorization);
    buffer_release(&x->canonical);
    buffer_release(&x->to_sign);
}

/* Signs; a request that was signed before is signed anew. */
static inline int example_sign(struct example *x, struct sigv4_key *cache)
{
    buffer_release(&x->out.authorization);
    buffer_clear(&x->canonical);
    buffer_clear(&x->to_sign);
    error_clear(&x->error);
    memset(&x->out, 0xa5, sizeof(x->out));
    const struct sigv4_signer signer = {.credentials = &x->credentials,
                                        .now_s = x->now_s,
                                        .key = cache,
                                        .canonical = &x->canonical,
                                        .to_sign = &x->to_sign};
    return sigv4_sign(&x->request, &x->scope, &signer, &x->out, &x->error);
}

static inline void example_fails(struct example *x, enum error_kind kind, const char *text)
{
    assert_int_equal(example_sign(x, NULL), -1);
    assert_int_equal(x->error.kind, kind);
    assert_non_null(strstr(x->error.text, text));
    assert_null(x->out.authorization.data);
}

static inline void set_credentials(struct example *x, const char *id, const char *secret,
                                   const char *token)
{
    snprintf(x->credentials.access_key_id, sizeof(x->credentials.access_key_id), "%s", id);
    secret_set(&x->credentials.secret_access_key, view_of(secret));
    secret_set(&x->credentials.session_token, view_of(token));
}

#endif
