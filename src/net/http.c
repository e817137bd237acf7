#include "net/http.h"

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/secret.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/epoll.h>
#include <unistd.h>

#define RECEIVE_BUFFER_BYTES (16L * 1024)
#define HEADERS_MAX          40
#define HEADERS_MAX_BYTES    ((size_t)128 * 1024)
/* From a body of a megabyte on libcurl would first ask the server whether to send it. */
#define EXPECT_BYTES ((size_t)512 * 1024)

struct http_response {
    CURL *easy;
};

struct http_exchange {
    struct http_client *client;
    struct http_exchange *next, **place; /* in the client's list of exchanges under way, or idle */
    CURL *easy;                          /* kept from one exchange to the next */
    struct buffer lines; /* the request's headers, each with its NUL; they hold tokens */
    struct curl_slist nodes[HEADERS_MAX];
    size_t starts[HEADERS_MAX], header_count;
    struct http_handler handler;
    void *arg;
    struct http_response response;
    struct loop_timer first_byte, failing;
    unsigned sent; /* times that the request went out */
    size_t received, max_response_bytes;
    struct error error; /* why we ended the transfer ourselves */
    char curl_text[CURL_ERROR_SIZE];
};

struct http_client {
    struct loop *loop;
    CURLM *multi;
    struct loop_timer timer;
    struct http_options options;
    char *ca_bundle, *user_agent;
    bool direct; /* no variable names a proxy: libcurl need not look for each request */
    struct http_exchange *busy, *idle;
};

/* A socket of libcurl's on our loop. */
struct socket_watch {
    struct loop_watch watch;
    struct http_client *client;
};

static void list_insert(struct http_exchange **head, struct http_exchange *x)
{
    x->next = *head;
    x->place = head;
    if (*head)
        (*head)->place = &x->next;
    *head = x;
}

static void list_remove(struct http_exchange *x)
{
    *x->place = x->next;
    if (x->next)
        x->next->place = x->place;
}

/* Back to the idle ones, with its easy handle, whose buffers are worth keeping. */
static void exchange_retire(struct http_exchange *x)
{
    loop_timer_stop(x->client->loop, &x->first_byte);
    loop_timer_stop(x->client->loop, &x->failing);
    curl_multi_remove_handle(x->client->multi, x->easy);
    buffer_wipe(&x->lines);
    list_remove(x);
    list_insert(&x->client->idle, x);
}

/* 'done' may ask for headers, which live in the easy handle: retire only afterwards. */
static void exchange_finish(struct http_exchange *x, const struct error *e)
{
    loop_timer_stop(x->client->loop, &x->first_byte);
    curl_multi_remove_handle(x->client->multi, x->easy);
    x->handler.done(x->arg, &x->response, e);
    exchange_retire(x);
}

static enum error_kind kind_of(CURLcode code)
{
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        return ERROR_TIMEOUT;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
        return ERROR_TLS;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return ERROR_CONFIG;
    case CURLE_OUT_OF_MEMORY:
        return ERROR_SYSTEM;
    default:
        return ERROR_NETWORK;
    }
}

/* libcurl repeats a proxy's address that it can't read, with the password in it. */
static const char *reason(const struct http_exchange *x, CURLcode code)
{
    const char *text = x->curl_text;
    if (strncmp(text, "Unsupported proxy", strlen("Unsupported proxy")) == 0 || strchr(text, '@'))
        return "the address of the proxy can't be used (HTTPS_PROXY, http_proxy)";
    return *text ? text : curl_easy_strerror(code);
}

static void describe(struct http_exchange *x, CURLcode code, struct error *e)
{
    const char *url = "";
    if (x->error.kind != ERROR_NONE) {
        *e = x->error;
        return;
    }
    curl_easy_getinfo(x->easy, CURLINFO_EFFECTIVE_URL, &url);
    CURLU *parts = curl_url();
    char *host = NULL, *port = NULL;
    if (parts && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK) {
        curl_url_get(parts, CURLUPART_HOST, &host, 0);
        curl_url_get(parts, CURLUPART_PORT, &port, 0);
    }
    error_set(e, kind_of(code), "'%s%s%s': %s", host ? host : "?", port ? ":" : "",
              port ? port : "", reason(x, code));
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(parts);
    if (e->kind == ERROR_TLS)
        error_prefix(e, "the server's certificate can't be verified (AWS_CA_BUNDLE names a file "
                        "of further CAs)");
}

static void client_reap(struct http_client *client)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(client->multi, &left)) != NULL) {
        struct http_exchange *x = NULL;
        CURLcode code = message->data.result;
        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&x);
        struct error e;
        if (code != CURLE_OK)
            describe(x, code, &e);
        exchange_finish(x, code != CURLE_OK ? &e : NULL);
    }
}

