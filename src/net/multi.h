/* SPDX-License-Identifier: MIT */
/*
 * multi.h: libcurl's multi interface on our loop: its sockets are watches and its timer is a timer
 * (libcurl's manual, curl_multi_socket_action).
 *
 * libcurl is never told that a callback failed, for it gives up all of its transfers then; a socket
 * that can't be waited for, or a call of libcurl's that fails, is an error of the transfers that it
 * concerns.
 */
#ifndef NET_MULTI_H
#define NET_MULTI_H

#include "net/loop.h"

#include <curl/curl.h>

struct multi_handler {
    /* Bytes of 'easy' have come in, or were taken by its peer. */
    void (*active)(void *arg, CURL *easy);
    /* Transfers may have ended: curl_multi_info_read tells which. */
    void (*turned)(void *arg);
    /*
     * 'easy' can't go on (NULL: none that is under way can). Called in the midst of libcurl's work:
     * no transfer may be removed before it has returned.
     */
    void (*failed)(void *arg, CURL *easy, const struct error *e);
};

struct multi {
    CURLM *handle;
    struct loop *loop;
    struct loop_timer timer;
    const struct multi_handler *handler;
    void *arg;
};

/*
 * At most 'max_connections' are open: an idle one is closed to make room for another, and a
 * transfer waits if none is idle. -1 and 'e' (ERROR_SYSTEM) if libcurl can't be had.
 */
int multi_open(struct multi *m, struct loop *loop, long max_connections,
               const struct multi_handler *handler, void *arg, struct error *e) MUST_CHECK;
/* Closes all connections. Transfers must have been removed. */
void multi_close(struct multi *m);
/* Begins a transfer. -1 and 'e' (ERROR_SYSTEM) if that can't be done. */
int multi_add(struct multi *m, CURL *easy, struct error *e) MUST_CHECK;
/* Ends a transfer; harmless if it is not under way. */
void multi_remove(struct multi *m, CURL *easy);

#endif
