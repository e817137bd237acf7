/* SPDX-License-Identifier: MIT */
#include "auth/provider_profile.h"

#include "auth/delivery.h"
#include "auth/profile.h"
#include "auth/profile_set.h"
#include "auth/profile_source.h"
#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>

struct profile {
    struct credentials_provider base;
    struct provider_ops ops; /* with a name of its own: "profile 'default'" */
    char name[160];
    struct auth_context context;
    struct credentials_provider *inner; /* of the last fetch */
    struct provider_done done;
    struct delivery delivery;
};

static void profile_on_credentials(void *arg, const struct credentials *c, const struct error *e)
{
    struct profile *self = arg;
    struct provider_done done = self->done;
    if (c) {
        done.fn(done.arg, c, NULL);
        return;
    }
    struct error told = *e;
    /* The profile is configured, so what it refers to must be there. */
    if (told.kind == ERROR_ABSENT)
        told.kind = ERROR_CREDENTIALS;
    done.fn(done.arg, NULL, &told);
}

static struct credentials_provider *profile_open(const struct auth_context *context,
                                                 struct error *e)
{
    struct profile_set set = {0};
    struct credentials_provider *inner = NULL;
    struct view name = view_of(profile_name(context));
    if (profile_set_read(&set, context->env, e) == 0)
        inner = profile_source_new(context, &set, name, e);
    /*
     * Somebody asked for this profile: if it gives nothing, no other identity may be used instead.
     */
    if (!inner && e->kind == ERROR_ABSENT && profile_is_named(context))
        e->kind = ERROR_CREDENTIALS;
    profile_set_release(&set);
    return inner;
}

static void profile_start(struct credentials_provider *p, struct provider_done done)
{
    struct profile *self = (struct profile *)p;
    struct error e;
    provider_free(self->inner);
    self->inner = profile_open(&self->context, &e);
    self->done = done;
    if (self->inner)
        provider_start(self->inner, (struct provider_done){profile_on_credentials, self});
    else
        delivery_error(&self->delivery, self->context.loop, done, &e);
}

static void profile_cancel(struct credentials_provider *p)
{
    struct profile *self = (struct profile *)p;
    delivery_cancel(&self->delivery);
    if (self->inner)
        provider_cancel(self->inner);
}

static void profile_free(struct credentials_provider *p)
{
    struct profile *self = (struct profile *)p;
    profile_cancel(p);
    provider_free(self->inner);
    free(self);
}

struct credentials_provider *provider_profile_new(const struct auth_context *context)
{
    struct profile *self = xcalloc(1, sizeof(*self));
    snprintf(self->name, sizeof(self->name), "profile '%.140s'", profile_name(context));
    self->ops = (struct provider_ops){self->name, profile_start, profile_cancel, profile_free};
    self->base.ops = &self->ops;
    self->context = *context;
    return &self->base;
}
