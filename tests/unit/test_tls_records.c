/* SPDX-License-Identifier: MIT */
/*
 * Answers through TLS, in records of all sizes, many of which come in at once: what OpenSSL holds
 * is read to its end without another byte from the socket. The server is OpenSSL on a thread; it
 * collects its records in memory, and then writes them in one go, or in two.
 */
#include "base/clock.h"
#include "loopback.h"
#include "net/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <curl/curl.h>
#include <dlfcn.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BODY_MOST     200000
#define READ_LIMIT_MS 5000
#define PAUSE_US      30000
/* Three answers of at most some 450 records each. */
#define ACTIONS_A_SHAPE 1500

struct shape {
    const char *name;
    size_t body_bytes, record_bytes;
    size_t chunk_bytes; /* 0: the answer has a length */
    size_t first_bytes; /* of what is sent, before a pause; 0: all at once */
    bool late;          /* the client looks for the answer only when it is there */
};

struct server {
    int fd;
    SSL_CTX *context;
    pthread_t thread;
    const struct shape *shape;
    bool doubled; /* after each answer comes another, which nobody asked for */
    atomic_int connections;
};

static atomic_bool client_is_late;

/* libcurl's: what it has sent may be answered before it goes on. The server writes by write(2). */
ssize_t send(int fd, const void *bytes, size_t len, int flags)
{
    ssize_t sent = syscall(SYS_sendto, fd, bytes, len, flags, NULL, 0);
    if (atomic_load(&client_is_late))
        usleep(PAUSE_US);
    return sent;
}

static int actions;

/* Ours to count: libcurl acts as often as there is something for it, and not again and again. */
CURLMcode curl_multi_socket_action(CURLM *multi, curl_socket_t fd, int events, int *running)
{
    static __typeof__(curl_multi_socket_action) *next;
    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "curl_multi_socket_action");
    actions++;
    return next(multi, fd, events, running);
}

/* ---- the server ---- */

static void write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t count = write(fd, bytes, len);
        if (count <= 0)
            return;
        bytes += count;
        len -= (size_t)count;
    }
}

/* Sends what OpenSSL has made. */
static void flush(SSL *ssl, int fd, size_t first_bytes)
{
    char *bytes;
    BIO *out = SSL_get_wbio(ssl);
    size_t len = (size_t)BIO_get_mem_data(out, &bytes);
    if (first_bytes > 0 && first_bytes < len) {
        write_all(fd, bytes, first_bytes);
        usleep(PAUSE_US);
        bytes += first_bytes;
        len -= first_bytes;
    }
    write_all(fd, bytes, len);
    (void)BIO_reset(out);
}

/* Gives OpenSSL what the client has sent. False if it has closed the connection. */
static bool fill(SSL *ssl, int fd)
{
    char bytes[4096];
    ssize_t count = read(fd, bytes, sizeof(bytes));
    return count > 0 && BIO_write(SSL_get_rbio(ssl), bytes, (int)count) == count;
}

static bool shake_hands(SSL *ssl, int fd)
{
    int result;
    while ((result = SSL_accept(ssl)) != 1) {
        if (SSL_get_error(ssl, result) != SSL_ERROR_WANT_READ)
            return false;
        flush(ssl, fd, 0);
        if (!fill(ssl, fd))
            return false;
    }
    flush(ssl, fd, 0);
    return true;
}

static bool read_request(SSL *ssl, int fd)
{
    char text[4096];
    size_t len = 0;
    for (;;) {
        int count = SSL_read(ssl, text + len, (int)(sizeof(text) - 1 - len));
        len += count > 0 ? (size_t)count : 0;
        text[len] = '\0';
        if (strstr(text, "\r\n\r\n"))
            return true;
        if (count <= 0 && !fill(ssl, fd))
            return false;
    }
}

static char body_byte(size_t place)
{
    return (char)('a' + place % 23);
}

static void add_records(SSL *ssl, const char *bytes, size_t len, size_t record_bytes)
{
    for (size_t at = 0; at < len; at += record_bytes) {
        size_t count = len - at < record_bytes ? len - at : record_bytes;
        if (SSL_write(ssl, bytes + at, (int)count) != (int)count)
            return;
    }
}

static void add_text(SSL *ssl, const char *text, size_t record_bytes)
{
    add_records(ssl, text, strlen(text), record_bytes);
}

