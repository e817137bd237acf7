/* SPDX-License-Identifier: MIT */
#include "auth/provider_assume_role.h"

#include "base/alloc.h"

#include <stdlib.h>

struct assume_role {
    struct credentials_provider base;
    struct assume_role_options options;
    struct sts_call *call;
    struct provider_done done;
};

static void assume_role_on_credentials(void *arg, const struct credentials *c,
                                       const struct error *e)
{
    struct assume_role *self = arg;
    self->call = NULL;
    self->done.fn(self->done.arg, c, e);
}

static void assume_role_start(struct credentials_provider *p, struct provider_done done)
{
    struct assume_role *self = (struct assume_role *)p;
    const struct assume_role_options *o = &self->options;
    struct sts_assume_role_input input = {
        .role_arn = o->role_arn,
        .session_name = o->session_name,
        .external_id = o->external_id,
        .policy = o->policy,
        .duration_s = o->duration_s ? o->duration_s : STS_SESSION_DURATION_S,
    };
    self->done = done;
    self->call = sts_assume_role(o->sts, o->source, &input, assume_role_on_credentials, self);
}

static void assume_role_cancel(struct credentials_provider *p)
{
    struct assume_role *self = (struct assume_role *)p;
    sts_cancel(self->call);
    self->call = NULL;
}

static void assume_role_free(struct credentials_provider *p)
{
    assume_role_cancel(p);
    free(p);
}

struct credentials_provider *provider_assume_role_new(const struct assume_role_options *options)
{
    static const struct provider_ops ops = {"role", assume_role_start, assume_role_cancel,
                                            assume_role_free};
    struct assume_role *self = xcalloc(1, sizeof(*self));
    self->base.ops = &ops;
    self->options = *options;
    return &self->base;
}
