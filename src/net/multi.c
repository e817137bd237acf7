/* SPDX-License-Identifier: MIT */
/*
 * What TLS has read ahead is no event of the socket any more, so it is asked for:
 *
 *   event   -> libcurl acts -> TLS holds more? -> libcurl acts -> ... -> no: wait for the socket
 *                                                   64 times    -> the loop's next turn ('again')
 *   timer   -> libcurl sends, may read, and begins to wait -> TLS holds more? -> the next turn
 *
 * libcurl may end its interest in the socket, and so free the watch, within each act ('acting').
 */
#include "net/multi.h"

#include "base/alloc.h"
#include "net/tls.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * How often libcurl acts on one socket for one event. Each time it takes one TLS record, and many
 * short ones may have come in at once; the others' sockets get their turn, too.
 */
#define ACTIONS_MOST 64

/* A socket of libcurl's on our loop. */
struct socket_watch {
    struct loop_watch watch;
    struct loop_timer again; /* there is more to read that the socket does not tell of */
    struct multi *multi;
    CURL *easy; /* the transfer that uses the socket at present */
};

static int multi_error(struct error *e, const char *what, CURLMcode code)
{
    return error_set(e, ERROR_SYSTEM, "libcurl can't %s: %s", what, curl_multi_strerror(code));
}

/*
 * Lets libcurl act on a socket or the time. False if it can't. A socket that it has closed already
 * is not an error.
 */
static bool act(struct multi *m, curl_socket_t fd, int what)
{
    int running;
    struct error e;
    CURLMcode code = curl_multi_socket_action(m->handle, fd, what, &running);
    if (code == CURLM_OK || code == CURLM_BAD_SOCKET)
        return true;
    multi_error(&e, "go on", code);
    m->handler->failed(m->arg, NULL, &e);
    return false;
}

static void multi_on_timer(void *arg)
{
    struct multi *m = arg;
    act(m, CURL_SOCKET_TIMEOUT, 0);
    m->handler->turned(m->arg);
}

static int multi_set_timer(CURLM *handle UNUSED, long delay_ms, void *arg)
{
    struct multi *m = arg;
    if (delay_ms < 0)
        loop_timer_stop(m->loop, &m->timer);
    else
        loop_timer_start(m->loop, &m->timer, delay_ms, multi_on_timer, m);
    return 0;
}

static void socket_watch_on_again(void *arg);

/* Lets libcurl act on the socket once. True if there is more that the socket does not tell of. */
static bool socket_watch_act_once(struct socket_watch *s, int what)
{
    struct multi *m = s->multi;
    return act(m, s->watch.fd, what) && m->acting && tls_has_unread(s->easy);
}

/* Lets libcurl act on the socket until all is read that was received, or the transfer is over. */
static void socket_watch_act(struct socket_watch *s, int what)
{
    struct multi *m = s->multi;
    m->acting = s;
    bool more = socket_watch_act_once(s, what);
    for (int actions = 1; more && actions < ACTIONS_MOST; actions++)
        more = socket_watch_act_once(s, CURL_CSELECT_IN);
    if (more)
        loop_soon(m->loop, &s->again, socket_watch_on_again, s);
    m->acting = NULL;
    m->handler->turned(m->arg);
}

static void socket_watch_on_again(void *arg)
{
    socket_watch_act(arg, CURL_CSELECT_IN);
}

