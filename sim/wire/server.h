/* SPDX-License-Identifier: MIT */
/*
 * server.h: the HTTP server, with one thread and one loop; a delayed connection is set aside.
 *
 * The server knows only HTTP. Its handler knows what a request means.
 */
#ifndef WIRE_SERVER_H
#define WIRE_SERVER_H

#include "base/error.h"
#include "wire/exchange.h"
#include "wire/tls.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the server serves. For each request the functions are called in this order, 'receive' once
 * for each piece of the body. If the client goes away at any point, 'end' is called next.
 */
struct server_handler {
    /*
     * Returns an exchange for a request to this target (path and query). It must be empty, except
     * for the target and its arena's reusable memory, and belongs to the handler again after 'end'.
     */
    struct exchange *(*begin)(void *context, const char *target);
    /* Method and headers are known. */
    void (*headers)(struct exchange *exchange);
    void (*receive)(struct exchange *exchange, const char *bytes, size_t len);
    /* The request is complete. May set the exchange aside. */
    void (*received)(struct exchange *exchange);
    /* Fills in the rest of the reply, which is sent next. */
    void (*answer)(struct exchange *exchange);
    /*
     * The whole reply has been handed to the network. Not called for one that is sent piece by
     * piece.
     */
    void (*sent)(struct exchange *exchange);
    void (*end)(struct exchange *exchange);
    /* A connection was opened or has ended. */
    void (*connection)(void *context, bool opened);
    /* A connection's TLS handshake is over: a full one, or one that resumed a session. */
    void (*handshake)(void *context, bool resumed);
};

struct server;

/*
 * Starts to listen. The handler, its context, the timers and 'tls' are borrowed until server_close.
 * '*port' is the port to listen on (0: any) and becomes the one that was bound. Returns NULL with
 * the reason in 'error'.
 */
struct server *server_open(const struct server_handler *handler, void *context,
                           struct timers *timers, const struct tls *tls, const char *host,
                           uint16_t *port, struct error *error);

/* Serves all requests that have come, waiting at most 'timeout_ms' for one. */
void server_run(struct server *server, int timeout_ms);

/* Fires all timers, ends all connections and frees the server. */
void server_close(struct server *server);

#endif
