/* SPDX-License-Identifier: MIT */
/*
 * http.h: HTTP exchanges on the event loop, over libcurl's multi interface.
 *
 * One client per process: it keeps connections open and uses them again. It knows nothing of AWS,
 * queues nothing and repeats nothing: what is started is sent. Redirects are not followed. TLS is
 * always verified.
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include "base/view.h"
#include "net/loop.h"

struct http_client;
struct http_exchange;
struct http_response; /* an answer, as far as it has come in */

struct http_options {
    const char *ca_bundle;  /* PEM file of CAs; NULL: the system's */
    const char *user_agent; /* copied */
    size_t max_connections; /* open at once, besides a few for local services */
    int64_t connect_timeout_ms;
    int64_t read_timeout_ms; /* without a byte received or sent */
    int64_t total_timeout_ms;
};

struct http_request {
    const char *method;         /* "GET"; copied */
    const char *url;            /* absolute, percent-encoded; copied */
    const char *const *headers; /* "Name: value"; copied */
    size_t header_count;
    struct view body;          /* borrowed until done; VIEW_NONE if there is none */
    size_t max_response_bytes; /* a longer body fails with ERROR_LIMIT */
    bool no_proxy;             /* local credential services are never asked through a proxy */
    bool fresh;                /* over a new connection, not one that was kept open */
    /* 0: the time-out of the client; -1: none. */
    int64_t connect_timeout_ms, read_timeout_ms, total_timeout_ms;
};

struct http_handler {
    /*
     * A piece of the body, in order; may be NULL. Returning -1 with 'e' set ends the exchange
     * with that error. Must not start or cancel exchanges.
     */
    int (*data)(void *arg, const struct http_response *response, struct view piece,
                struct error *e);
    /*
     * Called once, last: 'e' is NULL if a whole answer came in, whatever its status.
     * 'response' is good until it returns. May start exchanges.
     */
    void (*done)(void *arg, const struct http_response *response, const struct error *e);
};

/*
 * A client on 'loop' (borrowed). Without 'ca_bundle' it uses the file that distributions keep, or
 * else libcurl's own. NULL and 'e' if libcurl can't be set up or the CA bundle can't be read.
 */
struct http_client *http_client_new(struct loop *loop, const struct http_options *options,
                                    struct error *e);
/* Ends all exchanges without calling back, and closes all connections. 'client' may be NULL. */
void http_client_free(struct http_client *client);
/* The loop that it runs on. */
struct loop *http_client_loop(const struct http_client *client);
/*
 * Closes the connections that are kept open. For a process that is about to be frozen, since its
 * peers will have closed them by the time it goes on. Does nothing while an exchange is under way.
 */
void http_client_drop_idle(struct http_client *client);
/* True if the environment names a proxy: what it refuses to one request it refuses to all. */
bool http_client_has_proxy(const struct http_client *client);

/*
 * Sends. 'handler' is copied, 'arg' is borrowed until done. Never calls back before it has
 * returned. The handle is good until 'done' returns or http_cancel is called.
 */
struct http_exchange *http_start(struct http_client *client, const struct http_request *request,
                                 const struct http_handler *handler, void *arg);
/* Ends an exchange; its handler is not called any more. 'exchange' may be NULL. */
void http_cancel(struct http_exchange *exchange);

/* The status, 0 before it is known. */
int http_response_status(const struct http_response *response);
/*
 * A header of the answer by its name, in any case: the last of that name. VIEW_NONE if there is
 * none. Good until the next call of this function or the end of 'done'.
 */
struct view http_response_header(const struct http_response *response, const char *name);

#endif
