/* SPDX-License-Identifier: MIT */
#include "wire/server.h"

#include "base/alloc.h"
#include "wire/sender.h"

#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX   16000
#define CONNECTION_MEMORY 65536
#define LISTEN_BACKLOG    4096
#define CLOSING_ROUNDS    64
#define MICROS_A_MILLI    1000
#define MICROS_A_SECOND   1000000
#define NANOS_A_MICRO     1000

struct server {
    const struct server_handler *handler;
    void *context; /* the handler's */
    struct timers *timers;
    const struct tls *tls;
    struct MHD_Daemon *daemon;
    struct exchange *active; /* all exchanges under way */
};

/* What is kept of a connection of TLS, from its beginning to its end. */
struct secure_connection {
    bool greeted; /* its handshake is over, and was counted */
};

/* A handshake is over when the connection's first request is there. */
static void note_handshake(struct server *server, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct secure_connection *secure = info->socket_context;
    if (!secure || secure->greeted)
        return;
    secure->greeted = true;
    server->handler->handshake(server->context, tls_resumed(connection));
}

static void *server_begin(void *context, const char *target, struct MHD_Connection *connection)
{
    struct server *server = context;
    struct exchange *exchange = server->handler->begin(server->context, target);
    note_handshake(server, connection);
    exchange->connection = connection;
    exchange->timers = server->timers;
    exchange->previous = NULL;
    exchange->next = server->active;
    if (server->active)
        server->active->previous = exchange;
    server->active = exchange;
    return exchange;
}

static void server_end(void *context, struct MHD_Connection *connection, void **place,
                       enum MHD_RequestTerminationCode code)
{
    struct server *server = context;
    struct exchange *exchange = *place;
    (void)connection;
    (void)code;
    if (!exchange)
        return;
    *place = NULL;
    timer_stop(server->timers, &exchange->timer);
    if (exchange->previous)
        exchange->previous->next = exchange->next;
    else
        server->active = exchange->next;
    if (exchange->next)
        exchange->next->previous = exchange->previous;
    server->handler->end(exchange);
}

static enum MHD_Result take_header(void *context, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    struct request *request = context;
    (void)kind;
    if (request->header_count == REQUEST_HEADERS_MAX)
        return MHD_NO;
    request->headers[request->header_count++] = (struct header){name, value ? value : ""};
    return MHD_YES;
}

static enum MHD_Result server_answer(struct server *server, struct exchange *exchange)
{
    server->handler->answer(exchange);
    exchange->stage = EXCHANGE_ANSWERED;
    enum MHD_Result result = sender_answer(exchange);
    /* Reported at once, so that the call is counted before a client has its whole reply. */
    if (exchange->sent > 0 || exchange->total == 0)
        server->handler->sent(exchange);
    return result;
}

/* NOLINTNEXTLINE(readability-function-size): the parameters are libmicrohttpd's */
static enum MHD_Result server_handle(void *context, struct MHD_Connection *connection,
                                     const char *url, const char *method, const char *version,
                                     const char *data, size_t *len, void **place)
{
    struct server *server = context;
    struct exchange *exchange = *place;
    (void)url;
    (void)version;
    if (exchange->stage == EXCHANGE_NEW) {
        exchange->request.method = method;
        MHD_get_connection_values(connection, MHD_HEADER_KIND, take_header, &exchange->request);
        exchange->stage = EXCHANGE_RECEIVING;
        server->handler->headers(exchange);
        return MHD_YES;
    }
    if (*len > 0) {
        exchange->bytes_in += *len;
        server->handler->receive(exchange, data, *len);
        *len = 0;
        return MHD_YES;
    }
    if (exchange->stage == EXCHANGE_RECEIVING) {
        exchange->stage = EXCHANGE_WAITING;
        server->handler->received(exchange);
    }
    if (exchange->suspended || exchange->stage == EXCHANGE_ANSWERED)
        return MHD_YES;
    return server_answer(server, exchange);
}

static void server_connection(void *context, struct MHD_Connection *connection, void **place,
                              enum MHD_ConnectionNotificationCode code)
{
    struct server *server = context;
    bool opened = code == MHD_CONNECTION_NOTIFY_STARTED;
    if (opened && server->tls->key) {
        *place = xcalloc(1, sizeof(struct secure_connection));
        tls_offer_tickets(server->tls, connection);
    }
    if (!opened) {
        free(*place);
        *place = NULL;
    }
    server->handler->connection(server->context, opened);
}

static void mute(void *context, const char *format, va_list args)
{
    /* The library reports every connection that ends early, which here is the plan. */
    (void)context;
    (void)format;
    (void)args;
}

