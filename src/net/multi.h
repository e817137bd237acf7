/* SPDX-License-Identifier: MIT */
/*
 * multi.h: libcurl's multi interface on our loop: its sockets are watches and its timer is a timer
 * (libcurl's manual, curl_multi_socket_action).
 *
 * libcurl is never told that a callback failed, since it would then give up all of its transfers.
 * Instead, a socket that can't be watched, or a function of libcurl's that fails, is an error of
 * the transfers that it concerns.
 */
#ifndef NET_MULTI_H
#define NET_MULTI_H

#include "net/loop.h"

#include <curl/curl.h>

struct socket_watch;

struct multi_handler {
    /* A socket of 'easy' is ready: bytes have come in, or can be sent. */
    void (*active)(void *arg, CURL *easy);
    /* Transfers may have ended: curl_multi_info_read tells which. */
    void (*turned)(void *arg);
    /*
     * The transfer 'easy' can't go on (NULL: none of those under way can). It is called from within
     * libcurl, so it must not remove transfers.
     */
    void (*failed)(void *arg, CURL *easy, const struct error *e);
};

struct multi {
    CURLM *handle;
    struct loop *loop;
    struct loop_timer timer;
    const struct multi_handler *handler;
    void *arg;
    struct socket_watch *acting; /* the one that libcurl is acting on; NULL: none, or it is gone */
};

/*
 * At most 'max_connections' are open: an idle one is closed to make room for another, and a
 * transfer waits if none is idle. -1 and 'e' (ERROR_SYSTEM) if libcurl can't be set up.
 */
int multi_open(struct multi *m, struct loop *loop, long max_connections,
               const struct multi_handler *handler, void *arg, struct error *e) MUST_CHECK;
/* Closes all connections. Transfers must have been removed. */
void multi_close(struct multi *m);
/*
 * Make and close a connection's socket, for CURLOPT_OPENSOCKETFUNCTION and -CLOSESOCKETFUNCTION,
 * whose data is the multi. libcurl closes itself the socket of an attempt to connect, which is
 * watched for EPOLLOUT alone, and it makes the sockets itself by which names are resolved.
 */
curl_socket_t multi_open_socket(void *multi, curlsocktype purpose, struct curl_sockaddr *to);
int multi_close_socket(void *multi, curl_socket_t fd);
/* Begins a transfer. -1 and 'e' (ERROR_SYSTEM) if that can't be done. */
int multi_add(struct multi *m, CURL *easy, struct error *e) MUST_CHECK;
/* Ends a transfer. Does nothing if it is not under way. */
void multi_remove(struct multi *m, CURL *easy);

#endif
