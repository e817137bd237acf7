/* SPDX-License-Identifier: MIT */
#include "auth/local_fetch.h"

#include "base/alloc.h"

#include <stdlib.h>

#define PAUSE_MS 200 /* before the second attempt; longer before each next one */

static void local_fetch_send(void *arg);

static void local_fetch_release(struct local_fetch *f)
{
    free(f->url);
    f->url = NULL;
    secret_clear(&f->header);
    secret_clear(&f->body);
    f->http = NULL;
}

static bool worth_repeating(int status, const struct error *e)
{
    if (e)
        return e->kind == ERROR_NETWORK || e->kind == ERROR_TIMEOUT;
    return status == 429 || status >= 500;
}

static int local_fetch_on_body(void *arg, const struct http_response *response UNUSED,
                               struct view piece, struct error *e)
{
    struct local_fetch *f = arg;
    if (piece.len > f->options.max_bytes - f->body.len)
        return error_set(e, ERROR_LIMIT, "the answer is too long");
    memcpy(f->body.text + f->body.len, piece.ptr, piece.len);
    f->body.len += piece.len;
    return 0;
}

static void local_fetch_on_response_done(void *arg, const struct http_response *response,
                                         const struct error *e)
{
    struct local_fetch *f = arg;
    int status = http_response_status(response);
    f->exchange = NULL;
    if (worth_repeating(status, e) && f->attempt < f->options.attempts) {
        loop_timer_start(http_client_loop(f->http), &f->timer, (int64_t)PAUSE_MS * f->attempt,
                         local_fetch_send, f);
        return;
    }
    /* 'done' may free the fetch. */
    struct secret body = f->body;
    f->body = (struct secret){0};
    local_fetch_release(f);
    f->done(f->arg, e ? 0 : status, secret_reveal(&body), e);
    secret_clear(&body);
}

static void local_fetch_send(void *arg)
{
    static const struct http_handler handler = {local_fetch_on_body, local_fetch_on_response_done};
    struct local_fetch *f = arg;
    const char *headers[] = {f->header.text};
    const struct http_request request = {
        .method = f->options.method,
        .url = f->url,
        .headers = headers,
        .header_count = secret_present(&f->header),
        .body = VIEW_NONE,
        .max_response_bytes = f->options.max_bytes,
        .no_proxy = true,
        .connect_timeout_ms = f->options.connect_timeout_ms,
        .read_timeout_ms = f->options.total_timeout_ms,
        .total_timeout_ms = f->options.total_timeout_ms,
    };
    secret_clear(&f->body);
    /* Allocated at once for the largest body: growing would leave unwiped copies. */
    f->body.text = xcalloc(1, f->options.max_bytes + 1);
    f->attempt++;
    f->exchange = http_start(f->http, &request, &handler, f);
}

void local_fetch_start(struct local_fetch *f, struct http_client *http,
                       const struct local_fetch_options *options,
                       void (*done)(void *arg, int status, struct view body, const struct error *e),
                       void *arg)
{
    char *url = xstrdup(options->url);
    struct secret header = {0};
    secret_set(&header, options->header);
    local_fetch_cancel(f);
    *f = (struct local_fetch){
        .http = http, .options = *options, .url = url, .header = header, .done = done, .arg = arg};
    f->options.url = NULL;
    f->options.header = VIEW_NONE;
    local_fetch_send(f);
}

void local_fetch_cancel(struct local_fetch *f)
{
    if (!f->http)
        return;
    http_cancel(f->exchange);
    f->exchange = NULL;
    loop_timer_stop(http_client_loop(f->http), &f->timer);
    local_fetch_release(f);
}