static int server_listen(const char *host, uint16_t *port, struct error *error)
{
    char service[8];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *addresses;
    struct sockaddr_storage bound;
    socklen_t size = sizeof(bound);
    int one = 1;
    snprintf(service, sizeof(service), "%u", *port);
    int failed = getaddrinfo(host, service, &hints, &addresses);
    if (failed)
        return error_set(error, ERROR_CONFIG, "'%.200s': %s", host, gai_strerror(failed));
    int file = socket(addresses->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (file >= 0)
        setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (file < 0 || bind(file, addresses->ai_addr, addresses->ai_addrlen) != 0 ||
        listen(file, LISTEN_BACKLOG) != 0 ||
        getsockname(file, (struct sockaddr *)&bound, &size) != 0) {
        freeaddrinfo(addresses);
        if (file >= 0)
            close(file);
        return error_set(error, ERROR_CONFIG, "cannot listen on %.200s:%u", host, *port);
    }
    freeaddrinfo(addresses);
    if (getnameinfo((struct sockaddr *)&bound, size, NULL, 0, service, sizeof(service),
                    NI_NUMERICSERV) == 0)
        *port = (uint16_t)strtoul(service, NULL, 10);
    return file;
}

struct server *server_open(const struct server_handler *handler, void *context,
                           struct timers *timers, const struct tls *tls, const char *host,
                           uint16_t *port, struct error *error)
{
    int file = server_listen(host, port, error);
    if (file < 0)
        return NULL;
    struct server *server = xcalloc(1, sizeof(*server));
    server->handler = handler;
    server->context = context;
    server->timers = timers;
    server->tls = tls;
    const struct MHD_OptionItem secure[] = {
        {tls->key ? MHD_OPTION_HTTPS_MEM_KEY : MHD_OPTION_END, 0, tls->key},
        {MHD_OPTION_HTTPS_MEM_CERT, 0, tls->certificate},
        {MHD_OPTION_END, 0, NULL},
    };
    unsigned with_tls = tls->key ? MHD_USE_TLS : 0;
    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_TURBO | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
            MHD_USE_SUPPRESS_DATE_NO_CLOCK | with_tls,
        0, NULL, NULL, server_handle, server, MHD_OPTION_EXTERNAL_LOGGER, mute, NULL,
        MHD_OPTION_LISTEN_SOCKET, file, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_URI_LOG_CALLBACK,
        server_begin, server, MHD_OPTION_NOTIFY_COMPLETED, server_end, server,
        MHD_OPTION_NOTIFY_CONNECTION, server_connection, server, MHD_OPTION_ARRAY, secure,
        MHD_OPTION_END);
    if (server->daemon)
        return server;
    error_set(error, ERROR_CONFIG, "cannot start the server");
    close(file);
    free(server);
    return NULL;
}

/* The microseconds until a timer is due, or the library has work that no socket announces. */
static int64_t server_wait_us(const struct server *server, int most_ms)
{
    int64_t wait_us = (int64_t)most_ms * MICROS_A_MILLI;
    int64_t left_us = timer_left_us(server->timers, timer_now_us());
    MHD_UNSIGNED_LONG_LONG library_ms;
    if (left_us < wait_us)
        wait_us = left_us;
    if (MHD_get_timeout(server->daemon, &library_ms) == MHD_YES &&
        library_ms < (MHD_UNSIGNED_LONG_LONG)(wait_us / MICROS_A_MILLI))
        wait_us = (int64_t)library_ms * MICROS_A_MILLI;
    return wait_us;
}

/*
 * The library would wait for whole milliseconds, and so make a latency of 20 ms one of 21.
 */
static void server_wait(const struct server *server, int64_t wait_us)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    struct pollfd ready = {.fd = info->epoll_fd, .events = POLLIN};
    const struct timespec wait = {.tv_sec = wait_us / MICROS_A_SECOND,
                                  .tv_nsec = wait_us % MICROS_A_SECOND * NANOS_A_MICRO};
    ppoll(&ready, 1, &wait, NULL);
}

void server_run(struct server *server, int timeout_ms)
{
    timer_run(server->timers, timer_now_us());
    MHD_run_wait(server->daemon, 0); /* this also answers what the timers have resumed */
    server_wait(server, server_wait_us(server, timeout_ms));
}

void server_close(struct server *server)
{
    timer_flush(server->timers);
    for (int i = 0; i < CLOSING_ROUNDS && server->active; i++)
        server_run(server, 1);
    timer_flush(server->timers);
    if (server->daemon)
        MHD_stop_daemon(server->daemon);
    free(server);
}
