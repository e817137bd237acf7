/* SPDX-License-Identifier: MIT */
/*
 * An exchange is one of the client's idle ones, or a new one, and goes back to them in the end:
 *
 *   http_start -> exchange_prepare, multi_add      it is 'busy' from here on
 *     exchange_on_send    a connection is there, the request goes out; a second time is an error
 *     exchange_on_head    a line of the response's head
 *     exchange_on_body    a piece of the response: to the handler, within its bound
 *     client_on_turned    libcurl has finished: exchange_outcome says how
 *   exchange_finish -> handler.done -> exchange_retire
 *
 * A timer ('limit') ends what takes too long as a whole, or is silent for too long once the request
 * is sent. It is not started anew for each byte: if it fires too early, it is set for the rest.
 * What fails before libcurl has it, or in the middle of libcurl's work, is reported at the loop's
 * next turn (exchange_fail_soon), since libcurl allows no transfer to be removed from within it.
 */
#include "base/alloc.h"
#include "base/environ.h"
#include "net/http_error.h"
#include "net/http_state.h"
#include "net/tls.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define MS_A_SECOND               1000.0
#define CLEAN_HANDLES_SINCE       0x080101 /* of libcurl */
#define HTTP_FIRST_FINAL          200      /* the least status that is not an interim one */
#define HTTP_PROXY_AUTHENTICATION 407

static void exchange_stop(struct http_exchange *x)
{
    loop_timer_stop(x->client->loop, &x->limit);
    loop_timer_stop(x->client->loop, &x->failing);
    multi_remove(&x->client->multi, x->easy);
}

/*
 * Puts the exchange back among the idle ones, with its easy handle, whose buffers are worth
 * keeping if it may be used again.
 */
static void exchange_retire(struct http_exchange *x)
{
    exchange_stop(x);
    buffer_wipe(&x->lines);
    LIST_REMOVE(x, link);
    if (x->setup == CURLE_OK && x->reusable)
        LIST_INSERT_HEAD(&x->client->idle, x, link);
    else
        exchange_free(x);
}

/* 'done' may ask for headers, which live in the easy handle, so retire only afterwards. */
static void exchange_finish(struct http_exchange *x, const struct error *e)
{
    exchange_stop(x);
    x->handler.done(x->arg, &x->response, e);
    exchange_retire(x);
}

/* Reports from the loop, as always, that an exchange can't go on. */
static void exchange_on_failing(void *arg)
{
    struct http_exchange *x = arg;
    struct error e = x->error;
    exchange_finish(x, &e);
}

static void exchange_fail_soon(struct http_exchange *x, const struct error *e)
{
    if (x->error.kind == ERROR_NONE)
        x->error = *e;
    loop_soon(x->client->loop, &x->failing, exchange_on_failing, x);
}

/* How a transfer that ended with 'code' went: 0, or -1 with 'e'. */
static int exchange_outcome(struct http_exchange *x, CURLcode code, struct error *e)
{
    int status = http_response_status(&x->response);
    if (code == CURLE_OK && status == HTTP_PROXY_AUTHENTICATION) {
        http_error_of_proxy(x->easy, status, e);
        return -1;
    }
    if (code == CURLE_OK && x->head_ended)
        return 0;
    if (code == CURLE_OK)
        error_set(&x->error, ERROR_NETWORK, "the connection was closed in the head of the answer");
    if (x->error.kind != ERROR_NONE)
        *e = x->error;
    else
        http_error_make(x->easy, code, x->curl_text, x->sent > 0, e);
    return -1;
}

static int64_t limit_at(int64_t since_ms, int64_t limit_ms)
{
    return limit_ms > 0 ? since_ms + limit_ms : INT64_MAX;
}

static void exchange_on_limit(void *arg);