static void add_chunks(SSL *ssl, const struct shape *shape, const char *body)
{
    char line[32];
    for (size_t at = 0; at < shape->body_bytes; at += shape->chunk_bytes) {
        size_t count = shape->body_bytes - at;
        count = count < shape->chunk_bytes ? count : shape->chunk_bytes;
        snprintf(line, sizeof(line), "%zx\r\n", count);
        add_text(ssl, line, shape->record_bytes);
        add_records(ssl, body + at, count, shape->record_bytes);
        add_text(ssl, "\r\n", shape->record_bytes);
    }
    add_text(ssl, "0\r\n\r\n", shape->record_bytes);
}

static void answer(SSL *ssl, const struct shape *shape)
{
    static char body[BODY_MOST];
    char head[128];
    for (size_t i = 0; i < shape->body_bytes; i++)
        body[i] = body_byte(i);
    if (shape->chunk_bytes > 0)
        snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    else
        snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
                 shape->body_bytes);
    add_text(ssl, head, shape->record_bytes);
    if (shape->chunk_bytes > 0)
        add_chunks(ssl, shape, body);
    else
        add_records(ssl, body, shape->body_bytes, shape->record_bytes);
}

/* Returns when the client closes the connection. */
static void serve(struct server *server, int fd)
{
    SSL *ssl = SSL_new(server->context);
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    if (shake_hands(ssl, fd))
        while (read_request(ssl, fd)) {
            answer(ssl, server->shape);
            if (server->doubled)
                answer(ssl, server->shape);
            flush(ssl, fd, server->shape->first_bytes);
        }
    SSL_free(ssl);
}

/* Until the listening socket is shut down. */
static void *serve_all(void *arg)
{
    struct server *server = arg;
    int fd;
    while ((fd = accept(server->fd, NULL, NULL)) >= 0) {
        atomic_fetch_add(&server->connections, 1);
        serve(server, fd);
        close(fd);
    }
    return NULL;
}