static void on_timer(void *arg)
{
    struct http_client *client = arg;
    int running;
    curl_multi_socket_action(client->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    client_reap(client);
}

static int on_multi_timer(CURLM *multi, long delay_ms, void *arg)
{
    struct http_client *client = arg;
    (void)multi;
    if (delay_ms < 0)
        loop_timer_stop(client->loop, &client->timer);
    else
        loop_timer_start(client->loop, &client->timer, delay_ms, on_timer, client);
    return 0;
}

static void on_socket_ready(void *arg, unsigned events)
{
    struct socket_watch *s = arg;
    struct http_client *client = s->client;
    int running;
    int what = (events & (EPOLLIN | EPOLLHUP) ? CURL_CSELECT_IN : 0) |
               (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
               (events & EPOLLERR ? CURL_CSELECT_ERR : 0);
    curl_multi_socket_action(client->multi, s->watch.fd, what, &running);
    client_reap(client);
}

static int on_multi_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
    struct http_client *client = arg;
    struct socket_watch *s = known;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (s)
            loop_watch_stop(client->loop, &s->watch);
        free(s);
        return 0;
    }
    if (!s) {
        s = xcalloc(1, sizeof(*s));
        s->client = client;
        s->watch = (struct loop_watch){on_socket_ready, s, fd};
        curl_multi_assign(client->multi, fd, s);
    }
    unsigned events = (what & CURL_POLL_IN ? (unsigned)EPOLLIN : 0) |
                      (what & CURL_POLL_OUT ? (unsigned)EPOLLOUT : 0);
    return loop_watch_start(client->loop, &s->watch, events, NULL);
}

/*
 * libcurl sends a request again by itself where a kept connection breaks before any answer. How
 * often something is sent is for our caller to decide and to count, so that is an error here.
 */
static int on_send(void *arg, char *address, char *own_address, int port, int own_port)
{
    struct http_exchange *x = arg;
    (void)address, (void)own_address, (void)port, (void)own_port;
    if (x->sent++ == 0)
        return CURL_PREREQFUNC_OK;
    error_set(&x->error, ERROR_NETWORK, "the connection was closed before an answer came");
    return CURL_PREREQFUNC_ABORT;
}

static size_t on_header(char *bytes, size_t one, size_t len, void *arg)
{
    struct http_exchange *x = arg;
    (void)bytes;
    loop_timer_stop(x->client->loop, &x->first_byte);
    return one * len;
}

static size_t on_body(char *bytes, size_t one, size_t len, void *arg)
{
    struct http_exchange *x = arg;
    (void)one;
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

static void on_no_first_byte(void *arg)
{
    struct http_exchange *x = arg;
    error_set(&x->error, ERROR_TIMEOUT, "no answer in time");
    struct error e;
    describe(x, CURLE_OPERATION_TIMEDOUT, &e);
    exchange_finish(x, &e);
}

/* What can't be sent: told from the loop, like all else. */
static void on_failing(void *arg)
{
    struct http_exchange *x = arg;
    struct error e = x->error;
    exchange_finish(x, &e);
}

/* What is the same for every exchange is set once, when the handle is made. */
static struct http_exchange *exchange_new(struct http_client *client)
{
    struct http_exchange *x = xcalloc(1, sizeof(*x));
    CURL *easy = curl_easy_init();
    if (!easy)
        out_of_memory();
    x->client = client;
    x->easy = easy;
    buffer_init(&x->lines, HEADERS_MAX_BYTES);
    x->response.easy = easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, x);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, RECEIVE_BUFFER_BYTES);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, x->curl_text);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_send);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, x);
    /* A proxy's answer to CONNECT is not the first byte that is waited for. */
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, x);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, x);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, client->user_agent);
    if (client->ca_bundle)
        curl_easy_setopt(easy, CURLOPT_CAINFO, client->ca_bundle);
    return x;
}