static void exchange_watch_limits(struct http_exchange *x)
{
    int64_t silent_ms = limit_at(x->active_ms, x->read_timeout_ms);
    int64_t over_ms = limit_at(x->started_ms, x->total_timeout_ms);
    int64_t due_ms = silent_ms < over_ms ? silent_ms : over_ms;
    if (due_ms < INT64_MAX)
        loop_timer_start(x->client->loop, &x->limit, due_ms - loop_now_ms(x->client->loop),
                         exchange_on_limit, x);
}

/* Until the request is sent, only the time to connect is bounded, which libcurl does. */
static void exchange_on_limit(void *arg)
{
    struct http_exchange *x = arg;
    int64_t now_ms = loop_now_ms(x->client->loop);
    struct error e;
    if (x->sent == 0)
        x->active_ms = now_ms;
    if (now_ms >= limit_at(x->started_ms, x->total_timeout_ms))
        error_set(&e, ERROR_TIMEOUT, "the answer was not complete after %.4g s",
                  (double)x->total_timeout_ms / MS_A_SECOND);
    else if (now_ms >= limit_at(x->active_ms, x->read_timeout_ms))
        error_set(&e, ERROR_TIMEOUT, "no byte was received for %.4g s",
                  (double)x->read_timeout_ms / MS_A_SECOND);
    else {
        exchange_watch_limits(x);
        return;
    }
    http_error_name_host(x->easy, &e);
    exchange_finish(x, &e);
}

/* NULL for the handles that libcurl makes itself, to close connections. */
static struct http_exchange *exchange_of(CURL *easy)
{
    struct http_exchange *x = NULL;
    return curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&x) == CURLE_OK ? x : NULL;
}

static void client_on_active(void *arg UNUSED, CURL *easy)
{
    struct http_exchange *x = exchange_of(easy);
    if (x)
        x->active_ms = loop_now_ms(x->client->loop);
}

static void client_on_turned(void *arg)
{
    struct http_client *client = arg;
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(client->multi.handle, &left)) != NULL) {
        CURLcode code = message->data.result;
        struct http_exchange *x = exchange_of(message->easy_handle);
        struct error e;
        if (message->msg == CURLMSG_DONE && x)
            exchange_finish(x, exchange_outcome(x, code, &e) == 0 ? NULL : &e);
    }
}

static void client_on_failed(void *arg, CURL *easy, const struct error *e)
{
    struct http_client *client = arg;
    struct http_exchange *x;
    LIST_FOREACH (x, &client->busy, link)
        if (!easy || x->easy == easy)
            exchange_fail_soon(x, e);
}

/*
 * Whether something that nobody asked for has come in after the answer before: it would be taken
 * for the answer to this request. On a new connection what is there belongs to the handshake.
 */
static bool connection_is_ahead(CURL *easy)
{
    long made = 0;
    curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &made);
    return made == 0 && tls_has_unread(easy);
}

/*
 * libcurl sends a request again by itself if a kept connection breaks before any answer. How
 * often something is sent is for our caller to decide and to count, so that is an error here.
 */
static int exchange_on_send(void *arg, char *address UNUSED, char *own_address UNUSED,
                            int port UNUSED, int own_port UNUSED)
{
    struct http_exchange *x = arg;
    x->active_ms = loop_now_ms(x->client->loop);
    if (x->sent++ > 0)
        error_set(&x->error, ERROR_NETWORK, "the connection was closed before an answer came");
    else if (connection_is_ahead(x->easy))
        error_set(&x->error, ERROR_NETWORK, "more came in than the answer to the request before");
    else
        return CURL_PREREQFUNC_OK;
    return CURL_PREREQFUNC_ABORT;
}

/* False if libcurl could not read the status line: it goes on with a status of its own, often 200.
 */
