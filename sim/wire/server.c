#include "wire/server.h"

#include "services/sim.h"
#include "wire/exchange.h"
#include "wire/json_text.h"
#include "wire/sender.h"
#include "world/moment.h"

#include <inttypes.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS_MOST  16000
#define CONNECTION_MEMORY 65536
#define LISTEN_BACKLOG    4096
#define CLOSING_ROUNDS    64
#define MICROS_A_MILLI    1000
#define LAMBDA_PATH       "/2018-06-01/runtime/"
#define CONTROL_PATH      "/_sim/"

struct server {
    struct sim *sim;
    struct MHD_Daemon *daemon;
    struct exchange *active; /* all that are under way */
    struct exchange *unused; /* to be used again */
    FILE *log;
};

static void *exchange_begin(void *context, const char *target, struct MHD_Connection *connection)
{
    struct server *server = context;
    struct exchange *exchange = server->unused;
    if (exchange)
        server->unused = exchange->next;
    else
        exchange = memory_zeroed(1, sizeof(*exchange));
    struct arena arena = exchange->call.arena;
    *exchange = (struct exchange){.connection = connection, .next = server->active};
    exchange->call.arena = arena;
    if (server->active)
        server->active->previous = exchange;
    server->active = exchange;
    call_open(&exchange->call, server->sim);
    request_set_target(&exchange->call.request, target);
    if (strncmp(target, LAMBDA_PATH, strlen(LAMBDA_PATH)) == 0)
        exchange->kind = EXCHANGE_LAMBDA;
    else if (strncmp(target, CONTROL_PATH, strlen(CONTROL_PATH)) == 0)
        exchange->kind = EXCHANGE_CONTROL;
    else
        counters_begin(&server->sim->counters);
    return exchange;
}

static void exchange_log(struct server *server, const struct exchange *exchange)
{
    const struct call *call = &exchange->call;
    const char *outcome = sender_outcome(exchange);
    struct text line = {0};
    if (!server->log)
        return;
    text_put_char(&line, '{');
    json_put_name(&line, "time_us");
    text_printf(&line, "%" PRId64, moment_monotonic_us());
    json_put_string(&line, "action",
                    call->action == ACTION_UNKNOWN ? "unknown" : action_row(call->action)->name);
    json_put_string(&line, "account", call->account.id);
    json_put_number(&line, "charged", (int64_t)call->charged_account);
    json_put_string(&line, "user", call->user_name);
    json_put_number(&line, "status", call->reply.status);
    json_put_string(&line, "outcome", outcome ? outcome : "ok");
    text_put(&line, "}\n");
    fwrite(line.data, 1, line.length, server->log);
    text_release(&line);
}

static void exchange_count(struct server *server, struct exchange *exchange)
{
    if (exchange->counted || exchange->kind != EXCHANGE_AWS)
        return;
    exchange->counted = true;
    counters_call(&server->sim->counters, exchange->call.action, sender_outcome(exchange),
                  exchange->bytes_in, exchange->sent);
    exchange_log(server, exchange);
}

static void exchange_end(void *context, struct MHD_Connection *connection, void **place,
                         enum MHD_RequestTerminationCode code)
{
    struct server *server = context;
    struct exchange *exchange = *place;
    (void)connection;
    (void)code;
    if (!exchange)
        return;
    *place = NULL;
    if (exchange->stage != EXCHANGE_NEW)
        exchange_count(server, exchange);
    timer_stop(&server->sim->timers, &exchange->timer);
    lambda_runtime_forget(&server->sim->lambda, exchange);
    call_close(&exchange->call);
    if (exchange->kind == EXCHANGE_AWS)
        server->sim->counters.in_flight--;
    if (exchange->previous)
        exchange->previous->next = exchange->next;
    else
        server->active = exchange->next;
    if (exchange->next)
        exchange->next->previous = exchange->previous;
    exchange->previous = NULL;
    exchange->next = server->unused;
    server->unused = exchange;
}

