/* SPDX-License-Identifier: MIT */
/*
 * What the tests of calls share: a loop whose clock goes on by one millisecond a turn, so that
 * minutes of waiting take no time, and a scripted HTTP server on loopback, on the same loop.
 */
#ifndef TESTS_WIRE_SCENE_H
#define TESTS_WIRE_SCENE_H

#include "aws/call.h"
#include "base/alloc.h"
#include "base/buffer.h"
#include "loopback.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define WIRE_PEERS_MAX    256
#define WIRE_REQUESTS_MAX 4096
#define WIRE_HEAD_MAX     ((size_t)64 * 1024)
#define WIRE_BODY_MAX     ((size_t)32 * 1024 * 1024)
#define WIRE_BODY_KEPT    ((size_t)16 * 1024)
#define WIRE_TURNS_MAX    3000000
#define WIRE_NOON_S       1706702400 /* 2024-01-31T12:00:00Z, when each test begins */

struct wire;

/* A connection to the server. */
struct wire_peer {
    struct wire *wire;
    struct loop_watch watch; /* fd -1: closed */
    struct buffer in, out;
    size_t head_len, body_len; /* of the request that waits for its answer */
    bool asked;                /* it waits */
    bool close_after;
};

/* A request as it came in: the head as text, and so much of the body as is kept. */
struct wire_request {
    char *head;
    char *body;
    size_t body_len;
    struct wire_peer *peer;
    int64_t at_ms;
};

struct wire {
    struct clock clock;
    int64_t now_ms, wall_off_ms;
    int64_t turns;
    struct loop *loop;
    struct loop_watch ticker;
    struct http_client *http;
    struct aws_client *client;
    struct endpoint endpoint;
    int listener;
    struct loop_watch accepting;
    char origin[64];
    struct wire_peer *peers[WIRE_PEERS_MAX];
    size_t peer_count;
    struct wire_request requests[WIRE_REQUESTS_MAX];
    size_t count;
    size_t open, most_open; /* requests that wait for their answer */
    size_t body_bytes;      /* of all bodies that came in */
    /* Answers (or keeps r->peer to do so later). */
    void (*answer)(struct wire *w, struct wire_request *r);
    void *arg; /* the test's */
    int step;  /* the test's */
};

/* ---- clock ---- */

static inline int64_t wire_steady_ms(void *arg)
{
    return ((struct wire *)arg)->now_ms++;
}

static inline int64_t wire_wall_ms(void *arg)
{
    const struct wire *w = arg;
    return (int64_t)WIRE_NOON_S * 1000 + w->now_ms + w->wall_off_ms;
}

/* Nothing here may wait for ever. */
static inline void wire_tick(void *arg, unsigned events)
{
    struct wire *w = arg;
    (void)events;
    if (++w->turns > WIRE_TURNS_MAX)
        fail_msg("nothing came of it in %d turns", WIRE_TURNS_MAX);
}

/* ---- server ---- */

static inline void wire_peer_close(struct wire_peer *p)
{
    if (p->watch.fd < 0)
        return;
    loop_watch_stop(p->wire->loop, &p->watch);
    close(p->watch.fd);
    p->watch.fd = -1;
    p->wire->open -= p->asked;
    p->asked = false;
}

static inline void wire_watch(struct wire_peer *p)
{
    unsigned events = EPOLLIN | (p->out.len > 0 ? (unsigned)EPOLLOUT : 0);
    assert_int_equal(loop_watch_start(p->wire->loop, &p->watch, events, NULL), 0);
}

/* Removes the first 'count' bytes. */
static inline void wire_drop_front(struct buffer *b, size_t count)
{
    memmove(b->data, b->data + count, b->len - count);
    buffer_truncate(b, b->len - count);
}

