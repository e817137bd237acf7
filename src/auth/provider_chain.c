/* SPDX-License-Identifier: MIT */
#include "auth/provider_chain.h"

#include "auth/profile.h"
#include "auth/provider_container.h"
#include "auth/provider_environment.h"
#include "auth/provider_imds.h"
#include "auth/provider_profile.h"
#include "auth/provider_web_identity.h"
#include "base/alloc.h"
#include "base/buffer.h"
#include "base/log.h"

#include <stdlib.h>

#define CHAIN_MAX      8
#define NO_CREDENTIALS "no AWS credentials found"
#define WAY_OUT                                                                                    \
    "name a profile (--profile or AWS_PROFILE) or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"

struct chain {
    struct credentials_provider base;
    struct credentials_provider *providers[CHAIN_MAX];
    size_t count;
    size_t asked; /* the index of the one that is asked now */
    bool settled; /* it has given credentials before: no other is asked any more */
    struct provider_done done;
    struct buffer reasons; /* why the providers before it are absent */
};

static void chain_ask(struct chain *self);

static void chain_fail(struct chain *self)
{
    struct provider_done done = self->done;
    struct error e;
    error_set(&e, ERROR_CREDENTIALS, "%s: %s; " WAY_OUT, NO_CREDENTIALS,
              buffer_text_cut(&self->reasons));
    done.fn(done.arg, NULL, &e);
}

static void chain_on_answer(void *arg, const struct credentials *c, const struct error *e)
{
    struct chain *self = arg;
    struct provider_done done = self->done;
    const char *name = self->providers[self->asked]->ops->name;
    if (c) {
        if (!self->settled)
            log_event(LOG_DEBUG, "credentials found", FIELD("provider", name));
        self->settled = true;
        self->base.source = name;
        done.fn(done.arg, c, NULL);
        return;
    }
    if (e->kind == ERROR_ABSENT && !self->settled) {
        buffer_addf(&self->reasons, "%s%s: %s", self->asked > 0 ? "; " : "", name, e->text);
        self->asked++;
        chain_ask(self);
        return;
    }
    struct error told = *e;
    if (told.kind == ERROR_ABSENT)
        told.kind = ERROR_CREDENTIALS;
    error_prefix(&told, "%s", name);
    done.fn(done.arg, NULL, &told);
}

static void chain_ask(struct chain *self)
{
    if (self->asked == self->count) {
        chain_fail(self);
        return;
    }
    provider_start(self->providers[self->asked], (struct provider_done){chain_on_answer, self});
}

static void chain_start(struct credentials_provider *p, struct provider_done done)
{
    struct chain *self = (struct chain *)p;
    self->done = done;
    buffer_clear(&self->reasons);
    if (!self->settled)
        self->asked = 0;
    chain_ask(self);
}

static void chain_cancel(struct credentials_provider *p)
{
    struct chain *self = (struct chain *)p;
    if (self->asked < self->count)
        provider_cancel(self->providers[self->asked]);
}

static void chain_free(struct credentials_provider *p)
{
    struct chain *self = (struct chain *)p;
    for (size_t i = 0; i < self->count; i++)
        provider_free(self->providers[i]);
    buffer_release(&self->reasons);
    free(self);
}

/* A chain of 'count' providers (at most CHAIN_MAX), which it owns from here on. */
static struct credentials_provider *chain_new(struct credentials_provider *const *providers,
                                              size_t count)
{
    static const struct provider_ops ops = {"chain", chain_start, chain_cancel, chain_free};
    struct chain *self = xcalloc(1, sizeof(*self));
    self->base.ops = &ops;
    buffer_init(&self->reasons, sizeof(((struct error *)0)->text) * CHAIN_MAX);
    for (; self->count < count; self->count++)
        self->providers[self->count] = providers[self->count];
    return &self->base;
}

struct credentials_provider *provider_chain_new(const struct auth_context *context)
{
    struct credentials_provider *list[CHAIN_MAX];
    size_t count = 0;
    /* A profile that is named is never absent, so nothing after it would be asked. */
    bool named = profile_is_named(context);
    if (!context->profile)
        list[count++] = provider_environment_new(context->loop, context->env);
    if (!named)
        list[count++] = provider_web_identity_new(context);
    list[count++] = provider_profile_new(context);
    if (!named) {
        list[count++] = provider_container_new(context);
        list[count++] = provider_imds_new(context);
    }
    return chain_new(list, count);
}
