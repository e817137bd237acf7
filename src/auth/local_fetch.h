/* SPDX-License-Identifier: MIT */
/*
 * local_fetch.h: one small request to a local credentials service, with a few attempts.
 *
 * Never through a proxy. The body is held in memory that is wiped afterwards.
 */
#ifndef AUTH_LOCAL_FETCH_H
#define AUTH_LOCAL_FETCH_H

#include "base/secret.h"
#include "net/http.h"

struct local_fetch_options {
    const char *method; /* lives as long as the process */
    const char *url;    /* copied */
    struct view header; /* one "Name: value", copied and wiped; VIEW_NONE if there is none */
    size_t max_bytes;   /* of the body */
    unsigned attempts;  /* 1 or more */
    int64_t connect_timeout_ms, total_timeout_ms; /* of one attempt */
};

/* Embedded in the provider, zeroed before its first use. */
struct local_fetch {
    struct http_client *http; /* borrowed; NULL: nothing under way */
    struct local_fetch_options options;
    char *url;
    struct secret header, body;
    unsigned attempt;
    struct http_exchange *exchange;
    struct loop_timer timer;
    void (*done)(void *arg, int status, struct view body, const struct error *e);
    void *arg;
};

/*
 * Sends. 'done' is called once, never from within this call: with the status and the body (good
 * until it returns), or with 'e' if no attempt brought an answer. A broken or timed-out attempt,
 * 429 and 5xx are repeated as long as attempts are left. 'done' may start the fetch again.
 */
void local_fetch_start(struct local_fetch *f, struct http_client *http,
                       const struct local_fetch_options *options,
                       void (*done)(void *arg, int status, struct view body, const struct error *e),
                       void *arg);
/* Ends it without calling back, and wipes. Does nothing if none is under way. */
void local_fetch_cancel(struct local_fetch *f);

#endif
