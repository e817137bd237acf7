/* SPDX-License-Identifier: MIT */
#include "wire.h"

#include "base/alloc.h"
#include "input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>

#define REQUESTS_MAX 400 /* from then on everything is refused */
#define BODY_MAX     4096

/* ---- the bytes ---- */

static unsigned requests;
static const struct wire_usual *usual;

void wire_begin(const uint8_t *bytes, size_t len, const struct wire_usual *answers)
{
    input_begin(bytes, len);
    requests = 0;
    usual = answers;
}

unsigned wire_byte(void)
{
    return input_byte();
}

/* ---- time ---- */

static int64_t passed_ms;

static int64_t wall_ms(void *arg)
{
    (void)arg;
    return WIRE_NOW_S * 1000 + passed_ms;
}

static int64_t steady_ms(void *arg)
{
    (void)arg;
    return passed_ms;
}

const struct clock wire_clock = {wall_ms, steady_ms, NULL};

/* Where it is wrapped, the program's own clock is this one, too. */
const struct clock *__wrap_clock_system(void);
const struct clock *__wrap_clock_system(void)
{
    return &wire_clock;
}

int __wrap_epoll_wait(int fd, struct epoll_event *events, int max, int timeout_ms);
int __wrap_epoll_wait(int fd, struct epoll_event *events, int max, int timeout_ms)
{
    (void)fd, (void)events, (void)max;
    if (timeout_ms < 0)
        abort(); /* nothing is under way, and it is not over */
    passed_ms += timeout_ms;
    return 0;
}

/* ---- the server ---- */

struct http_response {
    int status;
    char value[64];
};

struct http_exchange {
    struct loop *loop;
    struct loop_timer timer;
    struct http_handler handler;
    void *arg;
    struct http_response response;
    size_t max_bytes, len;
    char body[BODY_MAX];
    bool lost;
};

static void make_body(struct http_exchange *x, const struct http_request *request, unsigned form)
{
    if (form == 2) {
        x->len = wire_byte();
        for (size_t i = 0; i < x->len; i++)
            x->body[i] = (char)wire_byte();
        return;
    }
    x->len = (size_t)snprintf(x->body, sizeof(x->body), "%s", usual->body(request));
    for (unsigned edits = form == 1 ? wire_byte() % 16 : 0; edits > 0; edits--) {
        size_t at = wire_byte() * 256U;
        at += wire_byte();
        x->body[at % x->len] = (char)wire_byte();
    }
}

static void server_on_fire(void *arg)
{
    struct http_exchange *x = arg;
    struct error e = {0};
    int result = 0;
    if (x->lost)
        result = error_set(&e, ERROR_NETWORK, "lost");
    else if (x->len > x->max_bytes)
        result = error_set(&e, ERROR_LIMIT, "too long");
    size_t half = x->len / 2;
    if (result == 0 && x->handler.data && half > 0)
        result = x->handler.data(x->arg, &x->response, (struct view){x->body, half}, &e);
    if (result == 0 && x->handler.data && x->len > 0)
        result =
            x->handler.data(x->arg, &x->response, (struct view){x->body + half, x->len - half}, &e);
    if (usual->ended)
        usual->ended(result == 0 && x->response.status == 200);
    x->handler.done(x->arg, &x->response, result == 0 ? NULL : &e);
    free(x);
}

struct http_exchange *__wrap_http_start(struct http_client *client,
                                        const struct http_request *request,
                                        const struct http_handler *handler, void *arg);
struct http_exchange *__wrap_http_start(struct http_client *client,
                                        const struct http_request *request,
                                        const struct http_handler *handler, void *arg)
{
    static const int statuses[] = {200, 200, 200, 200, 400, 403, 404, 409, 429, 500, 503, 301};
    struct http_exchange *x = xcalloc(1, sizeof(*x));
    bool refused = usual->refused && usual->refused(request);
    unsigned how = ++requests > REQUESTS_MAX || refused ? 5 : wire_byte();
    x->loop = http_client_loop(client);
    x->handler = *handler;
    x->arg = arg;
    x->max_bytes = request->max_response_bytes;
    x->lost = how % 64 == 63;
    x->response.status = statuses[how % 16 % (sizeof(statuses) / sizeof(statuses[0]))];
    make_body(x, request, how / 16 % 4);
    if (strcmp(request->method, "HEAD") == 0)
        x->len = 0;
    loop_timer_start(x->loop, &x->timer, 1, server_on_fire, x);
    return x;
}

void __wrap_http_cancel(struct http_exchange *x);
void __wrap_http_cancel(struct http_exchange *x)
{
    if (!x)
        return;
    loop_timer_stop(x->loop, &x->timer);
    free(x);
}

int __wrap_http_response_status(const struct http_response *response);
int __wrap_http_response_status(const struct http_response *response)
{
    return response->status;
}

static struct view make_header(char *value, const char *name)
{
    unsigned how = wire_byte();
    const char *good = usual->header ? usual->header(name) : NULL;
    if (good && how < 128)
        return view_of(good);
    if (how < 200)
        return VIEW_NONE;
    size_t len = how - 200;
    for (size_t i = 0; i < len; i++)
        value[i] = (char)(wire_byte() % 95 + 32);
    value[len] = '\0';
    return (struct view){value, len};
}

struct view __wrap_http_response_header(const struct http_response *response, const char *name);
struct view __wrap_http_response_header(const struct http_response *response, const char *name)
{
    struct view value = make_header(((struct http_response *)(uintptr_t)response)->value, name);
    if (usual->told)
        usual->told(name, value);
    return value;
}
