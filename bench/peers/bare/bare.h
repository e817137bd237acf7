/* SPDX-License-Identifier: MIT */
/*
 * bare.h: what the bare loop is made of.
 *
 * It sends the requests that the program sends, over libcurl's multi interface, and ignores the
 * answers: the least that a client on libcurl can spend. Signing is the program's own
 * (libcensus.a), since the figure is about everything else.
 */
#ifndef BARE_H
#define BARE_H

#include "aws/sigv4.h"

#include <curl/curl.h>

#define ACCOUNTS_MAX    100000
#define HOST_SIZE       64
#define IN_FLIGHT_MAX   1024
#define STS_ANSWER_SIZE 8192

struct bare_account {
    char id[13];
    struct credentials session;
    struct sigv4_key key;
};

struct bare_request {
    struct bare_account *account; /* NULL: signed by the caller (STS) */
    const char *body;             /* NUL-terminated, in the plan's text */
    struct curl_slist *headers;   /* NULL until it is signed */
};

struct bare_plan {
    char *text;
    struct bare_account *accounts;
    size_t account_count;
    struct bare_request *requests;
    size_t request_count;
};

/*
 * Reads a plan: lines of an account id, a tab, and the body of a request to IAM; an account's lines
 * stand together. Ends the process if it can't.
 */
void plan_read(struct bare_plan *plan, const char *path);

/* Signs for 'service' of 'host' and makes the header lines, the same as the program's. */
struct curl_slist *request_sign(const struct bare_request *request, const char *service,
                                const char *host, const struct credentials *credentials,
                                struct sigv4_key *key);

/* Sends requests, 'in_flight' at a time. */
struct bare_loop {
    const char *url;
    size_t in_flight;
    CURLSH *sessions; /* of TLS, for all connections of one loop_send */
    /* Makes request->headers if they are not made yet. */
    void (*sign)(struct bare_request *request);
    /* NULL: bodies are ignored. Else they are handed over whole, at most STS_ANSWER_SIZE bytes. */
    void (*answer)(struct bare_request *request, const char *body);
    size_t failed; /* answers that are not 200 or 404 (a user without a password) */
};

void loop_send(struct bare_loop *loop, struct bare_request *requests, size_t count);

void die(const char *what) __attribute__((noreturn));

#endif
