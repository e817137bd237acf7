/* SPDX-License-Identifier: MIT */
/*
 * tls.h: how libcurl's OpenSSL holds what goes through a connection. If libcurl uses another TLS
 * library, nothing here does anything.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <curl/curl.h>
#include <stdbool.h>

/*
 * Sets up the TLS of the transfer's connections. 'direct' says that no proxy is ever used: then all
 * records that have come in are received by one call of the system, and whoever lets libcurl act
 * on a socket must ask tls_has_unread afterwards. (Through a proxy that itself speaks TLS, libcurl
 * puts one TLS into the other and shows us only one of them.)
 */
CURLcode tls_set_up(CURL *easy, bool direct);
/*
 * Whether OpenSSL has received bytes for the transfer that libcurl did not ask for yet: libcurl
 * would wait for the socket, and nothing more may come. False if the last thing that OpenSSL said
 * is that it needs more of the socket, or if the transfer has no TLS connection.
 */
bool tls_has_unread(CURL *easy);

#endif
