/* SPDX-License-Identifier: MIT */
/*
 * url.h: the URLs that somebody configures: scheme, host, port and path (RFC 3986).
 *
 * Strict on purpose: what two programs could read in two ways (a user before '@', a backslash) is
 * refused, since a decision about encryption depends on it.
 */
#ifndef AWS_URL_H
#define AWS_URL_H

#include "base/view.h"

struct url {
    bool tls;         /* https */
    char host[256];   /* lower case; an IPv6 address with its brackets */
    long port;        /* 0 if the URL names none */
    struct view path; /* borrowed from the text; no '/' at its end, "" for none */
};

/*
 * Reads an http or https URL that has no user, query or fragment. Returns false, and leaves '*out'
 * undefined, if the text is anything else. '*out' borrows from the text.
 */
bool url_parse(struct view text, struct url *out);
/* True if the host is "localhost", in 127.0.0.0/8, or "[::1]" however it is written. */
bool url_is_loopback(const struct url *url);

#endif
