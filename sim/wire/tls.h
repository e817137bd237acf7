/* SPDX-License-Identifier: MIT */
/*
 * tls.h: what the server needs to speak TLS: certificate, key, and the key of its session tickets.
 *
 * The library (GnuTLS, below libmicrohttpd) offers TLS 1.2 and 1.3. Tickets let a client resume a
 * session on another connection, as those of AWS's endpoints do (RFC 5077; RFC 8446 section 2.2).
 */
#ifndef WIRE_TLS_H
#define WIRE_TLS_H

#include "base/error.h"

#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <stdbool.h>

struct tls {
    char *certificate, *key; /* PEM; NULL: plain HTTP */
    gnutls_datum_t ticket_key;
};

/*
 * Reads both files, which may be NULL for plain HTTP. -1 with the reason in 'error'; it must be
 * closed either way.
 */
int tls_open(struct tls *tls, const char *certificate_path, const char *key_path,
             struct error *error) MUST_CHECK;
void tls_close(struct tls *tls);

/* Lets the client of a new connection resume its session later. */
void tls_offer_tickets(const struct tls *tls, struct MHD_Connection *connection);

/* True if the connection's session was begun on an earlier connection. */
bool tls_resumed(struct MHD_Connection *connection);

#endif
