/* SPDX-License-Identifier: MIT */
#include "base/alloc.h"
#include "net/http_error.h"
#include "net/http_state.h"
#include "net/tls.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

/* libcurl makes this buffer anew for each request, and most answers have less than a kilobyte. */
#define RECEIVE_BUFFER_BYTES (4L * 1024)
/* Over TLS libcurl copies each request into a buffer of this size, by default 64 KiB. */
#define SEND_BUFFER_BYTES (16L * 1024)
/* A longer one is set anew for each request. */
#define URL_MAX_BYTES     ((size_t)64 * 1024)
#define HEADERS_MAX_BYTES ((size_t)128 * 1024)
/*
 * For a body of more than a megabyte, libcurl would first ask the server whether to send it
 * ("Expect: 100-continue"). From this size on it is kept from that.
 */
#define EXPECT_BYTES ((size_t)512 * 1024)
/* Services close idle connections, and devices on the way forget them, often without notice. */
#define IDLE_MAX_S 30L
/* A peer that acknowledges nothing for so long is gone (tcp(7), TCP_USER_TIMEOUT). */
#define UNACKNOWLEDGED_MS 10000

static int http_on_socket_made(void *arg UNUSED, curl_socket_t fd, curlsocktype purpose UNUSED)
{
    const unsigned ms = UNACKNOWLEDGED_MS;
    /* If this fails, the read time-out finds out too, only later. */
    (void)!setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms));
    return CURL_SOCKOPT_OK;
}

static void note_setup(struct http_exchange *x, CURLcode code)
{
    if (x->setup == CURLE_OK)
        x->setup = code;
}

#define SET(x, option, value) note_setup((x), curl_easy_setopt((x)->easy, (option), (value)))