static inline void wire_flush(struct wire_peer *p)
{
    while (p->out.len > 0) {
        ssize_t sent = send(p->watch.fd, p->out.data, p->out.len, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN)
            break;
        if (sent < 0) {
            wire_peer_close(p);
            return;
        }
        wire_drop_front(&p->out, (size_t)sent);
    }
    if (p->out.len == 0 && p->close_after)
        wire_peer_close(p);
    else
        wire_watch(p);
}

/* Ends the connection without an answer: as a crash does (RST). */
static inline void wire_reset(struct wire_peer *p)
{
    const struct linger now = {1, 0};
    setsockopt(p->watch.fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    wire_peer_close(p);
}

/* The request has its answer, whatever stands in 'out'. */
static inline void wire_answered(struct wire_peer *p, bool close_after)
{
    assert_true(p->asked);
    p->asked = false;
    p->wire->open--;
    p->close_after = close_after;
    wire_drop_front(&p->in, p->head_len + p->body_len);
    wire_flush(p);
}

/* 'headers' are whole lines, or "". 'missing' bytes are promised and not sent. */
static inline void wire_reply_bytes(struct wire_peer *p, int status, const char *headers,
                                    struct view body, size_t missing)
{
    if (p->watch.fd < 0)
        return;
    buffer_addf(&p->out, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n%s\r\n", status,
                body.len + missing, headers);
    buffer_add_view(&p->out, body);
    wire_answered(p, missing > 0);
}

/* Anything, which need not be HTTP. */
static inline void wire_reply_raw(struct wire_peer *p, struct view bytes, bool close_after)
{
    if (p->watch.fd < 0)
        return;
    buffer_add_view(&p->out, bytes);
    wire_answered(p, close_after);
}

static inline void wire_reply(struct wire_peer *p, int status, const char *headers,
                              const char *body)
{
    wire_reply_bytes(p, status, headers, view_of(body), 0);
}

/* The value of a header of the request, up to the line's end, copied to 'value'; "" for none. */
static inline const char *wire_header(const char *head, const char *name, char value[1024])
{
    char line[128];
    snprintf(line, sizeof(line), "\r\n%s: ", name);
    const char *at = strcasestr(head, line);
    value[0] = '\0';
    if (at) {
        at += strlen(line);
        snprintf(value, 1024, "%.*s", (int)strcspn(at, "\r"), at);
    }
    return value;
}

static inline void wire_peer_parse(struct wire_peer *p)
{
    struct wire *w = p->wire;
    char length[1024];
    const char *end;
    if (p->asked || p->in.len == 0 || !(end = memmem(p->in.data, p->in.len, "\r\n\r\n", 4)))
        return;
    p->head_len = (size_t)(end - p->in.data) + 4;
    char *head = xstrndup(p->in.data, p->head_len);
    p->body_len = strtoul(wire_header(head, "Content-Length", length), NULL, 10);
    if (p->in.len < p->head_len + p->body_len) {
        free(head);
        return;
    }
    assert_true(w->count < WIRE_REQUESTS_MAX);
    struct wire_request *r = &w->requests[w->count++];
    size_t kept = p->body_len < WIRE_BODY_KEPT ? p->body_len : WIRE_BODY_KEPT;
    *r = (struct wire_request){head, xstrndup(p->in.data + p->head_len, kept), p->body_len, p,
                               w->now_ms};
    p->asked = true;
    w->body_bytes += p->body_len;
    if (++w->open > w->most_open)
        w->most_open = w->open;
    w->answer(w, r);
}

static inline void wire_peer_ready(void *arg, unsigned events)
{
    struct wire_peer *p = arg;
    static char piece[64 * 1024];
    if (events & EPOLLOUT)
        wire_flush(p);
    if (p->watch.fd < 0 || !(events & ~(unsigned)EPOLLOUT))
        return;
    ssize_t got = recv(p->watch.fd, piece, sizeof(piece), 0);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0) {
        wire_peer_close(p);
        return;
    }
    buffer_add(&p->in, piece, (size_t)got);
    explicit_bzero(piece, (size_t)got); /* for those who look for what is left of secrets */
    assert_false(p->in.overflowed);
    wire_peer_parse(p);
}

