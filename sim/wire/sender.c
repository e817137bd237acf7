/* SPDX-License-Identifier: MIT */
#include "wire/sender.h"

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

/* How many bytes a drip may send now. If it is 0, the exchange sleeps until it may send some. */
static size_t sender_drip(struct exchange *exchange, size_t most)
{
    const struct bend *bend = &exchange->bend;
    int64_t now_us = timer_now_us();
    if (now_us < exchange->next_us) {
        exchange_sleep_until(exchange, exchange->next_us);
        return 0;
    }
    exchange->next_us = now_us + MICROS_A_SECOND / DRIPS_A_SECOND;
    size_t portion = (size_t)(bend->bytes_per_second / DRIPS_A_SECOND);
    if (portion == 0) {
        portion = 1;
        exchange->next_us = now_us + MICROS_A_SECOND / bend->bytes_per_second;
    }
    return portion < most ? portion : most;
}

/* True while a stall's pause lasts; once it is over, the rest may be sent. */
static bool sender_stalls(struct exchange *exchange)
{
    int64_t now_us = timer_now_us();
    if (exchange->next_us == 0)
        exchange->next_us = now_us + exchange->bend.stall_ms * MICROS_A_MILLI;
    if (now_us >= exchange->next_us) {
        exchange->stop_at = NEVER;
        return false;
    }
    exchange_sleep_until(exchange, exchange->next_us);
    return true;
}

/* Copies the next bytes of the body, including the filler in the middle of an oversized one. */
static size_t sender_copy(const struct exchange *exchange, char *out, size_t most)
{
    const struct buffer *body = &exchange->reply.body;
    uint64_t at = exchange->sent;
    uint64_t filler_end = exchange->filler_at + exchange->filler_bytes;
    if (at >= exchange->filler_at && at < filler_end) {
        size_t count = filler_end - at < most ? (size_t)(filler_end - at) : most;
        memset(out, ' ', count);
        return count;
    }
    uint64_t from = at < exchange->filler_at ? at : at - exchange->filler_bytes;
    uint64_t until = at < exchange->filler_at ? exchange->filler_at : body->len;
    size_t count = until - from < most ? (size_t)(until - from) : most;
    memcpy(out, body->data + from, count);
    return count;
}

static ssize_t sender_read(void *context, uint64_t position, char *out, size_t most)
{
    struct exchange *exchange = context;
    (void)position;
    if (exchange->sent >= exchange->stop_at && exchange->bend.kind == BEND_STALL &&
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
    if (exchange->bend.kind == BEND_DRIP) {
        most = sender_drip(exchange, most);
        if (most == 0)
            return 0;
    }
    int64_t count;
    if (exchange->reply.reader)
        count = exchange->reply.reader->read(exchange->reply.reader, out, most);
    else
        count = (int64_t)sender_copy(exchange, out, most);
    if (count <= 0)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    exchange->sent += (uint64_t)count;
    return (ssize_t)count;
}

/*
 * Prepares the body. An oversized one stays well-formed: blanks after its first bracket make it
 * longer.
 */
static void sender_prepare(struct exchange *exchange)
{
    struct reply *reply = &exchange->reply;
    const struct bend *bend = &exchange->bend;
    exchange->sent = 0;
    exchange->total = reply->reader ? (uint64_t)reply->reader_bytes : (uint64_t)reply->body.len;
    exchange->stop_at = NEVER;
    exchange->filler_at = exchange->total;
    exchange->filler_bytes = 0;
    if (bend->kind == BEND_RESET_INSIDE || bend->kind == BEND_STALL)
        exchange->stop_at = exchange->total / 2;
    if (bend->kind != BEND_OVERSIZED || reply->reader || reply->body.len == 0)
        return;
    const char *data = reply->body.data;
    char bracket = data[0] == '{' ? '{' : '>';
    const char *found = memchr(data, bracket, reply->body.len);
    exchange->filler_at = found ? (uint64_t)(found - data) + 1 : exchange->total;
    exchange->filler_bytes = (uint64_t)bend->bytes;
    exchange->total += exchange->filler_bytes;
}

static struct MHD_Response *sender_response(struct exchange *exchange)
{
    struct reply *reply = &exchange->reply;
    enum bend_kind kind = exchange->bend.kind;
    if (kind == BEND_FOREIGN) {
        reply->status = 200;
        reply->content_type = "text/html";
        buffer_clear(&reply->body);
        buffer_add_text(&reply->body, foreign_page);
    }
    if (kind == BEND_TRUNCATED)
        buffer_truncate(&reply->body, reply->body.len / 2);
    sender_prepare(exchange);
    if (reply->reader || kind == BEND_RESET_INSIDE || kind == BEND_OVERSIZED || kind == BEND_DRIP ||
        kind == BEND_STALL)
        return MHD_create_response_from_callback(exchange->total, SENDER_BLOCK, sender_read,
                                                 exchange, NULL);
    /* The body outlives the response: it belongs to the exchange, which ends later. */
    exchange->sent = reply->body.len;
    return MHD_create_response_from_buffer(reply->body.len, reply->body.data,
                                           MHD_RESPMEM_PERSISTENT);
}

static void sender_add_headers(const struct reply *reply, struct MHD_Response *response)
{
    if (reply->content_type)
        MHD_add_response_header(response, "Content-Type", reply->content_type);
    for (size_t i = 0; i < reply->header_count; i++)
        MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value);
}

enum MHD_Result sender_answer(struct exchange *exchange)
{
    if (exchange->bend.kind == BEND_RESET) {
        exchange_reset_connection(exchange);
        return MHD_NO;
    }
    struct MHD_Response *response = sender_response(exchange);
    if (!response)
        return MHD_NO;
    sender_add_headers(&exchange->reply, response);
    unsigned status = (unsigned)exchange->reply.status;
    enum MHD_Result result = MHD_queue_response(exchange->connection, status, response);
    MHD_destroy_response(response);
    return result;
}
