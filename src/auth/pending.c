/* Sources that are still to be written, so that the chain links: each is absent. */
#include "auth/command.h"
#include "auth/container.h"
#include "auth/delivery.h"
#include "auth/imds.h"
#include "base/alloc.h"

#include <stdlib.h>

struct pending {
    struct credentials_provider base;
    struct loop *loop;
    struct delivery delivery;
};

static void pending_start(struct credentials_provider *p, struct provider_done done)
{
    struct pending *self = (struct pending *)p;
    struct error e;
    error_set(&e, ERROR_ABSENT, "not implemented yet");
    delivery_error(&self->delivery, self->loop, done, &e);
}

static void pending_cancel(struct credentials_provider *p)
{
    delivery_cancel(&((struct pending *)p)->delivery);
}

static void pending_free(struct credentials_provider *p)
{
    pending_cancel(p);
    free(p);
}

static struct credentials_provider *pending_new(struct loop *loop)
{
    static const struct provider_ops ops = {"pending", pending_start, pending_cancel, pending_free};
    struct pending *self = xcalloc(1, sizeof(*self));
    self->base.ops = &ops;
    self->loop = loop;
    return &self->base;
}

struct credentials_provider *command_provider_new(struct loop *loop, struct view command)
{
    (void)command;
    return pending_new(loop);
}

struct credentials_provider *command_cli_provider_new(struct loop *loop, struct view profile,
                                                      const char *why)
{
    (void)profile, (void)why;
    return pending_new(loop);
}

struct credentials_provider *container_provider_new(const struct auth_context *context)
{
    return pending_new(context->loop);
}

struct credentials_provider *imds_provider_new(const struct auth_context *context)
{
    return pending_new(context->loop);
}