static enum MHD_Result take_header(void *context, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    struct request *request = context;
    (void)kind;
    if (request->header_count == REQUEST_HEADERS_MOST)
        return MHD_NO;
    request->headers[request->header_count++] = (struct header){name, value ? value : ""};
    return MHD_YES;
}

static void exchange_headers(struct exchange *exchange, const char *method)
{
    struct request *request = &exchange->call.request;
    request->method = method;
    MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, take_header, request);
    exchange->stage = EXCHANGE_RECEIVING;
    if (exchange->kind == EXCHANGE_AWS)
        call_begin(&exchange->call);
}

static void sim_reset(struct sim *sim)
{
    counters_reset(&sim->counters);
    fault_reset(&sim->faults);
    change_reset(&sim->scenario.changes);
    report_reset(&sim->reports);
    s3_store_clear(&sim->store);
    scenario_open(&sim->scenario, sim->world.account_count);
    throttle_release(&sim->throttle);
    throttle_release(&sim->throttle_sts);
    throttle_open(&sim->throttle, sim->world.account_count, sim->options.rate, sim->options.burst);
    throttle_open(&sim->throttle_sts, sim->world.account_count, sim->options.sts_rate,
                  sim->options.sts_rate);
}

static void exchange_control(struct exchange *exchange)
{
    struct call *call = &exchange->call;
    const char *path = call->request.path + strlen(CONTROL_PATH);
    bool get = strcmp(call->request.method, "GET") == 0;
    exchange->stage = EXCHANGE_READY;
    call->reply.status = 200;
    call->reply.content_type = "application/json";
    if (get && strcmp(path, "counters") == 0) {
        counters_write(&call->sim->counters, &call->reply.body);
    } else if (!get && strcmp(path, "reset") == 0) {
        sim_reset(call->sim);
        text_put(&call->reply.body, "{}\n");
    } else if (!get && strcmp(path, "invoke") == 0) {
        lambda_runtime_invoke(exchange);
    } else {
        call->reply.status = 404;
        text_put(&call->reply.body, "{\"error\":\"no such path\"}\n");
    }
}

static void delay_over(struct timer *timer)
{
    struct exchange *exchange =
        (struct exchange *)(void *)((char *)timer - offsetof(struct exchange, timer));
    exchange_resume(exchange);
}

/* All of the request is there: acts on it, or begins to wait. */
static void exchange_received(struct exchange *exchange)
{
    struct call *call = &exchange->call;
    if (exchange->kind != EXCHANGE_AWS && call_failed(call)) {
        exchange->stage = EXCHANGE_READY; /* its body was too large */
        return;
    }
    if (exchange->kind == EXCHANGE_CONTROL) {
        exchange_control(exchange);
        return;
    }
    if (exchange->kind == EXCHANGE_LAMBDA) {
        lambda_runtime_handle(exchange);
        return;
    }
    call_decide(call);
    exchange->stage = EXCHANGE_WAITING;
    if (call->plan.delay_us <= 0)
        return;
    timer_start(&call->sim->timers, &exchange->timer, moment_monotonic_us() + call->plan.delay_us);
    exchange->timer.fire = delay_over;
    exchange_suspend(exchange);
}

static enum MHD_Result exchange_answer(struct server *server, struct exchange *exchange)
{
    if (exchange->kind == EXCHANGE_AWS && exchange->call.plan.kind != FAULT_RESET_BEFORE)
        call_answer(&exchange->call);
    exchange->stage = EXCHANGE_ANSWERED;
    /* The timer's second use: the pauses of a drip. */
    exchange->timer.fire = delay_over;
    enum MHD_Result result = sender_answer(exchange);
    /* What is sent at once is counted now, so that a client that has it finds it counted. */
    if (exchange->sent > 0 || exchange->total == 0)
        exchange_count(server, exchange);
    return result;
}

