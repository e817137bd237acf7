/*
 * The Lambda Runtime API (2018-06-01): hands events to a function and takes its answers. Events
 * come from files named on the command line or from POST /_sim/invoke, which waits for the answer.
 */
#ifndef SIM_LAMBDA_RUNTIME_H
#define SIM_LAMBDA_RUNTIME_H

#include "wire/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LAMBDA_EVENT_BYTES_MOST (6 * 1024 * 1024)
#define LAMBDA_QUEUE_MOST       1000

struct exchange;
struct invocation;
struct sim;

struct lambda_runtime {
    struct invocation *invocations; /* first come, first served */
    struct exchange *asking;        /* a function that waits for its next event, or NULL */
    size_t files_left;              /* events of the command line without an answer */
    bool from_files;
    bool failed; /* a function answered an event of the command line with an error */
    uint64_t count;
};

/* Queues the events of the command line. Returns 0, or -1. */
int lambda_runtime_open(struct sim *sim, struct error *error);

/* Answers a request to /2018-06-01/runtime/, or sets it aside. */
void lambda_runtime_handle(struct exchange *exchange);

/* Takes in POST /_sim/invoke and sets it aside until the function has answered. */
void lambda_runtime_invoke(struct exchange *exchange);

/* Whether all events of the command line were answered and the function asked for more. */
bool lambda_runtime_done(const struct lambda_runtime *lambda);

/* The exchange is over: forgets whatever waited for it. */
void lambda_runtime_forget(struct lambda_runtime *lambda, const struct exchange *exchange);

/* Wakes what waits and frees everything. */
void lambda_runtime_release(struct sim *sim);

#endif
