/* SPDX-License-Identifier: MIT */
#include "auth/provider_profile_role.h"

#include "auth/provider_assume_role.h"
#include "base/alloc.h"

#include <stdlib.h>

struct profile_role {
    struct credentials_provider base;
    struct credentials_cache source;
    struct credentials_provider *role;
    char *role_arn, *session_name;
    struct secret external_id;
    struct provider_done done;
};

static void profile_role_on_credentials(void *arg, const struct credentials *c,
                                        const struct error *e)
{
    struct profile_role *self = arg;
    struct provider_done done = self->done;
    if (c) {
        done.fn(done.arg, c, NULL);
        return;
    }
    struct error told = *e;
    if (told.kind == ERROR_ABSENT)
        told.kind = ERROR_CREDENTIALS;
    error_prefix(&told, "role '%s'", self->role_arn);
    done.fn(done.arg, NULL, &told);
}

static void profile_role_start(struct credentials_provider *p, struct provider_done done)
{
    struct profile_role *self = (struct profile_role *)p;
    self->done = done;
    provider_start(self->role, (struct provider_done){profile_role_on_credentials, self});
}

static void profile_role_cancel(struct credentials_provider *p)
{
    provider_cancel(((struct profile_role *)p)->role);
}

static void profile_role_free(struct credentials_provider *p)
{
    struct profile_role *self = (struct profile_role *)p;
    /* The role is freed first, since its call may be waiting for the source. */
    provider_free(self->role);
    credentials_cache_release(&self->source);
    secret_clear(&self->external_id);
    free(self->role_arn);
    free(self->session_name);
    free(self);
}

struct credentials_provider *provider_profile_role_new(const struct profile_role_options *options)
{
    static const struct provider_ops ops = {"role", profile_role_start, profile_role_cancel,
                                            profile_role_free};
    struct profile_role *self = xcalloc(1, sizeof(*self));
    self->base.ops = &ops;
    self->role_arn = xstrndup(options->role_arn.ptr, options->role_arn.len);
    self->session_name = xstrndup(options->session_name.ptr, options->session_name.len);
    secret_set(&self->external_id, options->external_id);
    credentials_cache_init(&self->source, options->loop, options->source);
    struct assume_role_options role = {
        .sts = options->sts,
        .source = &self->source,
        .role_arn = view_of(self->role_arn),
        .session_name = view_of(self->session_name),
        .external_id = secret_present(&self->external_id) ? &self->external_id : NULL,
        .policy = VIEW_NONE,
        .duration_s = options->duration_s,
    };
    self->role = provider_assume_role_new(&role);
    return &self->base;
}