static enum MHD_Result exchange_handle(void *context, struct MHD_Connection *connection,
                                       const char *url, const char *method, const char *version,
                                       const char *data, size_t *length, void **place)
{
    struct exchange *exchange = *place;
    (void)connection;
    (void)url;
    (void)version;
    if (exchange->stage == EXCHANGE_NEW) {
        exchange_headers(exchange, method);
        return MHD_YES;
    }
    if (*length > 0) {
        exchange->bytes_in += *length;
        call_receive(&exchange->call, data, *length);
        *length = 0;
        return MHD_YES;
    }
    if (exchange->stage == EXCHANGE_RECEIVING)
        exchange_received(exchange);
    if (exchange->suspended || exchange->stage == EXCHANGE_ANSWERED)
        return MHD_YES;
    return exchange_answer(context, exchange);
}

static void connection_changed(void *context, struct MHD_Connection *connection, void **place,
                               enum MHD_ConnectionNotificationCode code)
{
    struct server *server = context;
    struct counters *counters = &server->sim->counters;
    (void)connection;
    (void)place;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        counters->connections++;
        counters->connections_open++;
        if (counters->connections_open > counters->connections_most)
            counters->connections_most = counters->connections_open;
    } else {
        counters->connections_open--;
    }
}

static void mute(void *context, const char *format, va_list arguments)
{
    /* The library reports every connection that ends early, which here is the plan. */
    (void)context;
    (void)format;
    (void)arguments;
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
        return error_set(error, "'%.200s': %s", host, gai_strerror(failed));
    int file = socket(addresses->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (file >= 0)
        setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (file < 0 || bind(file, addresses->ai_addr, addresses->ai_addrlen) != 0 ||
        listen(file, LISTEN_BACKLOG) != 0 ||
        getsockname(file, (struct sockaddr *)&bound, &size) != 0) {
        freeaddrinfo(addresses);
        if (file >= 0)
            close(file);
        return error_set(error, "cannot listen on %.200s:%u", host, *port);
    }
    freeaddrinfo(addresses);
    if (getnameinfo((struct sockaddr *)&bound, size, NULL, 0, service, sizeof(service),
                    NI_NUMERICSERV) == 0)
        *port = (uint16_t)strtoul(service, NULL, 10);
    return file;
}

struct server *server_open(struct sim *sim, const char *host, uint16_t *port, struct error *error)
{
    int file = server_listen(host, port, error);
    if (file < 0)
        return NULL;
    struct server *server = memory_zeroed(1, sizeof(*server));
    server->sim = sim;
    if (sim->options.log)
        server->log = fopen(sim->options.log, "we");
    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_TURBO | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
            MHD_USE_SUPPRESS_DATE_NO_CLOCK,
        0, NULL, NULL, exchange_handle, server, MHD_OPTION_EXTERNAL_LOGGER, mute, NULL,
        MHD_OPTION_LISTEN_SOCKET, file, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MOST,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_URI_LOG_CALLBACK,
        exchange_begin, server, MHD_OPTION_NOTIFY_COMPLETED, exchange_end, server,
        MHD_OPTION_NOTIFY_CONNECTION, connection_changed, server, MHD_OPTION_END);
    if (server->daemon && (!sim->options.log || server->log))
        return server;
    error_set(error, server->daemon ? "cannot write the log" : "cannot start the server");
    server_close(server);
    return NULL;
}

void server_run(struct server *server, int timeout_ms)
{
    int64_t next_us = timer_run(&server->sim->timers, moment_monotonic_us());
    if (next_us >= 0 && next_us / MICROS_A_MILLI < timeout_ms)
        timeout_ms = (int)((next_us + MICROS_A_MILLI - 1) / MICROS_A_MILLI);
    MHD_run_wait(server->daemon, timeout_ms);
}

void server_close(struct server *server)
{
    lambda_runtime_release(server->sim);
    timer_flush(&server->sim->timers);
    for (int i = 0; i < CLOSING_ROUNDS && server->active; i++)
        server_run(server, 1);
    timer_flush(&server->sim->timers);
    if (server->daemon)
        MHD_stop_daemon(server->daemon);
    while (server->unused) {
        struct exchange *exchange = server->unused;
        server->unused = exchange->next;
        arena_release(&exchange->call.arena);
        free(exchange);
    }
    if (server->log)
        fclose(server->log);
    free(server);
}
