/* SPDX-License-Identifier: MIT */
#include "auth/provider_web_identity.h"

#include "auth/delivery.h"
#include "auth/file.h"
#include "base/alloc.h"

#include <stdlib.h>

struct web_identity {
    struct credentials_provider base;
    struct auth_context context;
    /* From a profile; NULL: read from the environment at each fetch. */
    char *token_file, *role_arn, *session_name;
    struct sts_call *call;
    struct provider_done done;
    struct delivery delivery;
};

static void web_identity_on_credentials(void *arg, const struct credentials *c,
                                        const struct error *e)
{
    struct web_identity *self = arg;
    self->call = NULL;
    self->done.fn(self->done.arg, c, e);
}

/* Reads the token, without a line end after it. */
static int read_token(const char *path, struct secret *token, struct error *e)
{
    struct secret text = {0};
    if (file_read(path, WEB_IDENTITY_TOKEN_MAX, &text, e) != 0) {
        e->kind = ERROR_CREDENTIALS;
        return -1;
    }
    struct view trimmed = view_trim(secret_reveal(&text));
    int result = 0;
    if (trimmed.len == 0)
        result = error_set(e, ERROR_CREDENTIALS, "'%s' is empty", path);
    else
        secret_set(token, trimmed);
    secret_clear(&text);
    return result;
}

static int web_identity_ask(struct web_identity *self, struct error *e)
{
    const struct environ *env = self->context.env;
    const char *path = self->token_file;
    const char *role = self->role_arn;
    const char *session_name = self->session_name;
    struct secret token = {0};
    if (!path) {
        path = environ_get(env, "AWS_WEB_IDENTITY_TOKEN_FILE");
        role = environ_get(env, "AWS_ROLE_ARN");
        session_name = environ_get(env, "AWS_ROLE_SESSION_NAME");
    }
    if (!path)
        return error_set(e, ERROR_ABSENT, "AWS_WEB_IDENTITY_TOKEN_FILE is not set");
    if (!role)
        return error_set(e, ERROR_CREDENTIALS,
                         "AWS_WEB_IDENTITY_TOKEN_FILE is set, and AWS_ROLE_ARN is not");
    if (!self->context.sts)
        return error_set(e, ERROR_CREDENTIALS, "role '%s' can't be assumed: STS is not available",
                         role);
    if (read_token(path, &token, e) != 0)
        return -1;
    self->call = sts_assume_role_with_web_identity(
        self->context.sts, view_of(role), view_of(session_name ? session_name : AUTH_SESSION_NAME),
        &token, web_identity_on_credentials, self);
    secret_clear(&token);
    return 0;
}

static void web_identity_start(struct credentials_provider *p, struct provider_done done)
{
    struct web_identity *self = (struct web_identity *)p;
    struct error e;
    self->done = done;
    if (web_identity_ask(self, &e) != 0)
        delivery_error(&self->delivery, self->context.loop, done, &e);
}

static void web_identity_cancel(struct credentials_provider *p)
{
    struct web_identity *self = (struct web_identity *)p;
    delivery_cancel(&self->delivery);
    sts_cancel(self->call);
    self->call = NULL;
}

static void web_identity_free(struct credentials_provider *p)
{
    struct web_identity *self = (struct web_identity *)p;
    web_identity_cancel(p);
    free(self->token_file);
    free(self->role_arn);
    free(self->session_name);
    free(self);
}

struct credentials_provider *provider_web_identity_new(const struct auth_context *context)
{
    static const struct provider_ops ops = {"web identity", web_identity_start, web_identity_cancel,
                                            web_identity_free};
    struct web_identity *self = xcalloc(1, sizeof(*self));
    self->base.ops = &ops;
    self->context = *context;
    return &self->base;
}

struct credentials_provider *
provider_web_identity_new_of_profile(const struct auth_context *context, struct view token_file,
                                     struct view role_arn, struct view session_name)
{
    struct credentials_provider *p = provider_web_identity_new(context);
    struct web_identity *self = (struct web_identity *)p;
    self->token_file = xstrndup(token_file.ptr, token_file.len);
    self->role_arn = xstrndup(role_arn.ptr, role_arn.len);
    self->session_name = xstrndup(session_name.ptr, session_name.len);
    return p;
}