static bool tells_status(const char *line, size_t len, int status)
{
    static const char form[] = "HTTP/1.1 200";
    return len >= sizeof(form) && memcmp(line, form, strlen("HTTP/1.")) == 0 && line[8] == ' ' &&
           (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0') == status;
}

/*
 * If the connection ends in the head of an answer, libcurl takes what it has for a good answer
 * without a body: nothing has said yet how long that is. So the end of the head is noted here, by
 * libcurl's own rule: a line that begins with its end. That a line is short says nothing (":", a
 * blank). The head of an interim answer ("100 Continue") is followed by another.
 */
static size_t exchange_on_head(char *line, size_t one UNUSED, size_t len, void *arg)
{
    struct http_exchange *x = arg;
    int status = http_response_status(&x->response);
    if (len >= 5 && strncasecmp(line, "HTTP/", 5) == 0 && !tells_status(line, len, status)) {
        error_set(&x->error, ERROR_NETWORK, "the answer does not begin as one of HTTP does");
        return CURL_WRITEFUNC_ERROR;
    }
    if (len > 0 && (line[0] == '\r' || line[0] == '\n'))
        x->head_ended = status >= HTTP_FIRST_FINAL;
    return len;
}

static size_t exchange_on_body(char *bytes, size_t one UNUSED, size_t len, void *arg)
{
    struct http_exchange *x = arg;
    x->received += len;
    if (x->received > x->max_response_bytes) {
        error_set(&x->error, ERROR_LIMIT, "the answer is longer than %zu bytes",
                  x->max_response_bytes);
        return CURL_WRITEFUNC_ERROR;
    }
    if (x->handler.data &&
        x->handler.data(x->arg, &x->response, (struct view){bytes, len}, &x->error) != 0)
        return CURL_WRITEFUNC_ERROR;
    return len;
}

/*
 * Whether this request may go through a handle that has been used. With an old libcurl it may only
 * if all that answers has proved who it is: TLS, and no proxy before it.
 */
static bool reuse_is_safe(const struct http_client *client, const struct http_request *request)
{
    return client->clean_handles ||
           (client->direct && strncasecmp(request->url, "https:", strlen("https:")) == 0);
}

static struct http_exchange *exchange_take(struct http_client *client, bool reusable)
{
    static const struct http_callbacks callbacks = {exchange_on_send, exchange_on_head,
                                                    exchange_on_body};
    struct http_exchange *x = reusable ? LIST_FIRST(&client->idle) : NULL;
    if (x)
        LIST_REMOVE(x, link);
    else
        x = exchange_new(client, &callbacks);
    x->reusable = reusable;
    return x;
}

struct http_exchange *http_start(struct http_client *client, const struct http_request *request,
                                 const struct http_handler *handler, void *arg)
{
    struct http_exchange *x = exchange_take(client, reuse_is_safe(client, request));
    struct error e;
    x->handler = *handler;
    x->arg = arg;
    x->received = 0;
    x->sent = 0;
    x->head_ended = false;
    x->max_response_bytes = request->max_response_bytes;
    x->curl_text[0] = '\0';
    error_clear(&x->error);
    LIST_INSERT_HEAD(&client->busy, x, link);
    x->started_ms = x->active_ms = loop_now_ms(client->loop);
    if (exchange_prepare(x, request, &e) != 0 || multi_add(&client->multi, x->easy, &e) != 0)
        exchange_fail_soon(x, &e);
    else
        exchange_watch_limits(x);
    return x;
}

void http_cancel(struct http_exchange *exchange)
{
    if (exchange)
        exchange_retire(exchange);
}

void http_client_free(struct http_client *client)
{
    if (!client)
        return;
    while (!LIST_EMPTY(&client->busy))
        exchange_retire(LIST_FIRST(&client->busy));
    while (!LIST_EMPTY(&client->idle)) {
        struct http_exchange *x = LIST_FIRST(&client->idle);
        LIST_REMOVE(x, link);
        exchange_free(x);
    }
    multi_close(&client->multi);
    curl_share_cleanup(client->share);
    free(client->ca_bundle);
    free(client->user_agent);
    free(client);
    curl_global_cleanup();
}

struct loop *http_client_loop(const struct http_client *client)
{
    return client->loop;
}

/*
 * The libcurl of a static build does not know where this system keeps its CAs: look where
 * distributions do.
 */
static const char *find_ca_bundle(void)
{
    static const char *const places[] = {
        "/etc/ssl/certs/ca-certificates.crt", /* Debian, Alpine */
        "/etc/pki/tls/certs/ca-bundle.crt",   /* Amazon Linux, Fedora */
        "/etc/ssl/cert.pem",                  /* Alpine, BSDs */
    };
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if (access(places[i], R_OK) == 0)
            return places[i];
    return NULL;
}

/* The variables that libcurl reads (its manual, "ENVIRONMENT VARIABLES"). */
static bool proxy_is_set(void)
{
    static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                        "ALL_PROXY"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (environ_get(environ_system(), names[i]))
            return true;
    }
    return false;
}