static void socket_watch_on_ready(void *arg, unsigned events)
{
    struct socket_watch *s = arg;
    int what = (events & (EPOLLIN | EPOLLHUP) ? CURL_CSELECT_IN : 0) |
               (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
               (events & EPOLLERR ? CURL_CSELECT_ERR : 0);
    s->multi->handler->active(s->multi->arg, s->easy);
    socket_watch_act(s, what);
}

/* The watch of a new socket, assigned to it in libcurl. NULL and 'e' if that fails. */
static struct socket_watch *socket_watch_new(struct multi *m, curl_socket_t fd, struct error *e)
{
    struct socket_watch *s = xcalloc(1, sizeof(*s));
    s->multi = m;
    s->watch = (struct loop_watch){socket_watch_on_ready, s, fd};
    CURLMcode code = curl_multi_assign(m->handle, fd, s);
    if (code == CURLM_OK)
        return s;
    multi_error(e, "watch a socket", code);
    free(s);
    return NULL;
}

/*
 * libcurl asks by fcntl that a socket does not block, and goes on if that fails: then a call would
 * wait in the middle of a TLS record, and with it all others. So sockets are made that way.
 */
curl_socket_t multi_open_socket(void *multi, curlsocktype purpose UNUSED, struct curl_sockaddr *to)
{
    struct multi *m = multi;
    int fd = socket(to->family, to->socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, to->protocol);
    if (fd >= 0)
        loop_keep(m->loop, fd);
    return fd;
}

int multi_close_socket(void *multi, curl_socket_t fd)
{
    struct multi *m = multi;
    loop_forget(m->loop, fd);
    return close(fd);
}

static void socket_watch_free(struct socket_watch *s)
{
    if (!s)
        return;
    if (s->multi->acting == s)
        s->multi->acting = NULL;
    loop_timer_stop(s->multi->loop, &s->again);
    loop_watch_stop(s->multi->loop, &s->watch);
    free(s);
}

/* libcurl has begun to wait, and may have read something before, while it acted on the time. */
static void socket_watch_check(struct socket_watch *s)
{
    if (s != s->multi->acting && tls_has_unread(s->easy))
        loop_soon(s->multi->loop, &s->again, socket_watch_on_again, s);
}

static int multi_set_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
    struct multi *m = arg;
    struct socket_watch *s = known;
    struct error e;
    if (what == CURL_POLL_REMOVE) {
        socket_watch_free(s);
        return 0;
    }
    unsigned events = (what & CURL_POLL_IN ? (unsigned)EPOLLIN : 0) |
                      (what & CURL_POLL_OUT ? (unsigned)EPOLLOUT : 0);
    if (!s)
        s = socket_watch_new(m, fd, &e);
    if (s)
        s->easy = easy;
    if (!s || loop_watch_start(m->loop, &s->watch, events, &e) != 0)
        m->handler->failed(m->arg, easy, &e);
    else
        socket_watch_check(s);
    return 0;
}

int multi_open(struct multi *m, struct loop *loop, long max_connections,
               const struct multi_handler *handler, void *arg, struct error *e)
{
    *m = (struct multi){.handle = curl_multi_init(), .loop = loop, .handler = handler, .arg = arg};
    CURLMcode code = m->handle ? CURLM_OK : CURLM_OUT_OF_MEMORY;
    if (code == CURLM_OK)
        code = curl_multi_setopt(m->handle, CURLMOPT_SOCKETFUNCTION, multi_set_socket);
    if (code == CURLM_OK)
        code = curl_multi_setopt(m->handle, CURLMOPT_SOCKETDATA, m);
    if (code == CURLM_OK)
        code = curl_multi_setopt(m->handle, CURLMOPT_TIMERFUNCTION, multi_set_timer);
    if (code == CURLM_OK)
        code = curl_multi_setopt(m->handle, CURLMOPT_TIMERDATA, m);
    if (code == CURLM_OK)
        code = curl_multi_setopt(m->handle, CURLMOPT_MAXCONNECTS, max_connections);
    if (code == CURLM_OK)
        code = curl_multi_setopt(m->handle, CURLMOPT_MAX_TOTAL_CONNECTIONS, max_connections);
    if (code == CURLM_OK)
        return 0;
    multi_close(m);
    return multi_error(e, "start", code);
}

void multi_close(struct multi *m)
{
    if (!m->handle)
        return;
    curl_multi_cleanup(m->handle);
    loop_timer_stop(m->loop, &m->timer);
    m->handle = NULL;
}

int multi_add(struct multi *m, CURL *easy, struct error *e)
{
    CURLMcode code = curl_multi_add_handle(m->handle, easy);
    return code == CURLM_OK ? 0 : multi_error(e, "begin a transfer", code);
}

void multi_remove(struct multi *m, CURL *easy)
{
    curl_multi_remove_handle(m->handle, easy);
}
