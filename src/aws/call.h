/* SPDX-License-Identifier: MIT */
/*
 * call.h: one logical call of an AWS API: credentials, rate, a free slot, signature, send, decode,
 * and the next attempt if that is worth it.
 *
 * A client bounds how many requests are on the wire at once; calls beyond that wait in order. A
 * call is embedded in its owner, borrows all that its request points to, and ends with one
 * callback.
 */
#ifndef AWS_CALL_H
#define AWS_CALL_H

#include "aws/cache.h"
#include "aws/clocks.h"
#include "aws/endpoint.h"
#include "aws/rate.h"
#include "aws/retry.h"
#include "aws/service_error.h"
#include "net/http.h"

#include <sys/queue.h>

struct aws_client;

/*
 * Turns the answer of a success (status 2xx) into data. All functions get the request's
 * decoder_arg. What a service says when it refuses is read by the call itself (service_error.h).
 */
struct aws_decoder {
    /* A new answer begins: forget what an earlier attempt left. */
    void (*begin)(void *arg, int http_status);
    /* A piece of the body. -1 with 'e' (ERROR_PROTOCOL, ERROR_LIMIT) ends the attempt. */
    int (*data)(void *arg, struct view piece, struct error *e);
    /*
     * The body is complete. Returns 0 for a success; 1 if it holds a refusal in spite of its
     * status, with 'told' (empty before) set to what that says, borrowed for the call; -1 with 'e'
     * if it can't be read.
     */
    int (*end)(void *arg, const struct http_response *response, struct service_error *told,
               struct error *e);
    /*
     * The service has refused, and 'told' is what it says, borrowed for the call. Returns true if
     * the call counts as a success all the same. NULL: it never does.
     */
    bool (*refused)(void *arg, const struct http_response *response,
                    const struct service_error *told);
};

struct aws_header {
    const char *name;
    struct view value; /* VIEW_NONE: the header is left out */
};

/* Who calls which service; all borrowed. */
struct aws_target {
    struct aws_client *client;
    const struct endpoint *endpoint;
    struct credentials_cache *credentials; /* NULL: the request is not signed */
    struct rate *rate;                     /* NULL: no limit */
    uint64_t *requests; /* counts the requests that are sent; NULL: not counted */
    bool urgent;        /* goes before the others that wait for a slot */
};

/* Everything is borrowed until the call is done. */
struct aws_request {
    struct aws_target target;
    const char *operation; /* "ListUsers": for messages and counts */
    enum aws_service service;
    const char *method;
    struct view path;  /* begins with '/', percent-encoded once */
    struct view query; /* percent-encoded, without '?' */
    const struct aws_header *headers;
    size_t header_count;
    struct view body;
    /* SHA-256 of the body in lower-case hex; VIEW_NONE: the call computes it before the first
     * attempt. */
    struct view body_hash;
    const struct aws_decoder *decoder;
    void *decoder_arg;
    const struct secret *secrets; /* of the body, to be blanked in what the service says */
    size_t secret_count;
    size_t max_response_bytes;
    int64_t read_timeout_ms, total_timeout_ms; /* 0: the client's */
};

struct aws_counters {
    uint64_t requests;  /* sent, repeated ones too */
    uint64_t retries;   /* requests that repeated one that had failed */
    uint64_t throttled; /* answers that asked to slow down */
};

enum aws_call_state {
    CALL_IDLE,
    CALL_WAITING_CREDENTIALS,
    CALL_WAITING_RATE,
    CALL_READY, /* in the client's queue for a slot */
    CALL_IN_FLIGHT,
    CALL_BACKING_OFF,
    CALL_FAILING, /* can't be sent: reported at the loop's next turn */
};

struct aws_call {
    enum aws_call_state state;
    struct aws_client *client;
    struct aws_request request;
    char body_hash[SIGV4_HASH_HEX_SIZE]; /* if the call computes it */
    void (*done)(void *arg, const struct error *e);
    void *arg;
    unsigned attempt;    /* requests sent so far */
    unsigned generation; /* of the credentials that signed the last one */
    int64_t gone_at_ms;  /* when its rate let it go; it may have waited for a slot since */
    int64_t sent_at_s;   /* by our wall clock */
    bool fresh;          /* the next attempt takes a connection of its own */
    bool answered;       /* the decoder, or 'refusal', has begun */
    struct service_answer *refusal; /* an answer that is not a success, as it comes in */
    struct service_clock *clock;    /* of the endpoint's host */
    bool on_trial;                  /* signed by 'trial_skew_s' instead of the host's correction */
    unsigned clock_trials;          /* corrections that were tried */
    int64_t trial_skew_s;
    int64_t signed_skew_s; /* the correction that the last request was signed with */
    struct error failure;  /* CALL_FAILING: why */
    struct credentials_waiter credentials_waiter;
    struct rate_waiter rate_waiter;
    struct loop_timer timer;
    struct http_exchange *exchange;
    TAILQ_ENTRY(aws_call) link; /* CALL_READY: in the client's queue */
};

struct aws_client_options {
    size_t max_in_flight; /* requests on the wire at once */
    uint64_t seed;        /* of the jitter */
};

/* A client over 'http' (borrowed). Never NULL. */
struct aws_client *aws_client_new(struct http_client *http,
                                  const struct aws_client_options *options);
/* Frees it; every call must have ended or been cancelled. 'client' may be NULL. */
void aws_client_free(struct aws_client *client);
struct loop *aws_client_loop(const struct aws_client *client);
/*
 * How many seconds AWS's clock is ahead of our wall clock (below 0: behind it), by the Date of the
 * first answer that a service gave to a request it accepted. 0 before that, and if the difference
 * is less than a minute (CLOCK_AHEAD_LEAST_S), which counts as none.
 */
int64_t aws_client_ahead_s(const struct aws_client *client);
/*
 * What is added to the wall clock to sign requests to this endpoint's host; 0 unless the host has
 * refused our time. The value may change; the pointer is good as long as the client lives.
 */
const int64_t *aws_client_skew_s(struct aws_client *client, const struct endpoint *endpoint);
/* Counts since the client was made. */
const struct aws_counters *aws_client_counters(const struct aws_client *client);
/*
 * The number of free slots minus that of the calls that wait for one. If it is above 0, more work
 * may be started.
 */
long aws_client_room(const struct aws_client *client);
/* fn(arg) is called (from the loop, at most once a turn) whenever room may have grown. */
void aws_client_on_room(struct aws_client *client, void (*fn)(void *arg), void *arg);

/*
 * Where the query protocol keeps what its next calls use again: a pointer that is NULL at first.
 * When the client is freed, free_kept is called with that pointer, unless it is NULL.
 */
void **aws_client_store(struct aws_client *client, void (*free_kept)(void *kept));

/*
 * Starts 'call' (zeroed, or ended). 'done' is called once, never from within this call: 'e' is NULL
 * on success. 'done' may start the call again or free its owner.
 */
void aws_call_start(struct aws_call *call, const struct aws_request *request,
                    void (*done)(void *arg, const struct error *e), void *arg);
/*
 * As aws_call_start, for a request that could not be made (one of its parts is over its bound,
 * say): nothing is sent, and 'done' gets a copy of 'e'.
 */
void aws_call_fail(struct aws_call *call, const struct aws_request *request, const struct error *e,
                   void (*done)(void *arg, const struct error *e), void *arg);
/* Ends the call without calling back. Does nothing if it is idle. */
void aws_call_cancel(struct aws_call *call);

#endif