/* Options that are the same for every exchange are set once, when the handle is made. */
struct http_exchange *exchange_new(struct http_client *client,
                                   const struct http_callbacks *callbacks)
{
    struct http_exchange *x = xcalloc(1, sizeof(*x));
    x->easy = curl_easy_init();
    if (!x->easy)
        out_of_memory();
    x->client = client;
    buffer_init(&x->lines, HEADERS_MAX_BYTES);
    buffer_init(&x->url, URL_MAX_BYTES);
    x->response.easy = x->easy;
    SET(x, CURLOPT_PRIVATE, x);
    SET(x, CURLOPT_NOSIGNAL, 1L);
    SET(x, CURLOPT_PROTOCOLS_STR, "http,https");
    SET(x, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(x, CURLOPT_PATH_AS_IS, 1L);
    SET(x, CURLOPT_BUFFERSIZE, RECEIVE_BUFFER_BYTES);
    SET(x, CURLOPT_UPLOAD_BUFFERSIZE, SEND_BUFFER_BYTES);
    SET(x, CURLOPT_SHARE, client->share);
    SET(x, CURLOPT_MAXAGE_CONN, IDLE_MAX_S);
    SET(x, CURLOPT_TCP_KEEPALIVE, 1L);
    SET(x, CURLOPT_OPENSOCKETFUNCTION, multi_open_socket);
    SET(x, CURLOPT_OPENSOCKETDATA, &client->multi);
    SET(x, CURLOPT_SOCKOPTFUNCTION, http_on_socket_made);
    SET(x, CURLOPT_CLOSESOCKETFUNCTION, multi_close_socket);
    SET(x, CURLOPT_CLOSESOCKETDATA, &client->multi);
    SET(x, CURLOPT_ERRORBUFFER, x->curl_text);
    SET(x, CURLOPT_PREREQFUNCTION, callbacks->send);
    SET(x, CURLOPT_PREREQDATA, x);
    /* A proxy's answer to CONNECT is not part of the answer. */
    SET(x, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(x, CURLOPT_HEADERFUNCTION, callbacks->head);
    SET(x, CURLOPT_HEADERDATA, x);
    SET(x, CURLOPT_WRITEFUNCTION, callbacks->body);
    SET(x, CURLOPT_WRITEDATA, x);
    SET(x, CURLOPT_USERAGENT, client->user_agent);
    SET(x, CURLOPT_SSLVERSION,
        (long)CURL_SSLVERSION_TLSv1_2); /* or newer, whatever openssl.cnf says */
    note_setup(x, tls_set_up(x->easy, client->direct));
    if (client->ca_bundle) {
        SET(x, CURLOPT_CAINFO, client->ca_bundle);
        /*
         * Debian's libcurl also trusts the folder of the system's CAs, and as long as it does, it
         * parses the file again for each connection: about 20 ms for the 140 of a distribution.
         */
        SET(x, CURLOPT_CAPATH, NULL);
    }
    return x;
}

static void exchange_set_method(struct http_exchange *x, const char *method, bool has_body)
{
    bool head = strcmp(method, "HEAD") == 0;
    SET(x, CURLOPT_NOBODY, 0L);
    SET(x, CURLOPT_HTTPGET, 1L);
    SET(x, CURLOPT_CUSTOMREQUEST, NULL);
    if (has_body)
        SET(x, CURLOPT_POST, 1L);
    else if (head)
        SET(x, CURLOPT_NOBODY, 1L);
    if (!head && strcmp(method, has_body ? "POST" : "GET") != 0)
        SET(x, CURLOPT_CUSTOMREQUEST, method);
}

static int64_t choose_ms(int64_t wanted_ms, int64_t usual_ms)
{
    return wanted_ms == 0 ? usual_ms : wanted_ms < 0 ? 0 : wanted_ms;
}

static void kind_of(const struct http_client *client, const struct http_request *request,
                    struct http_kind *kind)
{
    if (strlen(request->method) >= sizeof(kind->method))
        abort(); /* a mistake of ours: no caller has such a long one */
    memset(kind, 0, sizeof(*kind));
    memcpy(kind->method, request->method, strlen(request->method));
    kind->has_body = request->body.ptr != NULL;
    kind->no_proxy = request->no_proxy || client->direct;
    kind->fresh = request->fresh;
    kind->connect_timeout_ms =
        choose_ms(request->connect_timeout_ms, client->options.connect_timeout_ms);
}

static bool same_kind(const struct http_kind *a, const struct http_kind *b)
{
    return strcmp(a->method, b->method) == 0 && a->has_body == b->has_body &&
           a->no_proxy == b->no_proxy && a->fresh == b->fresh &&
           a->connect_timeout_ms == b->connect_timeout_ms;
}

/* Nearly every request is of the kind of the one before it, and libcurl keeps what was set. */
static void exchange_set_kind(struct http_exchange *x, const struct http_request *request)
{
    struct http_kind kind;
    kind_of(x->client, request, &kind);
    if (same_kind(&x->kind, &kind))
        return;
    exchange_set_method(x, kind.method, kind.has_body);
    SET(x, CURLOPT_NOPROXY, kind.no_proxy ? "*" : NULL);
    SET(x, CURLOPT_FRESH_CONNECT, kind.fresh ? 1L : 0L);
    SET(x, CURLOPT_CONNECTTIMEOUT_MS, (long)kind.connect_timeout_ms);
    x->kind = kind;
}

static void exchange_set_url(struct http_exchange *x, const char *url)
{
    size_t len = strlen(url);
    if (view_equal(buffer_view(&x->url), (struct view){url, len}))
        return;
    buffer_wipe(&x->url);
    buffer_add(&x->url, url, len);
    SET(x, CURLOPT_URL, url);
}

static void exchange_add_header(struct http_exchange *x, const char *line)
{
    if (x->header_count == HEADERS_MAX)
        abort(); /* a mistake of ours: no caller has that many */
    x->starts[x->header_count++] = x->lines.len;
    buffer_add(&x->lines, line, strlen(line) + 1);
}

/*
 * Makes the list that libcurl reads in place: libcurl's own functions copy each line, and free it
 * after each request.
 */
static struct curl_slist *exchange_link_headers(struct http_exchange *x)
{
    for (size_t i = 0; i < x->header_count; i++) {
        x->nodes[i].data = x->lines.data + x->starts[i];
        x->nodes[i].next = i + 1 < x->header_count ? &x->nodes[i + 1] : NULL;
    }
    return x->header_count > 0 ? x->nodes : NULL;
}

/*
 * With a body libcurl would send two headers of its own, 'Expect' and a 'Content-Type' that was not
 * signed: a line with the name alone keeps it from that.
 */
static int exchange_set_headers(struct http_exchange *x, const struct http_request *request,
                                struct error *e)
{
    bool typed = false;
    x->header_count = 0;
    buffer_wipe(&x->lines);
    for (size_t i = 0; i < request->header_count; i++) {
        exchange_add_header(x, request->headers[i]);
        typed = typed || strncasecmp(request->headers[i], "content-type:", 13) == 0;
    }
    if (request->body.ptr && !typed)
        exchange_add_header(x, "Content-Type:");
    if (request->body.len >= EXPECT_BYTES)
        exchange_add_header(x, "Expect:");
    if (buffer_check(&x->lines, "the request's head", e) != 0)
        return -1;
    SET(x, CURLOPT_HTTPHEADER, exchange_link_headers(x));
    return 0;
}

static void exchange_set_body(struct http_exchange *x, struct view body)
{
    if (!body.ptr)
        return;
    SET(x, CURLOPT_POSTFIELDS, body.ptr);
    SET(x, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
}

int exchange_prepare(struct http_exchange *x, const struct http_request *request, struct error *e)
{
    const struct http_options *usual = &x->client->options;
    x->read_timeout_ms = choose_ms(request->read_timeout_ms, usual->read_timeout_ms);
    x->total_timeout_ms = choose_ms(request->total_timeout_ms, usual->total_timeout_ms);
    exchange_set_kind(x, request);
    exchange_set_url(x, request->url);
    exchange_set_body(x, request->body);
    if (exchange_set_headers(x, request, e) != 0)
        return -1;
    if (x->setup == CURLE_OK)
        return 0;
    http_error_make(x->easy, x->setup, x->curl_text, false, e);
    return -1;
}

void exchange_free(struct http_exchange *x)
{
    curl_easy_cleanup(x->easy);
    buffer_release(&x->lines);
    buffer_release(&x->url);
    free(x);
}