/* Without it each connection would begin with a full handshake. */
static int open_share(struct http_client *client, struct error *e)
{
    client->share = curl_share_init();
    if (client->share &&
        curl_share_setopt(client->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION) == CURLSHE_OK)
        return 0;
    return error_set(e, ERROR_SYSTEM, "libcurl can't share TLS sessions");
}

static int open_multi(struct http_client *client, struct error *e)
{
    static const struct multi_handler handler = {client_on_active, client_on_turned,
                                                 client_on_failed};
    return multi_open(&client->multi, client->loop, (long)client->options.max_connections + 8,
                      &handler, client, e);
}

/*
 * Before 8.1.1 (curl/curl#11103) a handle remembers the last header of the transfer before, which
 * is freed, and adds to it if an answer's first header is a folded line.
 */
static bool handles_are_clean(void)
{
    return curl_version_info(CURLVERSION_NOW)->version_num >= CLEAN_HANDLES_SINCE;
}

struct http_client *http_client_new(struct loop *loop, const struct http_options *options,
                                    struct error *e)
{
    const char *bundle = options->ca_bundle ? options->ca_bundle : find_ca_bundle();
    if (options->ca_bundle && access(options->ca_bundle, R_OK) != 0) {
        error_set_errno(e, "can't read the CA bundle '%s' (AWS_CA_BUNDLE)", options->ca_bundle);
        return NULL;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        error_set(e, ERROR_SYSTEM, "can't start libcurl");
        return NULL;
    }
    struct http_client *client = xcalloc(1, sizeof(*client));
    client->loop = loop;
    client->options = *options;
    client->ca_bundle = bundle ? xstrdup(bundle) : NULL;
    client->user_agent = xstrdup(options->user_agent);
    client->direct = !proxy_is_set();
    client->clean_handles = handles_are_clean();
    if (open_share(client, e) == 0 && open_multi(client, e) == 0)
        return client;
    http_client_free(client);
    return NULL;
}

void http_client_drop_idle(struct http_client *client)
{
    struct error e;
    if (!LIST_EMPTY(&client->busy))
        return;
    multi_close(&client->multi);
    /* If that fails, every exchange from here on fails too, and says why. */
    (void)open_multi(client, &e);
}

bool http_client_has_proxy(const struct http_client *client)
{
    return !client->direct;
}

int http_response_status(const struct http_response *response)
{
    long status = 0;
    curl_easy_getinfo(response->easy, CURLINFO_RESPONSE_CODE, &status);
    return (int)status;
}

struct view http_response_header(const struct http_response *response, const char *name)
{
    struct curl_header *header;
    if (curl_easy_header(response->easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return VIEW_NONE;
    /* Index 0 is the first; if a name occurs more than once, the last one counts. */
    if (header->amount > 1 && curl_easy_header(response->easy, name, header->amount - 1,
                                               CURLH_HEADER, -1, &header) != CURLHE_OK)
        return VIEW_NONE;
    return view_of(header->value);
}
