/* SPDX-License-Identifier: MIT */
/*
 * http_state.h: what an exchange is made of. Private to http.c and http_setup.c.
 */
#ifndef NET_HTTP_STATE_H
#define NET_HTTP_STATE_H

#include "base/buffer.h"
#include "net/http.h"
#include "net/multi.h"

#include <sys/queue.h>

#define HEADERS_MAX 40

struct http_response {
    CURL *easy;
};

/* What libcurl keeps from one request to the next; compared as bytes, so all of it is zeroed first.
 */
struct http_kind {
    char method[12];
    bool has_body, no_proxy, fresh;
    int64_t connect_timeout_ms; /* 0: none */
};

struct http_exchange {
    struct http_client *client;
    LIST_ENTRY(http_exchange) link; /* in the client's list of exchanges under way, or idle */
    CURL *easy;                     /* kept from one exchange to the next */
    CURLcode setup;                 /* why libcurl refused an option, the first time */
    bool reusable;                  /* the handle may be used again after this request */
    struct http_kind kind;          /* of the request before; no method: there was none */
    struct buffer url;              /* likewise */
    struct buffer lines;            /* the request's headers, each with its NUL; they hold tokens */
    struct curl_slist nodes[HEADERS_MAX];
    size_t starts[HEADERS_MAX], header_count;
    struct http_handler handler;
    void *arg;
    struct http_response response;
    struct loop_timer limit, failing;
    int64_t read_timeout_ms, total_timeout_ms; /* 0: none */
    int64_t started_ms, active_ms; /* loop time: of the start, and of the last bytes in or out */
    unsigned sent;                 /* times that the request went out */
    bool head_ended;               /* of an answer that is not an interim one */
    size_t received, max_response_bytes;
    struct error error; /* why we ended the transfer ourselves */
    char curl_text[CURL_ERROR_SIZE];
};

LIST_HEAD(http_exchanges, http_exchange);

struct http_client {
    struct loop *loop;
    struct multi multi;
    struct http_options options;
    CURLSH *share; /* the TLS sessions of all exchanges, so that a new connection resumes one */
    char *ca_bundle, *user_agent;
    bool clean_handles; /* libcurl's handles remember nothing that is freed */
    bool direct;        /* no variable names a proxy, so libcurl need not look for one */
    struct http_exchanges busy, idle;
};

/* What libcurl calls during a transfer; each gets the exchange. */
struct http_callbacks {
    curl_prereq_callback send;
    curl_write_callback head, body;
};

/* A new exchange of 'client', idle and in no list. */
struct http_exchange *exchange_new(struct http_client *client,
                                   const struct http_callbacks *callbacks);
void exchange_free(struct http_exchange *x);
/*
 * Makes the exchange ready to send 'request'. -1 and 'e' if libcurl refuses an option (x->setup
 * says so from then on, and the exchange is not used again), or if the head is over its bound.
 */
int exchange_prepare(struct http_exchange *x, const struct http_request *request,
                     struct error *e) MUST_CHECK;

#endif
