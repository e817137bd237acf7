/* One request and its answer on a connection: the call, and what the server does with it. */
#ifndef SIM_EXCHANGE_H
#define SIM_EXCHANGE_H

#include "services/call.h"
#include "wire/timer.h"

#include <microhttpd.h>

enum exchange_stage {
    EXCHANGE_NEW,
    EXCHANGE_RECEIVING,
    EXCHANGE_WAITING, /* for its delay, or for a function */
    EXCHANGE_READY,   /* the reply stands and is to be sent */
    EXCHANGE_ANSWERED,
};

enum exchange_kind { EXCHANGE_AWS, EXCHANGE_CONTROL, EXCHANGE_LAMBDA };

struct exchange {
    struct call call;
    struct MHD_Connection *connection;
    enum exchange_kind kind;
    enum exchange_stage stage;
    struct timer timer;
    bool suspended;
    bool counted;
    uint64_t bytes_in;

    /* How a body that is not sent at once stands: see sender.h. */
    uint64_t sent;
    uint64_t total;
    uint64_t stop_at; /* the connection is reset here, or falls silent */
    uint64_t filler_at;
    uint64_t filler_bytes;
    int64_t next_us; /* a drip's next bytes are due, or a silence is over; 0: not begun */

    struct exchange *next; /* in the list of all, or of those to be used again */
    struct exchange *previous;
};

/* Sets the exchange aside until exchange_resume; its handler runs again then. */
void exchange_suspend(struct exchange *exchange);
void exchange_resume(struct exchange *exchange);

/* Whether the client has closed the connection. */
bool exchange_peer_gone(const struct exchange *exchange);

/* Ends the connection with a TCP reset. */
void exchange_reset_connection(const struct exchange *exchange);

#endif
