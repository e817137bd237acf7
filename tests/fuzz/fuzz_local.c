/* SPDX-License-Identifier: MIT */
/*
 * The services of containers and instances answer anything (wire.h): tokens, a role's name,
 * credentials. The first byte says which service is asked, and whether the address that is
 * configured is one of the input's own. Whatever comes: there is one end, credentials have an id
 * and a secret, and no message shows the token.
 */
#include "auth/provider_container.h"
#include "auth/provider_imds.h"
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN "AuthorizationOfTheContainer"

static const char *usual_body(const struct http_request *request)
{
    if (strcmp(request->method, "PUT") == 0)
        return "dG9rZW4=";
    size_t len = strlen(request->url);
    if (request->url[len - 1] == '/')
        return "role";
    return "{\"Code\": \"Success\", \"AccessKeyId\": \"ASIAQQQQQQQQQQQQQQQQ\", "
           "\"SecretAccessKey\": \"wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYAA\", \"Token\": \"t\", "
           "\"Expiration\": \"2024-01-31T15:30:00Z\"}";
}

static const struct wire_usual usual = {usual_body, NULL, NULL, NULL, NULL};

static char address[300];
static bool in_container;

static const char *get_variable(void *arg, const char *name)
{
    (void)arg;
    if (strcmp(name, "AWS_CONTAINER_AUTHORIZATION_TOKEN") == 0)
        return TOKEN;
    if (strcmp(name, "AWS_CONTAINER_CREDENTIALS_FULL_URI") == 0)
        return in_container ? address : NULL;
    if (strcmp(name, "AWS_EC2_METADATA_SERVICE_ENDPOINT") == 0)
        return in_container ? NULL : address;
    return NULL;
}

static const struct environ environment = {get_variable, NULL};

struct end {
    unsigned count;
    bool done;
};

static void on_end(void *arg, const struct credentials *c, const struct error *e)
{
    struct end *end = arg;
    end->count++;
    end->done = true;
    if (!c == !e)
        abort();
    if (c && (c->access_key_id[0] == '\0' || !secret_present(&c->secret_access_key)))
        abort();
    if (e && strstr(e->text, TOKEN))
        abort();
}

/* Kept from one input to the next. */
static struct loop *loop;
static struct http_client *http;

static void make_client(void)
{
    const struct http_options options = {.user_agent = "fuzz", .max_connections = 4};
    struct error e;
    loop = loop_new(&wire_clock, &e);
    http = loop ? http_client_new(loop, &options, &e) : NULL;
    if (!http)
        abort();
}

static void take_address(unsigned how)
{
    size_t len = how & 2 ? wire_byte() : 0;
    for (size_t i = 0; i < len; i++)
        address[i] = (char)(wire_byte() % 127 + 1);
    address[len] = '\0';
    if (len == 0)
        snprintf(address, sizeof(address), "http://127.0.0.1/credentials");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct end end = {0};
    struct error e;
    if (!loop)
        make_client();
    wire_begin(bytes, len, &usual);
    unsigned how = wire_byte();
    in_container = how & 1;
    take_address(how);
    const struct auth_context context = {.loop = loop, .http = http, .env = &environment};
    struct credentials_provider *p =
        in_container ? provider_container_new(&context) : provider_imds_new(&context);
    for (int i = 0; i < 2; i++) { /* the second time as if the first credentials had ended */
        end.done = false;
        provider_start(p, (struct provider_done){on_end, &end});
        if (loop_run(loop, &end.done, &e) != 0)
            abort();
    }
    provider_free(p);
    if (end.count != 2)
        abort();
    return 0;
}