/* A certificate of its own for 127.0.0.1, which is also written to 'path'. */
static SSL_CTX *make_context(const char *path)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               (const unsigned char *)"test", -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    X509_set_pubkey(certificate, key);
    X509_EXTENSION *names = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(certificate, names, -1);
    X509_EXTENSION_free(names);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, certificate), 1);
    fclose(file);
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    assert_int_equal(SSL_CTX_use_certificate(context, certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(context, key), 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return context;
}

/* ---- the client ---- */

struct fetch {
    struct http_client *client;
    char url[ORIGIN_SIZE];
    const struct shape *shape;
    size_t received;
    int left;
    bool over;
    char failure[256];
};

static int on_piece(void *arg, const struct http_response *response, struct view piece,
                    struct error *e)
{
    struct fetch *f = arg;
    (void)response;
    for (size_t i = 0; i < piece.len; i++)
        if (piece.ptr[i] != body_byte(f->received++))
            return error_set(e, ERROR_PROTOCOL, "byte %zu is wrong", f->received - 1);
    return 0;
}

static void fetch_start(struct fetch *f);

static void on_done(void *arg, const struct http_response *response, const struct error *e)
{
    struct fetch *f = arg;
    if (e)
        snprintf(f->failure, sizeof(f->failure), "%s", e->text);
    else if (http_response_status(response) != 200 || f->received != f->shape->body_bytes)
        snprintf(f->failure, sizeof(f->failure), "status %d, %zu bytes",
                 http_response_status(response), f->received);
    f->over = f->failure[0] || --f->left == 0;
    if (!f->over)
        fetch_start(f);
}

static void fetch_start(struct fetch *f)
{
    const struct http_request request = {
        .method = "GET", .url = f->url, .max_response_bytes = BODY_MOST};
    const struct http_handler handler = {on_piece, on_done};
    f->received = 0;
    http_start(f->client, &request, &handler, f);
}

/* Three requests on one connection. */
static void fetch_shape(struct loop *loop, struct server *server, struct fetch *f,
                        const struct shape *shape)
{
    struct error e;
    server->shape = f->shape = shape;
    f->left = 3;
    f->over = false;
    actions = 0;
    atomic_store(&client_is_late, shape->late);
    int64_t began_ms = clock_steady_ms(clock_system());
    fetch_start(f);
    assert_int_equal(loop_run(loop, &f->over, &e), 0);
    int64_t took_ms = clock_steady_ms(clock_system()) - began_ms;
    if (f->failure[0] || took_ms >= READ_LIMIT_MS)
        fail_msg("%s: %s after %lld ms", shape->name, f->failure, (long long)took_ms);
    if (actions > ACTIONS_A_SHAPE)
        fail_msg("%s: libcurl was made to act %d times", shape->name, actions);
}

static const struct shape shapes[] = {
    {"one record", 300, 16384, 0, 0, false},
    {"records of a byte", 300, 1, 0, 0, false},
    {"records of 7 bytes", 3000, 7, 0, 0, false},
    {"records of 100 bytes", 20000, 100, 0, 0, false},
    {"as long as a record can be", 100000, 16384, 0, 0, false},
    {"chunks in one record", 3000, 16384, 500, 0, false},
    {"chunks in records of a byte", 200, 1, 50, 0, false},
    {"a record is cut", 300, 16384, 0, 100, false},
    {"the head of a record is cut", 3000, 500, 0, 502, false},
    {"a short record is cut", 300, 7, 0, 500, false},
    {"one record, late", 300, 16384, 0, 0, true},
    {"records of 100 bytes, late", 3000, 100, 0, 0, true},
    {"records of a byte, late", 300, 1, 0, 0, true},
    {"chunks in records of a byte, late", 200, 1, 50, 0, true},
    {"a record is cut, late", 300, 16384, 0, 100, true},
};

/* A server, and a client that trusts it. */
struct pair {
    char path[sizeof("/tmp/iam-census-records-XXXXXX")];
    struct server server;
    struct loop *loop;
    struct fetch fetch;
};

static void pair_start(struct pair *p)
{
    struct error e;
    *p = (struct pair){.path = "/tmp/iam-census-records-XXXXXX"};
    close(mkstemp(p->path));
    p->server.context = make_context(p->path);
    p->server.fd = listen_on_loopback(0, "https", p->fetch.url);
    assert_int_equal(pthread_create(&p->server.thread, NULL, serve_all, &p->server), 0);
    const struct http_options options = {p->path, "test", 4, READ_LIMIT_MS, READ_LIMIT_MS, 0};
    p->loop = loop_new(clock_system(), &e);
    p->fetch.client = http_client_new(p->loop, &options, &e);
    assert_non_null(p->fetch.client);
}

static void pair_stop(struct pair *p)
{
    http_client_free(p->fetch.client);
    loop_free(p->loop);
    shutdown(p->server.fd, SHUT_RDWR);
    pthread_join(p->server.thread, NULL);
    close(p->server.fd);
    SSL_CTX_free(p->server.context);
    unlink(p->path);
}

static void test_records(void **state)
{
    struct pair p;
    (void)state;
    pair_start(&p);
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
        fetch_shape(p.loop, &p.server, &p.fetch, &shapes[i]);
    assert_int_equal(atomic_load(&p.server.connections), 1);
    pair_stop(&p);
}

/* The answer that nobody asked for is not that of the next request, which fails, and is repeated.
 */
static void test_unasked(void **state)
{
    static const struct shape two = {"two answers", 300, 16384, 0, 0, false};
    struct error e;
    struct pair p;
    (void)state;
    pair_start(&p);
    p.server.shape = p.fetch.shape = &two;
    p.server.doubled = true;
    p.fetch.left = 2;
    atomic_store(&client_is_late, false);
    fetch_start(&p.fetch);
    assert_int_equal(loop_run(p.loop, &p.fetch.over, &e), 0);
    assert_string_equal(p.fetch.failure, "more came in than the answer to the request before");
    assert_int_equal(p.fetch.left, 1);
    p.fetch.failure[0] = '\0';
    p.fetch.over = false;
    fetch_start(&p.fetch);
    assert_int_equal(loop_run(p.loop, &p.fetch.over, &e), 0);
    assert_string_equal(p.fetch.failure, "");
    assert_int_equal(atomic_load(&p.server.connections), 2);
    pair_stop(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_records),
                                       cmocka_unit_test(test_unasked)};
    unsetenv("https_proxy");
    unsetenv("HTTPS_PROXY");
    unsetenv("all_proxy");
    unsetenv("ALL_PROXY");
    unsetenv("http_proxy");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
