/* S3: which operation a request is, whether its bucket may be used, and what all answers share. */
#include "s3.h"

#include "call.h"
#include "failure.h"
#include "services.h"
#include "sim.h"
#include "xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BUCKET_MOST     63
#define KEY_MOST        1024
#define LOCAL_HOST_TAIL ".localhost"

/* A row: method, whether there is a key, the query parameter that decides, and the action. */
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

/* The bucket stands in the path, or before ".localhost" in the host. */
static void s3_read_names(struct call *call)
{
    const char *path = call->request.path + (call->request.path[0] == '/' ? 1 : 0);
    const char *host = request_header(&call->request, "Host");
    const char *tail = host ? strstr(host, LOCAL_HOST_TAIL) : NULL;
    char *decoded = arena_take(&call->arena, strlen(path) + 1);
    form_decode(path, strlen(path), 0, decoded);
    if (tail && (tail[strlen(LOCAL_HOST_TAIL)] == ':' || tail[strlen(LOCAL_HOST_TAIL)] == '\0')) {
        call->bucket = arena_copy(&call->arena, host, (size_t)(tail - host));
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
        if (strcmp(routes[i].method, call->request.method) == 0 &&
            routes[i].key == (*call->object != '\0') &&
            (!routes[i].parameter || call_parameter(call, routes[i].parameter))) {
            call->action = routes[i].action;
            return;
        }
    }
}

static bool s3_right_region(struct call *call, const struct bucket_rule *rule)
{
    if (!rule || !rule->region)
        return true;
    call_header(call, "x-amz-bucket-region", rule->region);
    if (strcmp(rule->region, call->scope.region) == 0)
        return true;
    if (rule->wrong_region == 400) {
        call->error_details = arena_printf(&call->arena, "<Region>%s</Region>", rule->region);
        failure_custom(call, 400, "AuthorizationHeaderMalformed",
                       "The authorization header is malformed; the region '%s' is wrong; expecting "
                       "'%s'",
                       call->scope.region, rule->region);
    } else {
        call->error_details = arena_printf(
            &call->arena, "<Endpoint>%s.s3.%s.amazonaws.com</Endpoint><Bucket>%s</Bucket>",
            call->bucket, rule->region, call->bucket);
        failure_custom(call, 301, "PermanentRedirect",
                       "The bucket you are attempting to access must be addressed using the "
                       "specified endpoint. Please send all future requests to this endpoint.");
    }
    return false;
}

bool s3_bucket_usable(struct call *call)
{
    const struct bucket_rule *rule = scenario_bucket(&call->sim->scenario, call->bucket);
    const char *expected = request_header(&call->request, "x-amz-expected-bucket-owner");
    struct account owner;
    if (call->action == ACTION_UNKNOWN)
        return false;
    if (strlen(call->bucket) < 3 || strlen(call->bucket) > BUCKET_MOST) {
        failure_custom(call, 400, "InvalidBucketName", "The specified bucket is not valid.");
        return false;
    }
    if (strlen(call->object) > KEY_MOST) {
        failure_custom(call, 400, "KeyTooLongError", "Your key is too long");
        return false;
    }
    if (rule && rule->missing) {
        call->error_details =
            arena_printf(&call->arena, "<BucketName>%s</BucketName>", call->bucket);
        failure_answer(call, FAILURE_NO_SUCH_BUCKET, NULL);
        return false;
    }
    if (!s3_right_region(call, rule))
        return false;
    world_account(&call->sim->world, call->sim->world.management, &call->arena, &owner);
    if ((rule && rule->denied) ||
        (expected && strcmp(expected, rule && rule->owner ? rule->owner : owner.id) != 0)) {
        failure_answer(call, FAILURE_ACCESS_DENIED, NULL);
        return false;
    }
    return true;
}

void s3_begin(struct call *call, const char *root)
{
    text_printf(&call->reply.body,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                "<%s xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">",
                root);
    call->reply.content_type = "application/xml";
}

const char *s3_quoted(struct call *call, const char *value)
{
    return arena_printf(&call->arena, "\"%s\"", value);
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
    struct text encoded = {0};
    if (!encoding || strcmp(encoding, "url") != 0)
        return key;
    form_encode(&encoded, key, strlen(key), 1);
    const char *copy = arena_copy(&call->arena, encoded.data ? encoded.data : "", encoded.length);
    text_release(&encoded);
    return copy;
}

void s3_keep_headers(struct call *call, struct s3_object *object)
{
    for (size_t i = 0; i < S3_KEPT_COUNT; i++) {
        const char *value = request_header(&call->request, s3_kept_names[i]);
        if (!value && i == S3_KEPT_CONTENT_TYPE)
            value = "binary/octet-stream";
        if (!value && i == S3_KEPT_SSE)
            value = "AES256";
        /* aws-chunked is how the body travelled, not what the object is. */
        if (i == S3_KEPT_CONTENT_ENCODING && value && strcmp(value, "aws-chunked") == 0)
            value = NULL;
        object->kept[i] = value ? strdup(value) : NULL;
    }
}

void s3_answer_encryption(struct call *call, const struct s3_object *object)
{
    for (size_t i = S3_KEPT_SSE; i <= S3_KEPT_SSE_BUCKET_KEY; i++)
        if (object->kept[i])
            call_header(call, s3_kept_names[i],
                        arena_copy(&call->arena, object->kept[i], strlen(object->kept[i])));
}

void s3_head_bucket(struct call *call)
{
    const struct bucket_rule *rule = scenario_bucket(&call->sim->scenario, call->bucket);
    if (!rule || !rule->region)
        call_header(call, "x-amz-bucket-region", call->scope.region);
    call->reply.content_type = "application/xml";
}

void s3_get_bucket_location(struct call *call)
{
    s3_begin(call, "LocationConstraint");
    if (strcmp(call->scope.region, "us-east-1") != 0)
        xml_text(&call->reply.body, call->scope.region);
    xml_close(&call->reply.body, "LocationConstraint");
}
