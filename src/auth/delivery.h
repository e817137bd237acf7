/* SPDX-License-Identifier: MIT */
/*
 * delivery.h: defers the result of a provider that has it at once, so that its callback still runs
 * from the loop.
 *
 * A provider's 'done' never runs from within its start; this holds the outcome until the loop's
 * next turn.
 */
#ifndef AUTH_DELIVERY_H
#define AUTH_DELIVERY_H

#include "aws/provider.h"
#include "net/loop.h"

/* Embedded in the provider, zeroed before its first use. */
struct delivery {
    struct loop *loop; /* borrowed; NULL: nothing to be delivered */
    struct loop_timer timer;
    struct provider_done done;
    struct credentials credentials;
    struct error error;
};

/*
 * Calls 'done' with '*c' at the loop's next turn. Takes what '*c' holds, which is zero afterwards.
 */
void delivery_credentials(struct delivery *d, struct loop *loop, struct provider_done done,
                          struct credentials *c);
/* Calls 'done' with '*e' (copied) at the loop's next turn. */
void delivery_error(struct delivery *d, struct loop *loop, struct provider_done done,
                    const struct error *e);
/* Forgets and wipes what waits to be delivered. Does nothing if nothing does. */
void delivery_cancel(struct delivery *d);

#endif
