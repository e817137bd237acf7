/* SPDX-License-Identifier: MIT */
/*
 * client.h: what all calls of a run share: slots for requests and the two queues in front of them,
 * counters, the services' clocks, and whether the proxy refuses us. Private to client.c and call.c;
 * the public functions are in call.h.
 */
#ifndef AWS_CLIENT_H
#define AWS_CLIENT_H

#include "aws/call.h"
#include "aws/head.h"

TAILQ_HEAD(call_queue, aws_call);

struct aws_client {
    struct http_client *http;
    struct loop *loop;
    struct random random;
    size_t max_in_flight, in_flight, ready;
    struct call_queue urgent, usual;
    struct aws_counters counters;
    struct service_clocks clocks;
    /*
     * False if there is a proxy and no request has shown yet that it lets us through. One request
     * then goes first and the others wait for its outcome, so that a proxy that refuses is asked
     * once, not once for each account.
     */
    bool proven;
    struct error refused; /* by the proxy, with this error: nothing is sent any more */
    struct loop_timer room_timer, pump_timer;
    void (*on_room)(void *arg);
    void *on_room_arg;
    void *kept; /* see aws_client_store */
    void (*free_kept)(void *kept);
    struct head head; /* used within one function at a time; kept to save allocations */
};

/* Our wall clock, in seconds. */
int64_t client_wall_s(const struct aws_client *client);
/* Puts a call at the end of its queue. */
void client_enqueue(struct aws_call *call);
/* Takes a call out of its queue. */
void client_dequeue(struct aws_call *call);
/* Hands calls from the queues to call_go as long as there are free slots. */
void client_pump(struct aws_client *client);
/*
 * The same at the loop's next turn. For a slot that a cancelled call leaves: the caller may be
 * about to cancel those too that stand in the queue, and what is sent would only be broken off.
 */
void client_pump_soon(struct aws_client *client);
/* Has 'on_room' called, from the loop: there may be more room. */
void client_room_grew(struct aws_client *client);
/* In call.c: a slot is free for a call that has left its queue. */
void call_go(struct aws_call *call);

#endif