static void exchange_set_method(CURL *easy, const struct http_request *request)
{
    curl_easy_setopt(easy, CURLOPT_NOBODY, 0L);
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, NULL);
    if (request->body.ptr) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body.ptr);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
        if (strcmp(request->method, "POST") != 0)
            curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    } else if (strcmp(request->method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (strcmp(request->method, "GET") != 0) {
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    }
}

static void exchange_add_header(struct http_exchange *x, const char *line)
{
    if (x->header_count == HEADERS_MAX)
        abort(); /* a mistake of ours: no caller has so many */
    x->starts[x->header_count++] = x->lines.len;
    buffer_add(&x->lines, line, strlen(line) + 1);
}

/* The list that libcurl reads is made in place: it would copy and free each line for each request.
 */
static struct curl_slist *exchange_link_headers(struct http_exchange *x)
{
    for (size_t i = 0; i < x->header_count; i++) {
        x->nodes[i].data = x->lines.data + x->starts[i];
        x->nodes[i].next = i + 1 < x->header_count ? &x->nodes[i + 1] : NULL;
    }
    return x->header_count > 0 ? x->nodes : NULL;
}

/* libcurl would add two of its own to a body: neither is asked for, and one is not what was signed.
 */
static int exchange_set_headers(struct http_exchange *x, const struct http_request *request)
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
    if (buffer_check(&x->lines, "the request's head", &x->error) != 0)
        return -1;
    curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, exchange_link_headers(x));
    return 0;
}

static int64_t choose_ms(int64_t wanted_ms, int64_t usual_ms)
{
    return wanted_ms == 0 ? usual_ms : wanted_ms < 0 ? 0 : wanted_ms;
}

struct http_exchange *http_start(struct http_client *client, const struct http_request *request,
                                 const struct http_handler *handler, void *arg)
{
    struct http_exchange *x = client->idle;
    const struct http_options *usual = &client->options;
    if (x)
        list_remove(x);
    else
        x = exchange_new(client);
    x->handler = *handler;
    x->arg = arg;
    x->received = 0;
    x->sent = 0;
    x->max_response_bytes = request->max_response_bytes;
    x->curl_text[0] = '\0';
    error_clear(&x->error);
    exchange_set_method(x->easy, request);
    curl_easy_setopt(x->easy, CURLOPT_URL, request->url);
    curl_easy_setopt(x->easy, CURLOPT_NOPROXY, request->no_proxy || client->direct ? "*" : NULL);
    curl_easy_setopt(x->easy, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)choose_ms(request->connect_timeout_ms, usual->connect_timeout_ms));
    curl_easy_setopt(x->easy, CURLOPT_TIMEOUT_MS,
                     (long)choose_ms(request->total_timeout_ms, usual->total_timeout_ms));
    int64_t first_byte_ms = choose_ms(request->first_byte_timeout_ms, usual->first_byte_timeout_ms);
    if (first_byte_ms > 0)
        loop_timer_start(client->loop, &x->first_byte, first_byte_ms, on_no_first_byte, x);
    list_insert(&client->busy, x);
    if (exchange_set_headers(x, request) == 0)
        curl_multi_add_handle(client->multi, x->easy);
    else
        loop_timer_start(client->loop, &x->failing, 0, on_failing, x);
    return x;
}

void http_cancel(struct http_exchange *exchange)
{
    if (exchange)
        exchange_retire(exchange);
}

static void free_list(struct http_exchange *x)
{
    while (x) {
        struct http_exchange *next = x->next;
        curl_easy_cleanup(x->easy);
        buffer_release(&x->lines);
        free(x);
        x = next;
    }
}

void http_client_free(struct http_client *client)
{
    if (!client)
        return;
    while (client->busy)
        exchange_retire(client->busy);
    free_list(client->idle);
    curl_multi_cleanup(client->multi);
    loop_timer_stop(client->loop, &client->timer);
    free(client->ca_bundle);
    free(client->user_agent);
    free(client);
    curl_global_cleanup();
}

struct loop *http_client_loop(const struct http_client *client)
{
    return client->loop;
}

/* A static build's libcurl knows no path of this system: look where distributions keep the CAs. */
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
        const char *value = getenv(names[i]);
        if (value && *value)
            return true;
    }
    return false;
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
    CURLM *multi = curl_multi_init();
    if (!multi) {
        curl_global_cleanup();
        error_set(e, ERROR_SYSTEM, "can't start libcurl's multi interface");
        return NULL;
    }
    struct http_client *client = xcalloc(1, sizeof(*client));
    client->loop = loop;
    client->multi = multi;
    client->options = *options;
    client->ca_bundle = bundle ? xstrdup(bundle) : NULL;
    client->user_agent = xstrdup(options->user_agent);
    client->direct = !proxy_is_set();
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_multi_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, client);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_multi_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, client);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)options->max_connections + 8);
    return client;
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
    /* Index 0 is the first; for a name that stands twice the last one counts. */
    if (header->amount > 1 && curl_easy_header(response->easy, name, header->amount - 1,
                                               CURLH_HEADER, -1, &header) != CURLHE_OK)
        return VIEW_NONE;
    return view_of(header->value);
}
