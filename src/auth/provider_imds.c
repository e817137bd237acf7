/* SPDX-License-Identifier: MIT */
/*
 * Three requests, each of which needs the one before: a token (PUT), the role's name (GET), the
 * role's credentials (GET). Each answer's function starts the next request; a 401 goes back to the
 * first, once.
 */
#include "auth/provider_imds.h"

#include "auth/credentials_json.h"
#include "auth/delivery.h"
#include "auth/local_fetch.h"
#include "auth/local_url.h"
#include "auth/profile.h"
#include "base/alloc.h"
#include "base/buffer.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#define IPV4_URL           "http://169.254.169.254"
#define IPV6_URL           "http://[fd00:ec2::254]"
#define TOKEN_PATH         "/latest/api/token"
#define ROLE_PATH          "/latest/meta-data/iam/security-credentials/"
#define TOKEN_TTL_HEADER   "X-aws-ec2-metadata-token-ttl-seconds: 300"
#define TOKEN_HEADER       "X-aws-ec2-metadata-token: "
#define TOKEN_BYTES_MAX    1024
#define ROLE_BYTES_MAX     64 /* characters of a role's name */
#define URL_BYTES_MAX      1024
#define ATTEMPTS           2
#define CONNECT_TIMEOUT_MS 1000
#define TOTAL_TIMEOUT_MS   1000 /* at a hop limit of 1 a container connects but gets no answer */

static const struct local_hosts services = {{"169.254.169.254", "fd00:ec2::254"}};

typedef void fetched(void *arg, int status, struct view body, const struct error *e);

struct imds {
    struct credentials_provider base;
    struct auth_context context;
    struct buffer url;
    size_t origin_len;   /* of scheme and host in 'url' */
    struct secret token; /* as a header line, with its name */
    bool token_renewed;  /* the service has refused the one before */
    struct local_fetch fetch;
    struct provider_done done;
    struct delivery delivery;
};

static fetched imds_on_token, imds_on_role, imds_on_credentials;

static void imds_ask_token(struct imds *self);

static void imds_fail(struct imds *self, const struct error *e)
{
    struct provider_done done = self->done;
    secret_clear(&self->token);
    done.fn(done.arg, NULL, e);
}

static void imds_get(struct imds *self, const char *method, const char *path, struct view last,
                     struct view header, size_t max_bytes, fetched *done)
{
    buffer_truncate(&self->url, self->origin_len);
    buffer_add_text(&self->url, path);
    buffer_add_view(&self->url, last);
    const struct local_fetch_options options = {
        .method = method,
        .url = buffer_text(&self->url),
        .header = header,
        .max_bytes = max_bytes,
        .attempts = ATTEMPTS,
        .connect_timeout_ms = CONNECT_TIMEOUT_MS,
        .total_timeout_ms = TOTAL_TIMEOUT_MS,
    };
    local_fetch_start(&self->fetch, self->context.http, &options, done, self);
}

static bool is_visible(struct view v)
{
    for (size_t i = 0; i < v.len; i++)
        if (!isgraph((unsigned char)v.ptr[i]) || (unsigned char)v.ptr[i] >= 0x80)
            return false;
    return v.len > 0;
}

/* If the service gives no token, whatever the reason, there is no role to be used: ERROR_ABSENT. */
static void imds_on_token(void *arg, int status, struct view body, const struct error *failed)
{
    struct imds *self = arg;
    struct error e;
    struct view token = view_trim(body);
    if (failed)
        error_set(&e, ERROR_ABSENT, "no answer (%s)", failed->text);
    else if (status != 200)
        error_set(&e, ERROR_ABSENT, "it answered with HTTP status %d when asked for a token",
                  status);
    else if (!is_visible(token))
        error_set(&e, ERROR_ABSENT, "what it answered is not a valid token");
    if (failed || status != 200 || !is_visible(token)) {
        imds_fail(self, &e);
        return;
    }
    secret_set_joined(&self->token, TOKEN_HEADER, token);
    imds_get(self, "GET", ROLE_PATH, VIEW_NONE, secret_reveal(&self->token), CREDENTIALS_JSON_MAX,
             imds_on_role);
}

/* Checks a name that becomes part of a path. */
static bool is_role_name(struct view v)
{
    static const char also[] = {'+', '=', ',', '.', '@', '_', '-'};
    for (size_t i = 0; i < v.len; i++)
        if (!isalnum((unsigned char)v.ptr[i]) && !memchr(also, v.ptr[i], sizeof(also)))
            return false;
    return v.len > 0 && v.len <= ROLE_BYTES_MAX && !view_is(v, "..") && !view_is(v, ".");
}

/* Status 401 means that the token is not good any more: asks for another one, once per fetch. */
static bool imds_renew_token(struct imds *self, int status)
{
    if (status != 401 || self->token_renewed)
        return false;
    self->token_renewed = true;
    imds_ask_token(self);
    return true;
}

static void imds_on_role(void *arg, int status, struct view body, const struct error *failed)
{
    struct imds *self = arg;
    struct error e;
    if (imds_renew_token(self, status))
        return;
    const char *end = body.len > 0 ? memchr(body.ptr, '\n', body.len) : NULL;
    struct view role = view_trim(end ? (struct view){body.ptr, (size_t)(end - body.ptr)} : body);
    if (!failed && status == 200 && is_role_name(role)) {
        imds_get(self, "GET", ROLE_PATH, role, secret_reveal(&self->token), CREDENTIALS_JSON_MAX,
                 imds_on_credentials);
        return;
    }
    if (failed)
        error_set(&e, ERROR_CREDENTIALS, "the name of the instance's role: %s", failed->text);
    else if (status == 404 || (status == 200 && role.len == 0))
        error_set(&e, ERROR_ABSENT, "the instance has no role");
    else if (status != 200)
        error_set(&e, ERROR_CREDENTIALS,
                  "it answered with HTTP status %d when asked for the instance's role", status);
    else
        error_set(&e, ERROR_CREDENTIALS,
                  "the name of the instance's role is not a valid role name");
    imds_fail(self, &e);
}

