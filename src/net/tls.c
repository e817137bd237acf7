/* SPDX-License-Identifier: MIT */
#include "net/tls.h"

#include "base/compiler.h"

#include <openssl/ssl.h>
#include <string.h>

/* The longest TLS record that is sent, so that a connection's buffer for it is not 16 KiB. */
#define TLS_RECORD_BYTES 4096

static bool tls_is_openssl(void)
{
    const char *name = curl_version_info(CURLVERSION_NOW)->ssl_version;
    return name && strncmp(name, "OpenSSL/", strlen("OpenSSL/")) == 0;
}

/*
 * libcurl asks OpenSSL to free a connection's two buffers, 16 KiB each, whenever they are empty,
 * and what is freed here is wiped: that would be some 70 KiB for each call. They are kept instead,
 * and OpenSSL wipes what it has decrypted as soon as libcurl has it.
 */
static CURLcode tls_on_context(CURL *easy UNUSED, void *context, void *arg UNUSED)
{
    SSL_CTX_clear_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(context, SSL_OP_CLEANSE_PLAINTEXT);
    SSL_CTX_set_max_send_fragment(context, TLS_RECORD_BYTES);
    return CURLE_OK;
}

/* Otherwise OpenSSL receives each record in two pieces: the 5 bytes of its head, and the rest. */
static CURLcode tls_on_direct_context(CURL *easy, void *context, void *arg)
{
    SSL_CTX_set_read_ahead(context, 1);
    return tls_on_context(easy, context, arg);
}

CURLcode tls_set_up(CURL *easy, bool direct)
{
    if (!tls_is_openssl())
        return CURLE_OK;
    return curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION,
                            direct ? tls_on_direct_context : tls_on_context);
}

bool tls_has_unread(CURL *easy)
{
    struct curl_tlssessioninfo *session = NULL;
    if (curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &session) != CURLE_OK || !session ||
        session->backend != CURLSSLBACKEND_OPENSSL || !session->internals)
        return false;
    const SSL *ssl = session->internals;
    return SSL_has_pending(ssl) && !SSL_want_read(ssl);
}
