/* SPDX-License-Identifier: MIT */
#include "services/error_body.h"

#include "wire/json_text.h"
#include "wire/xml.h"

#define JSON_TYPE "application/x-amz-json-1.1"

static void write_json(struct call *call, const char *code_name, const char *code,
                       const char *message_name, const char *message)
{
    struct buffer *body = &call->http.reply.body;
    buffer_add_char(body, '{');
    if (code_name)
        json_put_string(body, code_name, code);
    if (message)
        json_put_string(body, message_name, message);
    buffer_add_char(body, '}');
    call->http.reply.content_type = JSON_TYPE;
}

static void write_type(struct call *call, const char *code, const char *message)
{
    write_json(
        call, "__type",
        text_format(&call->http.arena, "com.amazonaws.%s#%s", service_name(call->service), code),
        "message", message);
}

static void write_header(struct call *call, const char *code, const char *message)
{
    call_header(call, "x-amzn-ErrorType",
                text_format(&call->http.arena,
                            "%s:http://internal.amazon.com/coral/com.amazon.coral/", code));
    write_json(call, NULL, NULL, "message", message);
}

static void write_query(struct call *call, const char *code, const char *message)
{
    struct buffer *body = &call->http.reply.body;
    buffer_add_text(body,
                    call->service == SERVICE_STS
                        ? "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
                        : "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">");
    xml_open(body, "Error");
    xml_string(body, "Type", call->http.reply.status >= 500 ? "Receiver" : "Sender");
    xml_string(body, "Code", code);
    xml_string(body, "Message", message);
    xml_close(body, "Error");
    xml_string(body, "RequestId", call->request_id);
    xml_close(body, "ErrorResponse");
    call->http.reply.content_type = "text/xml";
}

static void write_error(struct call *call, const char *code, const char *message)
{
    struct buffer *body = &call->http.reply.body;
    buffer_add_text(body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    xml_open(body, "Error");
    xml_string(body, "Code", code);
    xml_string(body, "Message", message);
    if (call->error_details)
        buffer_add_text(body, call->error_details);
    xml_string(body, "RequestId", call->request_id);
    xml_string(body, "HostId", "c2ltdWxhdGVkLWhvc3QtaWQ=");
    xml_close(body, "Error");
    call->http.reply.content_type = "application/xml";
}

/* Seen in https://github.com/StreisandEffect/streisand/issues/485. */
static void write_response(struct call *call, const char *code, const char *message)
{
    struct buffer *body = &call->http.reply.body;
    buffer_add_text(body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error>");
    xml_string(body, "Code", code);
    xml_string(body, "Message", message);
    buffer_add_text(body, "</Error></Errors>");
    xml_string(body, "RequestID", call->request_id);
    xml_close(body, "Response");
    call->http.reply.content_type = "text/xml;charset=UTF-8";
}

static void write_element(struct call *call, const char *code, const char *message)
{
    struct buffer *body = &call->http.reply.body;
    xml_open(body, code);
    buffer_add_text(body, "\n  ");
    xml_string(body, "Message", message);
    buffer_add_char(body, '\n');
    xml_close(body, code);
    buffer_add_char(body, '\n');
    call->http.reply.content_type = "application/xml";
}

static void write_own(struct call *call, const char *code, const char *message)
{
    if (call->service == SERVICE_ORGANIZATIONS)
        write_json(call, "__type", code, "Message", message);
    else if (call->service == SERVICE_S3)
        write_error(call, code, message);
    else
        write_query(call, code, message);
}

static void write_upper_code(struct call *call, const char *code, const char *message)
{
    write_json(call, "Code", code, "Message", message);
}

static void write_lower_code(struct call *call, const char *code, const char *message)
{
    write_json(call, "code", code, "message", message);
}

void error_body_write(struct call *call, enum error_form form, const char *code,
                      const char *message)
{
    static void (*const writers[ERROR_FORM_COUNT])(struct call *, const char *, const char *) = {
        [ERROR_FORM_OWN] = write_own,
        [ERROR_FORM_TYPE] = write_type,
        [ERROR_FORM_UPPER_CODE] = write_upper_code,
        [ERROR_FORM_LOWER_CODE] = write_lower_code,
        [ERROR_FORM_HEADER] = write_header,
        [ERROR_FORM_QUERY] = write_query,
        [ERROR_FORM_ERROR] = write_error,
        [ERROR_FORM_RESPONSE] = write_response,
        [ERROR_FORM_ELEMENT] = write_element,
    };
    writers[form](call, code, message);
}