static void imds_on_credentials(void *arg, int status, struct view body, const struct error *failed)
{
    struct imds *self = arg;
    struct provider_done done = self->done;
    struct credentials c = {0};
    struct error e;
    int result = -1;
    if (imds_renew_token(self, status))
        return;
    if (failed) {
        e = *failed;
        e.kind = ERROR_CREDENTIALS;
    } else if (status != 200) {
        error_set(&e, ERROR_CREDENTIALS, "HTTP status %d", status);
    } else {
        result = credentials_json_read(body, JSON_IMDS, &c, &e);
    }
    if (result != 0) {
        error_prefix(&e, "the credentials of the instance's role");
        imds_fail(self, &e);
        return;
    }
    secret_clear(&self->token);
    done.fn(done.arg, &c, NULL);
    credentials_clear(&c);
}

/*
 * The value of a variable, else of the profile's key. NULL if neither is set, or if the profile
 * can't be read ('e' is set only then).
 */
static char *find_setting(const struct auth_context *context, const char *variable, const char *key,
                          struct error *e)
{
    const char *value = environ_get(context->env, variable);
    error_clear(e);
    return value ? xstrdup(value) : profile_setting(context, key, e);
}

/*
 * The usual URL for the mode, IPv4 or IPv6. NULL and 'e' if the mode is neither or can't be read.
 */
static char *url_of_mode(const struct auth_context *context, struct error *e)
{
    char *mode = find_setting(context, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                              "ec2_metadata_service_endpoint_mode", e);
    char *url = NULL;
    if (!mode && e->kind != ERROR_NONE)
        return NULL;
    if (!mode || strcasecmp(mode, "ipv4") == 0)
        url = xstrdup(IPV4_URL);
    else if (strcasecmp(mode, "ipv6") == 0)
        url = xstrdup(IPV6_URL);
    else
        error_set(e, ERROR_CREDENTIALS,
                  "the metadata service's endpoint mode is '%.40s': allowed are IPv4, IPv6", mode);
    free(mode);
    return url;
}

/* Writes scheme and host into self->url; -1 with 'e' if they are not allowed. */
static int imds_set_origin(struct imds *self, const char *endpoint, struct error *e)
{
    const char *variable = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
    size_t len = strlen(endpoint);
    if (strchr(endpoint, '?') || len > URL_BYTES_MAX / 2 || !local_url_allowed(endpoint, &services))
        return error_set(e, ERROR_CREDENTIALS,
                         "%s is not a URL with https, or with http and a loopback host, "
                         "169.254.169.254 or [fd00:ec2::254]",
                         environ_get(self->context.env, variable)
                             ? variable
                             : "the profile's ec2_metadata_service_endpoint");
    while (len > 0 && endpoint[len - 1] == '/')
        len--;
    buffer_clear(&self->url);
    buffer_add(&self->url, endpoint, len);
    self->origin_len = len;
    return 0;
}

static int imds_find_origin(struct imds *self, struct error *e)
{
    const struct auth_context *context = &self->context;
    const char *disabled = environ_get(context->env, "AWS_EC2_METADATA_DISABLED");
    if (disabled && strcasecmp(disabled, "true") == 0)
        return error_set(e, ERROR_ABSENT, "AWS_EC2_METADATA_DISABLED is true");
    char *endpoint = find_setting(context, "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                                  "ec2_metadata_service_endpoint", e);
    if (!endpoint && e->kind == ERROR_NONE)
        endpoint = url_of_mode(context, e);
    int result = endpoint ? imds_set_origin(self, endpoint, e) : -1;
    free(endpoint);
    return result;
}

static void imds_ask_token(struct imds *self)
{
    imds_get(self, "PUT", TOKEN_PATH, VIEW_NONE, VIEW_LITERAL(TOKEN_TTL_HEADER), TOKEN_BYTES_MAX,
             imds_on_token);
}

static void imds_start(struct credentials_provider *p, struct provider_done done)
{
    struct imds *self = (struct imds *)p;
    struct error e;
    self->done = done;
    self->token_renewed = false;
    if (imds_find_origin(self, &e) != 0)
        delivery_error(&self->delivery, self->context.loop, done, &e);
    else
        imds_ask_token(self);
}

static void imds_cancel(struct credentials_provider *p)
{
    struct imds *self = (struct imds *)p;
    delivery_cancel(&self->delivery);
    local_fetch_cancel(&self->fetch);
    secret_clear(&self->token);
}

static void imds_free(struct credentials_provider *p)
{
    imds_cancel(p);
    buffer_release(&((struct imds *)p)->url);
    free(p);
}

struct credentials_provider *provider_imds_new(const struct auth_context *context)
{
    static const struct provider_ops ops = {"instance metadata", imds_start, imds_cancel,
                                            imds_free};
    struct imds *self = xcalloc(1, sizeof(*self));
    self->base.ops = &ops;
    self->context = *context;
    buffer_init(&self->url, URL_BYTES_MAX);
    return &self->base;
}