static inline void wire_accept(void *arg, unsigned events)
{
    struct wire *w = arg;
    (void)events;
    int fd = accept4(w->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    assert_true(w->peer_count < WIRE_PEERS_MAX);
    struct wire_peer *p = xcalloc(1, sizeof(*p));
    w->peers[w->peer_count++] = p;
    p->wire = w;
    p->watch = (struct loop_watch){wire_peer_ready, p, fd};
    buffer_init(&p->in, WIRE_HEAD_MAX + WIRE_BODY_MAX);
    buffer_init(&p->out, WIRE_BODY_MAX);
    wire_watch(p);
}

static inline void wire_listen(struct wire *w)
{
    w->listener = listen_on_loopback(SOCK_NONBLOCK, "http", w->origin);
    w->accepting = (struct loop_watch){wire_accept, w, w->listener};
    assert_int_equal(loop_watch_start(w->loop, &w->accepting, EPOLLIN, NULL), 0);
}

/* ---- scene ---- */

static inline void wire_endpoint(struct wire *w, enum aws_service service)
{
    struct error e;
    const struct endpoint_query query = {
        .service = service, .region = VIEW_LITERAL("us-east-1"), .override = view_of(w->origin)};
    assert_int_equal(endpoint_resolve(&query, &w->endpoint, &e), 0);
}

/* Loop, clock, server; no client yet. */
static inline struct wire *wire_new(void (*answer)(struct wire *w, struct wire_request *r))
{
    struct wire *w = xcalloc(1, sizeof(*w));
    struct error e;
    w->clock = (struct clock){wire_wall_ms, wire_steady_ms, w};
    w->answer = answer;
    w->now_ms = 1000;
    w->loop = loop_new(&w->clock, &e);
    assert_non_null(w->loop);
    w->ticker = (struct loop_watch){wire_tick, w, eventfd(1, EFD_CLOEXEC)};
    assert_int_equal(loop_watch_start(w->loop, &w->ticker, EPOLLIN, &e), 0);
    wire_listen(w);
    return w;
}

/* The client, with room for 'max_in_flight' requests; the endpoint is IAM's. */
static inline void wire_client(struct wire *w, size_t max_in_flight)
{
    struct error e;
    const struct http_options http = {.user_agent = "test",
                                      .max_connections = 64,
                                      .connect_timeout_ms = 60000,
                                      .read_timeout_ms = 1000000,
                                      .total_timeout_ms = 60000};
    const struct aws_client_options options = {.max_in_flight = max_in_flight, .seed = 42};
    w->http = http_client_new(w->loop, &http, &e);
    assert_non_null(w->http);
    w->client = aws_client_new(w->http, &options);
    wire_endpoint(w, SERVICE_IAM);
}

static inline void wire_free(struct wire *w)
{
    aws_client_free(w->client);
    http_client_free(w->http);
    for (size_t i = 0; i < w->peer_count; i++) {
        wire_peer_close(w->peers[i]);
        buffer_release(&w->peers[i]->in);
        buffer_release(&w->peers[i]->out);
        free(w->peers[i]);
    }
    for (size_t i = 0; i < w->count; i++) {
        free(w->requests[i].head);
        free(w->requests[i].body);
    }
    close(w->ticker.fd);
    close(w->listener);
    loop_free(w->loop);
    free(w);
}

static inline void wire_run(struct wire *w, const bool *done)
{
    struct error e;
    w->turns = 0;
    if (loop_run(w->loop, done, &e) != 0)
        fail_msg("%s", e.text);
}

static inline void wire_set_true(void *arg)
{
    *(bool *)arg = true;
}

/* Lets 'span_ms' pass. */
static inline void wire_pass(struct wire *w, int64_t span_ms)
{
    struct loop_timer timer = {0};
    bool over = false;
    loop_timer_start(w->loop, &timer, span_ms, wire_set_true, &over);
    wire_run(w, &over);
}

/* Runs until the server has had 'count' requests. */
static inline void wire_await(struct wire *w, size_t count)
{
    for (int i = 0; i < 30000 && w->count < count; i++)
        wire_pass(w, 4); /* enough for the loop to look at its descriptors */
    assert_int_equal(w->count, count);
}

/* ---- credentials ---- */

/* A provider that gives "AKID1", "AKID2"... after 'delay_ms', or fails with 'error'. */
struct wire_keys {
    struct credentials_provider base;
    struct loop *loop;
    struct loop_timer timer;
    struct provider_done done;
    unsigned starts, cancels;
    bool fetching;
    int64_t delay_ms, lifetime_s; /* 0: they never expire */
    bool stays_good, new_session; /* as of an instance; as of STS */
    struct view secret;           /* VIEW_NONE: "hush" */
    const char *id;               /* NULL: "AKIDEXAMPLE1" and so on */
    struct error error;
};

static inline void wire_keys_give(void *arg)
{
    struct wire_keys *k = arg;
    struct credentials c = {.expires_at_s = CREDENTIALS_NEVER_EXPIRE};
    k->fetching = false;
    if (k->error.kind != ERROR_NONE) {
        k->done.fn(k->done.arg, NULL, &k->error);
        return;
    }
    snprintf(c.access_key_id, sizeof(c.access_key_id), "AKIDEXAMPLE%u", k->starts);
    if (k->id)
        snprintf(c.access_key_id, sizeof(c.access_key_id), "%s", k->id);
    secret_set(&c.secret_access_key, k->secret.ptr ? k->secret : VIEW_LITERAL("hush"));
    secret_set(&c.session_token, VIEW_LITERAL("hush-token"));
    if (k->lifetime_s != 0)
        c.expires_at_s = clock_wall_ms(loop_clock(k->loop)) / 1000 + k->lifetime_s;
    c.stays_good = k->stays_good;
    c.new_session = k->new_session;
    k->done.fn(k->done.arg, &c, NULL);
    credentials_clear(&c);
}

static inline void wire_keys_start(struct credentials_provider *p, struct provider_done done)
{
    struct wire_keys *k = (struct wire_keys *)(void *)p;
    assert_false(k->fetching);
    k->fetching = true;
    k->starts++;
    k->done = done;
    loop_timer_start(k->loop, &k->timer, k->delay_ms, wire_keys_give, k);
}

static inline void wire_keys_cancel(struct credentials_provider *p)
{
    struct wire_keys *k = (struct wire_keys *)(void *)p;
    k->cancels++;
    k->fetching = false;
    loop_timer_stop(k->loop, &k->timer);
}

static inline void wire_keys_init(struct wire_keys *k, struct wire *w)
{
    static const struct provider_ops ops = {"test", wire_keys_start, wire_keys_cancel,
                                            wire_keys_cancel};
    *k = (struct wire_keys){.base.ops = &ops, .loop = w->loop};
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" in a header's line. */
static inline void wire_date_line(int64_t at_s, char line[64])
{
    struct tm parts;
    time_t t = (time_t)at_s;
    gmtime_r(&t, &parts);
    strftime(line, 64, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
}

/* "…" of "Action=ListUsers&Marker=…&", copied to 'value', still encoded; "" for none. */
static inline const char *wire_param(const char *body, const char *name, char value[1024])
{
    size_t len = strlen(name);
    value[0] = '\0';
    for (const char *at = body; at; at = strchr(at, '&')) {
        at += *at == '&';
        if (strncmp(at, name, len) == 0 && at[len] == '=') {
            snprintf(value, 1024, "%.*s", (int)strcspn(at + len + 1, "&"), at + len + 1);
            break;
        }
    }
    return value;
}

#endif
