/* SPDX-License-Identifier: MIT */
#include "auth/provider_fixed.h"

#include "auth/delivery.h"
#include "base/alloc.h"

#include <stdlib.h>

struct fixed {
    struct credentials_provider base;
    struct loop *loop;
    struct credentials credentials;
    struct delivery delivery;
};

static void fixed_start(struct credentials_provider *p, struct provider_done done)
{
    struct fixed *self = (struct fixed *)p;
    struct credentials copy = {0};
    credentials_copy(&copy, &self->credentials);
    delivery_credentials(&self->delivery, self->loop, done, &copy);
}

static void fixed_cancel(struct credentials_provider *p)
{
    delivery_cancel(&((struct fixed *)p)->delivery);
}

static void fixed_free(struct credentials_provider *p)
{
    fixed_cancel(p);
    credentials_clear(&((struct fixed *)p)->credentials);
    free(p);
}

struct credentials_provider *provider_fixed_new(struct loop *loop, struct credentials *c)
{
    static const struct provider_ops ops = {"static keys", fixed_start, fixed_cancel, fixed_free};
    struct fixed *self = xcalloc(1, sizeof(*self));
    self->base.ops = &ops;
    self->loop = loop;
    self->credentials = *c;
    *c = (struct credentials){0};
    return &self->base;
}
