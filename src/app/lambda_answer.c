/* SPDX-License-Identifier: MIT */
#include "app/lambda_answer.h"

#include "app/document.h"
#include "base/json_writer.h"
#include "base/log.h"

#define DOCUMENT_MAX_BYTES ((size_t)1024 * 1024 * 1024)

static void write_response(int status, const struct buffer *body, struct buffer *out)
{
    struct json_writer w;
    buffer_clear(out);
    json_writer_init(&w, out);
    json_object_begin(&w);
    json_key(&w, "statusCode");
    json_int(&w, status);
    json_key(&w, "body");
    json_buffer(&w, body);
    json_object_end(&w);
}

void lambda_answer_result(const struct result *result, struct buffer *out)
{
    struct buffer body;
    buffer_init(&body, DOCUMENT_MAX_BYTES);
    document_write(result, DOCUMENT_FULL, &body);
    write_response(200, &body, out);
    if (!buffer_complete(out) || out->len > LAMBDA_ANSWER_MAX_BYTES) {
        log_event(LOG_WARN, "the result is too large for an answer, details are left out",
                  FIELD_NUMBER("bytes", (int64_t)out->len));
        buffer_clear(&body);
        document_write(result, DOCUMENT_BRIEF, &body);
        write_response(200, &body, out);
    }
    buffer_release(&body);
}

void lambda_answer_step(const struct buffer *body, struct buffer *out)
{
    write_response(200, body, out);
}

void lambda_answer_failure(const char *message, struct buffer *out)
{
    struct buffer body;
    struct json_writer w;
    buffer_init(&body, 65536);
    json_writer_init(&w, &body);
    json_object_begin(&w);
    json_key(&w, "message");
    json_text(&w, view_of(message));
    json_object_end(&w);
    write_response(500, &body, out);
    buffer_release(&body);
}

void lambda_answer_error(const char *type, const char *message, struct buffer *out)
{
    struct json_writer w;
    buffer_clear(out);
    json_writer_init(&w, out);
    json_object_begin(&w);
    json_key(&w, "errorMessage");
    json_text(&w, view_of(message));
    json_key(&w, "errorType");
    json_text(&w, view_of(type));
    json_key(&w, "stackTrace");
    json_array_begin(&w);
    json_array_end(&w);
    json_object_end(&w);
}
