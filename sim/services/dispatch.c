/* SPDX-License-Identifier: MIT */
#include "services/dispatch.h"

#include "base/alloc.h"
#include "services/call.h"
#include "services/control.h"
#include "services/serve.h"
#include "wire/json_text.h"
#include "wire/moment.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static struct call *call_of(struct exchange *exchange)
{
    return (struct call *)(void *)((char *)exchange - offsetof(struct call, http));
}

static enum call_kind kind_of(const char *target)
{
    if (strncmp(target, LAMBDA_PATH, strlen(LAMBDA_PATH)) == 0)
        return CALL_LAMBDA;
    return strncmp(target, CONTROL_PATH, strlen(CONTROL_PATH)) == 0 ? CALL_CONTROL : CALL_AWS;
}

static struct exchange *dispatch_begin(void *context, const char *target)
{
    struct sim *sim = context;
    struct call *call;
    if (sim->unused) {
        call = call_of(sim->unused);
        sim->unused = sim->unused->next;
    } else {
        call = xcalloc(1, sizeof(*call));
    }
    call_open(call, sim);
    call->kind = kind_of(target);
    request_set_target(&call->http.request, target);
    if (call->kind == CALL_AWS)
        counters_begin(&sim->counters);
    return &call->http;
}

static void dispatch_headers(struct exchange *exchange)
{
    struct call *call = call_of(exchange);
    if (call->kind == CALL_AWS)
        serve_headers(call);
}

static void dispatch_receive(struct exchange *exchange, const char *bytes, size_t len)
{
    serve_receive(call_of(exchange), bytes, len);
}

static void dispatch_received(struct exchange *exchange)
{
    struct call *call = call_of(exchange);
    if (call->kind == CALL_AWS) {
        serve_received(call);
        if (call->plan.delay_us > 0)
            exchange_delay(exchange, call->plan.delay_us);
    } else if (call_failed(call)) {
        exchange->stage = EXCHANGE_READY; /* it has its reply already: the body was too large */
    } else if (call->kind == CALL_CONTROL) {
        control_handle(call);
    } else {
        lambda_runtime_handle(&call->sim->lambda, exchange);
    }
}

/* True if the reply has a Date already: a fault may have set it. */
static bool has_date(const struct reply *reply)
{
    for (size_t i = 0; i < reply->header_count; i++)
        if (strcmp(reply->headers[i].name, "Date") == 0)
            return true;
    return false;
}

static void add_headers(struct call *call)
{
    char date[MOMENT_SIZE];
    if (!has_date(&call->http.reply))
        call_header(
            call, "Date",
            text_format(
                &call->http.arena, "%s",
                moment_http(sim_now(&call->sim->clock) + call->plan.date_skew_seconds, date)));
    if (call->kind != CALL_AWS)
        return;
    if (call->service == SERVICE_S3) {
        call_header(call, "x-amz-request-id", call->request_id);
        call_header(call, "x-amz-id-2", "c2ltdWxhdGVkLWhvc3QtaWQ=");
        call_header(call, "Server", "AmazonS3");
    } else {
        call_header(call, "x-amzn-RequestId", call->request_id);
    }
}

static void dispatch_answer(struct exchange *exchange)
{
    struct call *call = call_of(exchange);
    if (call->kind == CALL_AWS && call->plan.kind != FAULT_RESET_BEFORE)
        serve_answer(call);
    add_headers(call);
}

/* The outcome to count: the error code, "fault:" and the fault's name, or NULL for success. */
static const char *outcome_of(const struct call *call)
{
    static const char *const outcomes[FAULT_COUNT] = {
        [FAULT_ENDLESS_PAGING] = "fault:endless_paging",
        [FAULT_REWRITE] = "fault:rewrite",
        [FAULT_RESET_BEFORE] = "fault:reset_before",
        [FAULT_RESET_INSIDE] = "fault:reset_inside",
        [FAULT_RESET_AFTER] = "fault:reset_after",
        [FAULT_TRUNCATED] = "fault:truncated",
        [FAULT_FOREIGN] = "fault:foreign",
        [FAULT_OVERSIZED] = "fault:oversized",
        [FAULT_DRIP] = "fault:drip",
        [FAULT_STALL] = "fault:stall",
    };
    const char *outcome = outcomes[call->plan.kind];
    const char *code = call->http.reply.outcome;
    /* Of these the client does not learn which error there was. */
    bool hidden = call->plan.kind == FAULT_RESET_INSIDE || call->plan.kind == FAULT_RESET_AFTER ||
                  call->plan.kind == FAULT_TRUNCATED || call->plan.kind == FAULT_FOREIGN;
    return outcome && (hidden || !code) ? outcome : code;
}

static void write_log(const struct call *call)
{
    const char *outcome = outcome_of(call);
    struct buffer line = {.max = TEXT_MAX};
    if (!call->sim->log)
        return;
    buffer_add_char(&line, '{');
    json_put_name(&line, "time_us");
    buffer_addf(&line, "%" PRId64, timer_now_us());
    json_put_string(&line, "action",
                    call->action == ACTION_UNKNOWN ? "unknown" : action_row(call->action)->name);
    json_put_string(&line, "account", call->account.id);
    json_put_number(&line, "charged", (int64_t)call->charged_account);
    json_put_string(&line, "user", call->user_name);
    json_put_number(&line, "status", call->http.reply.status);
    json_put_string(&line, "outcome", outcome ? outcome : "ok");
    buffer_add_text(&line, "}\n");
    fwrite(line.data, 1, line.len, call->sim->log);
    buffer_release(&line);
}

static void count(struct call *call)
{
    if (call->counted || call->kind != CALL_AWS)
        return;
    call->counted = true;
    counters_call(&call->sim->counters, call->action, outcome_of(call), call->http.bytes_in,
                  call->http.sent);
    write_log(call);
}

static void dispatch_sent(struct exchange *exchange)
{
    count(call_of(exchange));
}

static void dispatch_end(struct exchange *exchange)
{
    struct call *call = call_of(exchange);
    struct sim *sim = call->sim;
    if (exchange->stage != EXCHANGE_NEW)
        count(call);
    lambda_runtime_forget(&sim->lambda, exchange);
    if (call->kind == CALL_AWS)
        sim->counters.in_flight--;
    call_close(call);
    exchange->next = sim->unused;
    sim->unused = exchange;
}

static void dispatch_connection(void *context, bool opened)
{
    struct sim *sim = context;
    counters_connection(&sim->counters, opened);
}

static void dispatch_handshake(void *context, bool resumed)
{
    struct sim *sim = context;
    counters_handshake(&sim->counters, resumed);
}

const struct server_handler dispatch_handler = {
    .begin = dispatch_begin,
    .headers = dispatch_headers,
    .receive = dispatch_receive,
    .received = dispatch_received,
    .answer = dispatch_answer,
    .sent = dispatch_sent,
    .end = dispatch_end,
    .connection = dispatch_connection,
    .handshake = dispatch_handshake,
};

void dispatch_release(struct sim *sim)
{
    while (sim->unused) {
        struct call *call = call_of(sim->unused);
        sim->unused = sim->unused->next;
        arena_release(&call->http.arena);
        free(call);
    }
}
