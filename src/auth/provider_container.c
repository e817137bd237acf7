/* SPDX-License-Identifier: MIT */
#include "auth/provider_container.h"

#include "auth/credentials_json.h"
#include "auth/delivery.h"
#include "auth/file.h"
#include "auth/local_fetch.h"
#include "auth/local_url.h"
#include "base/alloc.h"
#include "base/buffer.h"

#include <stdlib.h>

#define ECS_URL            "http://169.254.170.2"
#define URL_BYTES_MAX      2048
#define TOKEN_BYTES_MAX    16384
#define ATTEMPTS           3
#define CONNECT_TIMEOUT_MS 1000
#define TOTAL_TIMEOUT_MS   5000

static const struct local_hosts agents = {{"169.254.170.2", "169.254.170.23", "fd00:ec2::23"}};

struct container {
    struct credentials_provider base;
    struct auth_context context;
    struct local_fetch fetch;
    struct provider_done done;
    struct delivery delivery;
};

static int find_url(const struct environ *env, struct buffer *url, struct error *e)
{
    const char *relative = environ_get(env, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const char *full = environ_get(env, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (!relative && !full)
        return error_set(e, ERROR_ABSENT,
                         "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI are not set");
    if (relative && relative[0] != '/')
        return error_set(e, ERROR_CREDENTIALS,
                         "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with '/'");
    buffer_addf(url, "%s%s", relative ? ECS_URL : "", relative ? relative : full);
    if (!buffer_complete(url))
        return error_set(e, ERROR_CREDENTIALS, "AWS_CONTAINER_CREDENTIALS_%s_URI is too long",
                         relative ? "RELATIVE" : "FULL");
    if (!local_url_allowed(buffer_text(url), &agents))
        return error_set(e, ERROR_CREDENTIALS,
                         "AWS_CONTAINER_CREDENTIALS_%s_URI is not a URL with https, or with http "
                         "and a loopback host, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23]",
                         relative ? "RELATIVE" : "FULL");
    return 0;
}

/* A line end would let the token add headers of its own. */
static int check_token(struct view token, const char *variable, struct error *e)
{
    for (size_t i = 0; i < token.len; i++)
        if ((unsigned char)token.ptr[i] < 0x20 || token.ptr[i] == 0x7f)
            return error_set(e, ERROR_CREDENTIALS,
                             "the token of %s holds a line end or a control character", variable);
    return 0;
}

/* The Authorization header, into '*header'; left empty if there is no token. */
static int find_token(const struct environ *env, struct secret *header, struct error *e)
{
    const char *path = environ_get(env, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    const char *token = environ_get(env, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
    const char *variable =
        path ? "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE" : "AWS_CONTAINER_AUTHORIZATION_TOKEN";
    struct secret text = {0};
    if (!path && !token)
        return 0;
    if (path && file_read(path, TOKEN_BYTES_MAX, &text, e) != 0) {
        e->kind = ERROR_CREDENTIALS;
        return error_prefix(e, "%s", variable);
    }
    if (!path)
        secret_set(&text, view_of(token));
    int result = check_token(secret_reveal(&text), variable, e);
    if (result == 0)
        secret_set_joined(header, "Authorization: ", secret_reveal(&text));
    secret_clear(&text);
    return result;
}

static int read_answer(int status, struct view body, struct credentials *c, struct error *e)
{
    if (status != 200)
        return error_set(e, ERROR_CREDENTIALS, "it answered with HTTP status %d", status);
    return credentials_json_read(body, JSON_CONTAINER, c, e);
}

static void container_on_response(void *arg, int status, struct view body,
                                  const struct error *failed)
{
    struct container *self = arg;
    struct provider_done done = self->done;
    struct credentials c = {0};
    struct error e;
    if (failed) {
        e = *failed;
        e.kind = ERROR_CREDENTIALS;
    } else if (read_answer(status, body, &c, &e) == 0) {
        done.fn(done.arg, &c, NULL);
        credentials_clear(&c);
        return;
    }
    error_prefix(&e, "the container's credentials service");
    done.fn(done.arg, NULL, &e);
}

static int container_ask(struct container *self, struct error *e)
{
    struct secret header = {0};
    struct buffer url;
    buffer_init(&url, URL_BYTES_MAX);
    int result = find_url(self->context.env, &url, e);
    if (result == 0)
        result = find_token(self->context.env, &header, e);
    if (result == 0) {
        const struct local_fetch_options options = {
            .method = "GET",
            .url = buffer_text(&url),
            .header = secret_reveal(&header),
            .max_bytes = CREDENTIALS_JSON_MAX,
            .attempts = ATTEMPTS,
            .connect_timeout_ms = CONNECT_TIMEOUT_MS,
            .total_timeout_ms = TOTAL_TIMEOUT_MS,
        };
        local_fetch_start(&self->fetch, self->context.http, &options, container_on_response, self);
    }
    secret_clear(&header);
    buffer_release(&url);
    return result;
}

static void container_start(struct credentials_provider *p, struct provider_done done)
{
    struct container *self = (struct container *)p;
    struct error e;
    self->done = done;
    if (container_ask(self, &e) != 0)
        delivery_error(&self->delivery, self->context.loop, done, &e);
}

static void container_cancel(struct credentials_provider *p)
{
    struct container *self = (struct container *)p;
    delivery_cancel(&self->delivery);
    local_fetch_cancel(&self->fetch);
}

static void container_free(struct credentials_provider *p)
{
    container_cancel(p);
    free(p);
}

struct credentials_provider *provider_container_new(const struct auth_context *context)
{
    static const struct provider_ops ops = {"container", container_start, container_cancel,
                                            container_free};
    struct container *self = xcalloc(1, sizeof(*self));
    self->base.ops = &ops;
    self->context = *context;
    return &self->base;
}
