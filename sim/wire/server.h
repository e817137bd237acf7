/* SPDX-License-Identifier: MIT */
/*
 * server.h: the HTTP server: one thread and one loop; a delay sets a connection aside.
 *
 * The server knows HTTP only. What a request asks for is known to its handler.
 */
#ifndef WIRE_SERVER_H
#define WIRE_SERVER_H

#include "base/error.h"
#include "wire/exchange.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the server serves. For each request the functions are called in this order, 'receive' once
 * for each piece of the body. If the client goes away at any point, 'end' is called next.
 */
struct server_handler {
    /*
     * Returns an exchange for a request to this target (path and query). It is empty but for the
     * target and what its arena keeps for reuse, and belongs to the handler again after 'end'.
     */
    struct exchange *(*begin)(void *context, const char *target);
    /* Method and headers are known. */
    void (*headers)(struct exchange *exchange);
    void (*receive)(struct exchange *exchange, const char *bytes, size_t len);
    /* All of the request is there: may set the exchange aside. */
    void (*received)(struct exchange *exchange);
    /* Fills in what the reply still lacks; it is sent next. */
    void (*answer)(struct exchange *exchange);
    /* The reply was handed to the network whole. Not called if it is sent piece by piece. */
    void (*sent)(struct exchange *exchange);
    void (*end)(struct exchange *exchange);
    /* A connection was opened or has ended. */
    void (*connection)(void *context, bool opened);
};

struct server;

/*
 * Listens. The handler, its context and the timers are borrowed until server_close. *port is the
 * one to listen on (0: any) and becomes the one that was bound. Returns NULL with the reason in
 * 'error'.
 */
struct server *server_open(const struct server_handler *handler, void *context,
                           struct timers *timers, const char *host, uint16_t *port,
                           struct error *error);

/* Serves all requests that are there, waiting for at most timeout_ms. */
void server_run(struct server *server, int timeout_ms);

/* Fires all timers, ends all connections and frees the server. */
void server_close(struct server *server);

#endif
