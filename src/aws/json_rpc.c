/* SPDX-License-Identifier: MIT */
#include "aws/json_rpc.h"

#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>

struct json_rpc {
    struct aws_call call;
    char target[128]; /* X-Amz-Target */
    struct aws_header headers[2];
    char *body; /* made by Jansson */
    struct buffer answer_text;
    json_t *answer;
    void (*done)(void *arg, const json_t *answer, const struct error *e);
    void *arg;
};

static void json_rpc_free(struct json_rpc *c)
{
    free(c->body);
    buffer_release(&c->answer_text);
    json_decref(c->answer);
    free(c);
}

static void json_rpc_on_response(void *arg, int http_status UNUSED)
{
    struct json_rpc *c = arg;
    buffer_clear(&c->answer_text);
    json_decref(c->answer);
    c->answer = NULL;
}

static int json_rpc_on_body(void *arg, struct view piece, struct error *e)
{
    struct json_rpc *c = arg;
    buffer_add_view(&c->answer_text, piece);
    return buffer_check(&c->answer_text, "the answer", e);
}

/* Jansson's text may quote the answer, so only the position is reported. */
static int json_rpc_on_body_end(void *arg, const struct http_response *response UNUSED,
                                struct service_error *told UNUSED, struct error *e)
{
    struct json_rpc *c = arg;
    json_error_t where;
    c->answer = json_loadb(buffer_text(&c->answer_text), c->answer_text.len, JSON_REJECT_DUPLICATES,
                           &where);
    if (!c->answer)
        return error_set(e, ERROR_PROTOCOL, "the answer is not valid JSON (line %d, column %d)",
                         where.line, where.column);
    if (!json_is_object(c->answer))
        return error_set(e, ERROR_PROTOCOL, "the answer is not a JSON object");
    return 0;
}

static void json_rpc_on_call_done(void *arg, const struct error *e)
{
    struct json_rpc *c = arg;
    c->done(c->arg, e ? NULL : c->answer, e);
    json_rpc_free(c);
}

struct json_rpc *
json_rpc_start(const struct aws_target *target, enum aws_service service, const char *prefix,
               const char *operation, const json_t *input,
               void (*done)(void *arg, const json_t *answer, const struct error *e), void *arg)
{
    static const struct aws_decoder decoder = {json_rpc_on_response, json_rpc_on_body,
                                               json_rpc_on_body_end, NULL};
    struct json_rpc *c = xcalloc(1, sizeof(*c));
    c->done = done;
    c->arg = arg;
    c->body = json_dumps(input, JSON_COMPACT);
    if (!c->body)
        out_of_memory();
    buffer_init(&c->answer_text, JSON_RPC_ANSWER_MAX_BYTES);
    snprintf(c->target, sizeof(c->target), "%s.%s", prefix, operation);
    c->headers[0] = (struct aws_header){"Content-Type", VIEW_LITERAL("application/x-amz-json-1.1")};
    c->headers[1] = (struct aws_header){"X-Amz-Target", view_of(c->target)};
    const struct aws_request request = {
        .target = *target,
        .operation = operation,
        .service = service,
        .method = "POST",
        .path = VIEW_LITERAL("/"),
        .query = VIEW_LITERAL(""),
        .headers = c->headers,
        .header_count = 2,
        .body = view_of(c->body),
        .decoder = &decoder,
        .decoder_arg = c,
        .max_response_bytes = JSON_RPC_ANSWER_MAX_BYTES,
    };
    aws_call_start(&c->call, &request, json_rpc_on_call_done, c);
    return c;
}

void json_rpc_cancel(struct json_rpc *call)
{
    if (!call)
        return;
    aws_call_cancel(&call->call);
    json_rpc_free(call);
}
