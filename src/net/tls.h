/* SPDX-License-Identifier: MIT */
/*
 * tls.h: how libcurl's OpenSSL holds what goes through a connection (CURLOPT_SSL_CTX_FUNCTION,
 * CURLINFO_TLS_SSL_PTR, SSL_CTX_set_read_ahead, SSL_has_pending). If libcurl uses another TLS
 * library, nothing here does anything. Why: docs/decisions/0110 and 0112.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <curl/curl.h>
#include <stdbool.h>

/*
 * Sets up the TLS of the transfer's connections. 'direct' says that no proxy is ever used: then all
 * records that have come in are received by one call of the system, and whoever lets libcurl act
 * on a socket must ask tls_has_unread afterwards. (Through a proxy that itself speaks TLS, libcurl
 * puts one TLS into the other and shows us only one of them.) Returns what libcurl says if it
 * refuses the option.
 */
CURLcode tls_set_up(CURL *easy, bool direct);
/*
 * Whether OpenSSL has received bytes for the transfer that libcurl did not ask for yet: libcurl
 * would wait for the socket, and nothing more may come. False if the last thing that OpenSSL said
 * is that it needs more of the socket, or if the transfer has no TLS connection.
 */
bool tls_has_unread(CURL *easy);

#endif
