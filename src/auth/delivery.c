/* SPDX-License-Identifier: MIT */
#include "auth/delivery.h"

/* Everything is moved out first, since 'done' may free the provider, and this with it. */
static void delivery_deliver(void *arg)
{
    struct delivery *d = arg;
    struct provider_done done = d->done;
    struct credentials c = d->credentials;
    struct error e = d->error;
    d->credentials = (struct credentials){0};
    d->loop = NULL;
    if (e.kind != ERROR_NONE)
        done.fn(done.arg, NULL, &e);
    else
        done.fn(done.arg, &c, NULL);
    credentials_clear(&c);
}

static void delivery_schedule(struct delivery *d, struct loop *loop, struct provider_done done)
{
    d->loop = loop;
    d->done = done;
    loop_soon(loop, &d->timer, delivery_deliver, d);
}

void delivery_credentials(struct delivery *d, struct loop *loop, struct provider_done done,
                          struct credentials *c)
{
    delivery_cancel(d);
    d->credentials = *c;
    *c = (struct credentials){0};
    error_clear(&d->error);
    delivery_schedule(d, loop, done);
}

void delivery_error(struct delivery *d, struct loop *loop, struct provider_done done,
                    const struct error *e)
{
    delivery_cancel(d);
    d->error = *e;
    delivery_schedule(d, loop, done);
}

void delivery_cancel(struct delivery *d)
{
    if (d->loop)
        loop_timer_stop(d->loop, &d->timer);
    credentials_clear(&d->credentials);
    d->loop = NULL;
}
