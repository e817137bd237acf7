#include "wire/sender.h"

#include "faults/scenario.h"
#include "services/sim.h"
#include "wire/digest.h"
#include "world/moment.h"

#include <stdio.h>
#include <string.h>

#define SENDER_BLOCK    65536
#define DRIPS_A_SECOND  10
#define MICROS_A_SECOND 1000000
#define MICROS_A_MILLI  1000
#define NEVER           UINT64_MAX

static const char foreign_page[] =
    "<!DOCTYPE html>\n<html><head><title>Sign in to the network</title></head>\n<body>"
    "<h1>Welcome</h1><p>Please accept the terms to go on.</p></body></html>\n";

const char *sender_outcome(const struct exchange *exchange)
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
    const char *outcome = outcomes[exchange->call.plan.kind];
    return outcome && !exchange->call.reply.outcome ? outcome : exchange->call.reply.outcome;
}

/* How many bytes a drip may send now; 0: none yet, and the exchange sleeps until some may. */
static size_t sender_drip(struct exchange *exchange, size_t most)
{
    const struct rule *rule = exchange->call.plan.rule;
    int64_t now_us = moment_monotonic_us();
    if (now_us < exchange->next_us) {
        timer_start(&exchange->call.sim->timers, &exchange->timer, exchange->next_us);
        exchange_suspend(exchange);
        return 0;
    }
    exchange->next_us = now_us + MICROS_A_SECOND / DRIPS_A_SECOND;
    size_t portion = (size_t)(rule->bytes_per_second / DRIPS_A_SECOND);
    if (portion == 0) {
        portion = 1;
        exchange->next_us = now_us + MICROS_A_SECOND / rule->bytes_per_second;
    }
    return portion < most ? portion : most;
}

/* Whether the silence goes on; once it is over, all that is left may be sent. */
static bool sender_stalls(struct exchange *exchange)
{
    int64_t now_us = moment_monotonic_us();
    if (exchange->next_us == 0)
        exchange->next_us = now_us + exchange->call.plan.rule->stall_ms * MICROS_A_MILLI;
    if (now_us >= exchange->next_us) {
        exchange->stop_at = NEVER;
        return false;
    }
    timer_start(&exchange->call.sim->timers, &exchange->timer, exchange->next_us);
    exchange_suspend(exchange);
    return true;
}

/* Copies bytes of the body, in whose midst the filler of an oversized one stands. */
static size_t sender_copy(const struct exchange *exchange, char *out, size_t most)
{
    const struct text *body = &exchange->call.reply.body;
    uint64_t at = exchange->sent;
    uint64_t filler_end = exchange->filler_at + exchange->filler_bytes;
    if (at >= exchange->filler_at && at < filler_end) {
        size_t count = filler_end - at < most ? (size_t)(filler_end - at) : most;
        memset(out, ' ', count);
        return count;
    }
    uint64_t from = at < exchange->filler_at ? at : at - exchange->filler_bytes;
    uint64_t until = at < exchange->filler_at ? exchange->filler_at : body->length;
    size_t count = until - from < most ? (size_t)(until - from) : most;
    memcpy(out, body->data + from, count);
    return count;
}

