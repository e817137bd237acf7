/* SPDX-License-Identifier: MIT */
/* S3: which operation a request asks for, and what all answers share. */
#include "services/s3.h"

#include "base/alloc.h"
#include "services/call.h"
#include "services/failure.h"
#include "services/services.h"
#include "services/sim.h"
#include "wire/xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LOCAL_HOST_TAIL ".localhost"

/*
 * Each row: the method, whether there is a key, the query parameter that decides, and the action.
 */
static const struct {
    const char *method;
    bool key;
    const char *parameter;
    enum action action;
} routes[] = {
    {"PUT", true, "partNumber", ACTION_UPLOAD_PART},
    {"PUT", true, NULL, ACTION_PUT_OBJECT},
    {"POST", true, "uploads", ACTION_CREATE_MULTIPART_UPLOAD},
    {"POST", true, "uploadId", ACTION_COMPLETE_MULTIPART_UPLOAD},
    {"DELETE", true, "uploadId", ACTION_ABORT_MULTIPART_UPLOAD},
    {"DELETE", true, NULL, ACTION_DELETE_OBJECT},
    {"GET", true, "uploadId", ACTION_LIST_PARTS},
    {"GET", true, NULL, ACTION_GET_OBJECT},
    {"HEAD", true, NULL, ACTION_HEAD_OBJECT},
    {"HEAD", false, NULL, ACTION_HEAD_BUCKET},
    {"GET", false, "uploads", ACTION_LIST_MULTIPART_UPLOADS},
    {"GET", false, "location", ACTION_GET_BUCKET_LOCATION},
    {"GET", false, "list-type", ACTION_LIST_OBJECTS_V2},
};

/* The bucket is named in the path, or before ".localhost" in the host. */
static void s3_read_names(struct call *call)
{
    const char *path = call->http.request.path + (call->http.request.path[0] == '/' ? 1 : 0);
    const char *host = request_header(&call->http.request, "Host");
    const char *tail = host ? strstr(host, LOCAL_HOST_TAIL) : NULL;
    char *decoded = arena_alloc(&call->http.arena, strlen(path) + 1);
    form_decode(path, strlen(path), 0, decoded);
    if (tail && (tail[strlen(LOCAL_HOST_TAIL)] == ':' || tail[strlen(LOCAL_HOST_TAIL)] == '\0')) {
        call->bucket = text_copy_len(&call->http.arena, host, (size_t)(tail - host));
        call->object = decoded;
        return;
    }
    char *slash = strchr(decoded, '/');
    call->object = slash ? slash + 1 : "";
    if (slash)
        *slash = '\0';
    call->bucket = decoded;
}

void s3_route(struct call *call)
{
    s3_read_names(call);
    for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++) {
        if (strcmp(routes[i].method, call->http.request.method) == 0 &&
            routes[i].key == (*call->object != '\0') &&
            (!routes[i].parameter || call_parameter(call, routes[i].parameter))) {
            call->action = routes[i].action;
            return;
        }
    }
}

void s3_detail(struct call *call, const char *element, const char *value)
{
    struct buffer detail = {.max = TEXT_MAX};
    if (call->error_details)
        buffer_add_text(&detail, call->error_details);
    xml_string(&detail, element, value);
    if (detail.len > 0)
        call->error_details = text_copy_len(&call->http.arena, detail.data, detail.len);
    buffer_release(&detail);
}

void s3_begin(struct call *call, const char *root)
{
    buffer_addf(&call->http.reply.body,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                "<%s xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">",
                root);
    call->http.reply.content_type = "application/xml";
}

const char *s3_quoted(struct call *call, const char *value)
{
    return text_format(&call->http.arena, "\"%s\"", value);
}

size_t s3_number(struct call *call, const char *name, size_t otherwise, size_t most)
{
    const char *value = call_parameter(call, name);
    size_t number = value ? (size_t)strtoul(value, NULL, 10) : otherwise;
    return number < most ? number : most;
}

const char *s3_listed_key(struct call *call, const char *key)
{
    const char *encoding = call_parameter(call, "encoding-type");
    struct buffer encoded = {.max = TEXT_MAX};
    if (!encoding || strcmp(encoding, "url") != 0)
        return key;
    form_encode(&encoded, key, strlen(key), 1);
    const char *copy = text_copy_len(&call->http.arena, buffer_text(&encoded), encoded.len);
    buffer_release(&encoded);
    return copy;
}

int s3_check_encryption(struct call *call)
{
    const char *method = request_header(&call->http.request, s3_kept_names[S3_KEPT_SSE]);
    const char *key = request_header(&call->http.request, s3_kept_names[S3_KEPT_SSE_KMS_KEY_ID]);
    bool kms = method && (strcmp(method, "aws:kms") == 0 || strcmp(method, "aws:kms:dsse") == 0);
    if (method && !kms && strcmp(method, "AES256") != 0)
        failure_answer(call, FAILURE_VALIDATION,
                       "The encryption method specified is not supported");
    else if (key && !kms)
        failure_answer(call, FAILURE_VALIDATION,
                       "Server Side Encryption with AWS KMS managed key requires HTTP header "
                       "x-amz-server-side-encryption : aws:kms");
    return call->http.reply.status == 200 ? 0 : -1;
}

/* The account's KMS key for S3, which is used if the request names no key. */
static const char *default_key(struct call *call)
{
    struct account owner;
    world_account(&call->sim->world, call->sim->world.management, &call->http.arena, &owner);
    return text_format(&call->http.arena,
                       "arn:%s:kms:%s:%s:key/51513131-5151-4151-8151-515151515151",
                       call->sim->world.shape.partition, call->scope.region, owner.id);
}

void s3_keep_headers(struct call *call, struct s3_object *object)
{
    for (size_t i = 0; i < S3_KEPT_COUNT; i++) {
        const char *value = request_header(&call->http.request, s3_kept_names[i]);
        if (!value && i == S3_KEPT_CONTENT_TYPE)
            value = "binary/octet-stream";
        if (!value && i == S3_KEPT_SSE)
            value = "AES256";
        if (!value && i == S3_KEPT_SSE_KMS_KEY_ID &&
            strcmp(object->kept[S3_KEPT_SSE], "AES256") != 0)
            value = default_key(call);
        /* aws-chunked is the encoding of the transfer, not of the object. */
        if (i == S3_KEPT_CONTENT_ENCODING && value && strcmp(value, "aws-chunked") == 0)
            value = NULL;
        object->kept[i] = value ? xstrdup(value) : NULL;
    }
}

void s3_answer_encryption(struct call *call, const struct s3_object *object)
{
    for (size_t i = S3_KEPT_SSE; i <= S3_KEPT_SSE_BUCKET_KEY; i++)
        if (object->kept[i])
            call_header(call, s3_kept_names[i], text_copy(&call->http.arena, object->kept[i]));
}
