/* SPDX-License-Identifier: MIT */
/*
 * exchange.h: one request on a connection, and its reply.
 *
 * The server takes an exchange through its stages; its handler may set it aside (exchange_suspend,
 * exchange_delay) and fill in the reply later. The server's handler embeds it in its own struct
 * (services/call.h), where it lives from the handler's 'begin' to its 'end'.
 */
#ifndef WIRE_EXCHANGE_H
#define WIRE_EXCHANGE_H

#include "base/arena.h"
#include "wire/reply.h"
#include "wire/request.h"
#include "wire/timer.h"

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

enum exchange_stage {
    EXCHANGE_NEW,       /* only the target of the request is known */
    EXCHANGE_RECEIVING, /* the headers have been received, the body is being received */
    EXCHANGE_WAITING,   /* the request is complete; it waits for a delay, or for an answer */
    EXCHANGE_READY,     /* the reply is complete and is to be sent */
    EXCHANGE_ANSWERED,  /* the reply is on its way */
};

struct exchange {
    struct request request;
    struct reply reply;
    struct bend bend;
    struct arena arena; /* for everything that lives as long as the exchange */
    struct MHD_Connection *connection;
    struct timers *timers; /* the server's */
    enum exchange_stage stage;
    struct timer timer; /* for its delay, later for the pauses of a drip or a stall */
    bool suspended;
    uint64_t bytes_in; /* bytes of the body received */
    /* The state of a body that is not sent at once: see sender.c. */
    uint64_t sent;
    uint64_t total;
    uint64_t stop_at; /* after this many bytes the connection is reset, or pauses */
    uint64_t filler_at;
    uint64_t filler_bytes;
    int64_t next_us;       /* when a drip's next bytes are due, or a pause ends; 0: not begun */
    struct exchange *next; /* in the server's list, later in the handler's list of unused ones */
    struct exchange *previous;
};

/* Sets the exchange aside until exchange_resume, after which its handler runs again. */
void exchange_suspend(struct exchange *exchange);
void exchange_resume(struct exchange *exchange);

/* Sets the exchange aside for a time in microseconds. */
void exchange_delay(struct exchange *exchange, int64_t delay_us);

/* Sets the exchange aside until a moment of timer_now_us. */
void exchange_sleep_until(struct exchange *exchange, int64_t due_us);

/* True if the client has closed the connection. */
bool exchange_peer_gone(const struct exchange *exchange);

/* Ends the connection with a TCP reset. */
void exchange_reset_connection(const struct exchange *exchange);

#endif