static ssize_t sender_read(void *context, uint64_t position, char *out, size_t most)
{
    struct exchange *exchange = context;
    (void)position;
    if (exchange->sent >= exchange->stop_at && exchange->call.plan.kind == FAULT_STALL &&
        sender_stalls(exchange))
        return 0;
    if (exchange->sent >= exchange->stop_at) {
        exchange_reset_connection(exchange);
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    if (exchange->sent >= exchange->total)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (most > exchange->stop_at - exchange->sent)
        most = (size_t)(exchange->stop_at - exchange->sent);
    if (exchange->call.plan.kind == FAULT_DRIP) {
        most = sender_drip(exchange, most);
        if (most == 0)
            return 0;
    }
    int64_t count;
    if (exchange->call.reply.object)
        count = object_reader_read(exchange->call.reply.object, out, most);
    else
        count = (int64_t)sender_copy(exchange, out, most);
    if (count <= 0)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    exchange->sent += (uint64_t)count;
    return (ssize_t)count;
}

/* An oversized body is well-formed: blanks after its first bracket make it as long as asked. */
static void sender_prepare(struct exchange *exchange)
{
    struct reply *reply = &exchange->call.reply;
    const struct fault_plan *plan = &exchange->call.plan;
    exchange->sent = 0;
    exchange->total =
        reply->object ? (uint64_t)reply->content_length : (uint64_t)reply->body.length;
    exchange->stop_at = NEVER;
    exchange->filler_at = exchange->total;
    exchange->filler_bytes = 0;
    if (plan->kind == FAULT_RESET_INSIDE || plan->kind == FAULT_STALL)
        exchange->stop_at = exchange->total / 2;
    if (plan->kind != FAULT_OVERSIZED || reply->object || reply->body.length == 0)
        return;
    const char *data = reply->body.data;
    char bracket = data[0] == '{' ? '{' : '>';
    const char *found = memchr(data, bracket, reply->body.length);
    exchange->filler_at = found ? (uint64_t)(found - data) + 1 : exchange->total;
    exchange->filler_bytes = (uint64_t)plan->rule->bytes;
    exchange->total += exchange->filler_bytes;
}

static struct MHD_Response *sender_response(struct exchange *exchange)
{
    struct reply *reply = &exchange->call.reply;
    enum fault_kind kind = exchange->call.plan.kind;
    if (kind == FAULT_FOREIGN) {
        reply->status = 200;
        reply->content_type = "text/html";
        reply->body.length = 0;
        text_put(&reply->body, foreign_page);
    }
    if (kind == FAULT_TRUNCATED)
        reply->body.length /= 2;
    sender_prepare(exchange);
    if (reply->object || kind == FAULT_RESET_INSIDE || kind == FAULT_OVERSIZED ||
        kind == FAULT_DRIP || kind == FAULT_STALL)
        return MHD_create_response_from_callback(exchange->total, SENDER_BLOCK, sender_read,
                                                 exchange, NULL);
    size_t length;
    char *body = text_steal(&reply->body, &length);
    exchange->sent = length;
    return MHD_create_response_from_buffer(length, body, MHD_RESPMEM_MUST_FREE);
}

static bool sender_has_header(const struct reply *reply, const char *name)
{
    for (size_t i = 0; i < reply->header_count; i++)
        if (strcmp(reply->headers[i].name, name) == 0)
            return true;
    return false;
}

static void sender_add_headers(struct exchange *exchange, struct MHD_Response *response)
{
    struct call *call = &exchange->call;
    char date[MOMENT_SIZE];
    if (call->reply.content_type)
        MHD_add_response_header(response, "Content-Type", call->reply.content_type);
    for (size_t i = 0; i < call->reply.header_count; i++)
        MHD_add_response_header(response, call->reply.headers[i].name,
                                call->reply.headers[i].value);
    if (!sender_has_header(&call->reply, "Date"))
        MHD_add_response_header(
            response, "Date", moment_http(sim_now(call->sim) + call->plan.date_skew_seconds, date));
    if (exchange->kind != EXCHANGE_AWS)
        return;
    if (call->service == SERVICE_S3) {
        MHD_add_response_header(response, "x-amz-request-id", call->request_id);
        MHD_add_response_header(response, "x-amz-id-2", "c2ltdWxhdGVkLWhvc3QtaWQ=");
        MHD_add_response_header(response, "Server", "AmazonS3");
    } else {
        MHD_add_response_header(response, "x-amzn-RequestId", call->request_id);
    }
}

enum MHD_Result sender_answer(struct exchange *exchange)
{
    enum fault_kind kind = exchange->call.plan.kind;
    if (kind == FAULT_RESET_BEFORE || kind == FAULT_RESET_AFTER) {
        exchange_reset_connection(exchange);
        return MHD_NO;
    }
    struct MHD_Response *response = sender_response(exchange);
    if (!response)
        return MHD_NO;
    sender_add_headers(exchange, response);
    unsigned status = (unsigned)exchange->call.reply.status;
    enum MHD_Result result = MHD_queue_response(exchange->connection, status, response);
    MHD_destroy_response(response);
    return result;
}
