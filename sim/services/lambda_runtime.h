/* SPDX-License-Identifier: MIT */
/*
 * lambda_runtime.h: the Lambda Runtime API (2018-06-01): hands events to a function and takes its
 * answers.
 *
 * Events come from files named on the command line, or from POST /_sim/invoke, which waits for the
 * answer. One function at a time may wait for its next event.
 */
#ifndef SERVICES_LAMBDA_RUNTIME_H
#define SERVICES_LAMBDA_RUNTIME_H

#include "base/error.h"
#include "wire/exchange.h"
#include "world/world.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LAMBDA_PATH            "/2018-06-01/runtime/"
#define LAMBDA_EVENT_BYTES_MAX (6 * 1024 * 1024)

struct invocation;

/* The settings of the runtime. All pointers are borrowed until lambda_runtime_release. */
struct lambda_settings {
    const struct world *world; /* the function is in its management account */
    struct timers *timers;
    uint64_t seed; /* for the ids of invocations */
    int64_t deadline_ms;
    const char *const *events; /* files */
    size_t event_count;
};

struct lambda_runtime {
    struct lambda_settings settings;
    struct invocation *invocations; /* in the order in which they came */
    struct exchange *asking;        /* a function that waits for its next event, or NULL */
    size_t files_left;              /* events from the command line that have no answer yet */
    bool failed;                    /* an event from the command line was answered with an error */
    uint64_t count;                 /* invocations so far */
};

/* Queues the events from the command line. Returns 0, or -1 if one can't be read. */
int lambda_runtime_open(struct lambda_runtime *lambda, const struct lambda_settings *settings,
                        struct error *error);

/* Answers a request to LAMBDA_PATH, or sets it aside. */
void lambda_runtime_handle(struct lambda_runtime *lambda, struct exchange *exchange);

/* Accepts POST /_sim/invoke and sets it aside until the function has answered. */
void lambda_runtime_invoke(struct lambda_runtime *lambda, struct exchange *exchange);

/* True if there were events on the command line, and all of them were answered. */
bool lambda_runtime_done(const struct lambda_runtime *lambda);

/* To be called when an exchange ends: drops whatever refers to it. */
void lambda_runtime_forget(struct lambda_runtime *lambda, const struct exchange *exchange);

/* Resumes all exchanges that wait, and frees everything. */
void lambda_runtime_release(struct lambda_runtime *lambda);

#endif
