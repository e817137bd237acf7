/* SPDX-License-Identifier: MIT */
/*
 * http_error.h: why a transfer failed, from libcurl's codes: a table of kinds, and texts that name
 * the host, the proxy, or what the process has run out of.
 */
#ifndef NET_HTTP_ERROR_H
#define NET_HTTP_ERROR_H

#include "base/error.h"

#include <curl/curl.h>

/*
 * Makes the error of a transfer that ended with 'code'. 'told' is libcurl's own text, "" if it has
 * none; 'sent' says that the request was sent, so that it is the answer that failed.
 */
void http_error_make(CURL *easy, CURLcode code, const char *told, bool sent, struct error *e);
/* The error of an answer with status 407, which comes from the proxy, whatever host was asked. */
void http_error_of_proxy(CURL *easy, long status, struct error *e);
/* Puts "'host:port': " of the transfer's URL before the text of 'e'. */
void http_error_name_host(CURL *easy, struct error *e);

#endif
