/* SPDX-License-Identifier: MIT */
#include "auth/provider_environment.h"

#include "auth/delivery.h"
#include "auth/keys.h"
#include "base/alloc.h"
#include "base/timestamp.h"

#include <stdlib.h>

struct environment {
    struct credentials_provider base;
    struct loop *loop;
    const struct environ *env;
    struct delivery delivery;
};

static int read_keys(const struct environ *env, struct credentials *c, struct error *e)
{
    const char *id = environ_get(env, "AWS_ACCESS_KEY_ID");
    const char *secret = environ_get(env, "AWS_SECRET_ACCESS_KEY");
    const char *expiration = environ_get(env, "AWS_CREDENTIAL_EXPIRATION");
    struct keys keys = {
        .access_key_id = view_of(id),
        .secret_access_key = view_of(secret),
        .session_token = view_of(environ_get(env, "AWS_SESSION_TOKEN")),
        .expires_at_s = CREDENTIALS_NEVER_EXPIRE,
        .names = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"},
    };
    if (!id && !secret)
        return error_set(e, ERROR_ABSENT, "AWS_ACCESS_KEY_ID is not set");
    if (!id || !secret)
        return error_set(e, ERROR_CREDENTIALS, "%s is set, and %s is not", keys.names[!id],
                         keys.names[!secret]);
    if (expiration && timestamp_parse(view_of(expiration), &keys.expires_at_s) != 0)
        return error_set(e, ERROR_CREDENTIALS,
                         "AWS_CREDENTIAL_EXPIRATION is not a valid RFC 3339 time");
    return keys_check(&keys, c, e);
}

static void environment_start(struct credentials_provider *p, struct provider_done done)
{
    struct environment *self = (struct environment *)p;
    struct credentials c = {0};
    struct error e;
    if (read_keys(self->env, &c, &e) == 0)
        delivery_credentials(&self->delivery, self->loop, done, &c);
    else
        delivery_error(&self->delivery, self->loop, done, &e);
}

static void environment_cancel(struct credentials_provider *p)
{
    delivery_cancel(&((struct environment *)p)->delivery);
}

static void environment_free(struct credentials_provider *p)
{
    environment_cancel(p);
    free(p);
}

struct credentials_provider *provider_environment_new(struct loop *loop, const struct environ *env)
{
    static const struct provider_ops ops = {"environment", environment_start, environment_cancel,
                                            environment_free};
    struct environment *self = xcalloc(1, sizeof(*self));
    self->base.ops = &ops;
    self->loop = loop;
    self->env = env;
    return &self->base;
}
