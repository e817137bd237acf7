#include "aws/json_rpc.h"

#include "aws/query.h"
#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>

struct json_rpc {
    struct aws_call call;
    char target[128]; /* X-Amz-Target */
    struct aws_header headers[2];
    char *body; /* Jansson's */
    struct buffer answer_text;
    json_t *answer;
    int http_status;
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

static void on_begin(void *arg, int http_status)
{
    struct json_rpc *c = arg;
    c->http_status = http_status;
    buffer_clear(&c->answer_text);
    json_decref(c->answer);
    c->answer = NULL;
}

static int on_data(void *arg, struct view piece, struct error *e)
{
    struct json_rpc *c = arg;
    buffer_add_view(&c->answer_text, piece);
    return buffer_check(&c->answer_text, "the answer", e);
}

/* "com.amazonaws.organizations#AccessDeniedException" and "Code:http://..." mean their middle. */
static struct view bare_code(const char *type)
{
    struct view code = view_of(type ? type : "");
    const char *hash = memchr(code.ptr, '#', code.len);
    if (hash)
        code = view_of(hash + 1);
    const char *colon = memchr(code.ptr, ':', code.len);
    if (colon)
        code.len = (size_t)(colon - code.ptr);
    return code;
}

static void service_error(const struct json_rpc *c, const struct http_response *response,
                          struct error *e)
{
    struct view type = view_trim(http_response_header(response, "x-amzn-ErrorType"));
    const char *text = type.len > 0 ? type.ptr : NULL;
    const char *message = NULL;
    if (json_is_object(c->answer)) {
        if (!text)
            text = json_string_value(json_object_get(c->answer, "__type"));
        message = json_string_value(json_object_get(c->answer, "message"));
        if (!message)
            message = json_string_value(json_object_get(c->answer, "Message"));
    }
    struct view code = bare_code(text);
    struct view told = code.len > 0 ? code : VIEW_LITERAL("no AWS error");
    const struct view shown = query_message(view_of(message));
    if (message)
        error_set(e, ERROR_SERVICE, "%.*s", VIEW_ARG(shown));
    else
        error_set(e, ERROR_SERVICE, "%.*s", VIEW_ARG(told));
    if (code.len > 0)
        snprintf(e->code, sizeof(e->code), "%.*s", VIEW_ARG(code));
    else
        snprintf(e->code, sizeof(e->code), "HTTP%d", c->http_status);
    e->http_status = c->http_status;
}

static int on_end(void *arg, const struct http_response *response, struct error *e)
{
    struct json_rpc *c = arg;
    json_error_t where;
    c->answer = json_loadb(buffer_text(&c->answer_text), c->answer_text.len, JSON_REJECT_DUPLICATES,
                           &where);
    if (c->http_status / 100 != 2) {
        service_error(c, response, e);
        return -1;
    }
    if (!c->answer)
        return error_set(e, ERROR_PROTOCOL, "the answer is no whole JSON: %s", where.text);
    if (!json_is_object(c->answer))
        return error_set(e, ERROR_PROTOCOL, "the answer is no JSON object");
    return 0;
}

static void on_done(void *arg, const struct error *e)
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
    static const struct aws_decoder decoder = {on_begin, on_data, on_end};
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
        .operation = operation,
        .service = service,
        .endpoint = target->endpoint,
        .credentials = target->credentials,
        .rate = target->rate,
        .requests = target->requests,
        .method = "POST",
        .path = VIEW_LITERAL("/"),
        .query = VIEW_LITERAL(""),
        .headers = c->headers,
        .header_count = 2,
        .body = view_of(c->body),
        .decoder = &decoder,
        .decoder_arg = c,
        .max_response_bytes = JSON_RPC_ANSWER_MAX_BYTES,
        .urgent = target->urgent,
    };
    aws_call_start(target->client, &c->call, &request, on_done, c);
    return c;
}

void json_rpc_cancel(struct json_rpc *call)
{
    if (!call)
        return;
    aws_call_cancel(&call->call);
    json_rpc_free(call);
}
