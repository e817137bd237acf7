/* SPDX-License-Identifier: MIT */
#include "api/s3_call.h"

#include "base/alloc.h"
#include "base/character.h"
#include "base/percent.h"

#include <stdio.h>
#include <stdlib.h>

#define ANSWER_MAX_BYTES   ((size_t)1024 * 1024)
#define COMPLETE_MAX_BYTES ((size_t)4 * 1024 * 1024)
#define UPLOAD_TIMEOUT_MS  600000
/* S3 may take minutes to put thousands of parts together before it says anything. */
#define COMPLETE_READ_TIMEOUT_MS 300000

/*
 * The paths begin below the root, whatever its name, as in the SDKs: servers that speak S3 name the
 * roots differently.
 */
static const struct xml_rule body_rules[] = {
    XML_FIELD("Code", XML_TEXT, s3_body, told.code),
    XML_FIELD("Message", XML_TEXT, s3_body, told.message),
    XML_FIELD("RequestId", XML_TEXT, s3_body, told.request_id),
    XML_FIELD("UploadId", XML_TEXT, s3_body, upload_id),
    XML_FIELD("ETag", XML_TEXT, s3_body, etag),
};

static void s3_call_free(struct s3_call *c)
{
    s3_cancel(c->asking);
    free(c->key);
    buffer_release(&c->path);
    buffer_release(&c->query);
    buffer_release(&c->own_body);
    xml_reader_free(c->reader);
    arena_release(&c->arena);
    free(c);
}

void s3_cancel(struct s3_call *call)
{
    if (!call)
        return;
    aws_call_cancel(&call->call);
    s3_call_free(call);
}

/* ---- the answer ---- */

static void s3_on_response(void *arg, int http_status UNUSED)
{
    struct s3_call *c = arg;
    c->begun = c->elsewhere = false;
    if (c->out)
        buffer_truncate(c->out, c->out_start);
    c->answer = (struct s3_body){0};
    arena_clear(&c->arena);
    xml_reader_begin(c->reader, XML_ANY_ROOT, XML_RULES(body_rules), &c->answer, &c->arena);
}

static int s3_on_body(void *arg, struct view piece, struct error *e)
{
    struct s3_call *c = arg;
    if (c->out) {
        buffer_add_view(c->out, piece);
        return buffer_check(c->out, "the object", e);
    }
    /* While S3 completes an upload it sends white space, even before an XML declaration. */
    while (!c->begun && piece.len > 0 && character_is_space(piece.ptr[0]))
        piece = (struct view){piece.ptr + 1, piece.len - 1};
    if (piece.len == 0)
        return 0;
    c->begun = true;
    return xml_reader_feed(c->reader, piece, e);
}

static void copy_header(const struct http_response *response, const char *name, char *out,
                        size_t size)
{
    struct view value = view_trim(http_response_header(response, name));
    snprintf(out, size, "%.*s", VIEW_ARG(value));
}

static void note_headers(struct s3_call *c, const struct http_response *response)
{
    char length[32];
    copy_header(response, "ETag", c->etag, sizeof(c->etag));
    copy_header(response, "x-amz-checksum-sha256", c->stored_checksum, sizeof(c->stored_checksum));
    copy_header(response, "Content-Length", length, sizeof(length));
    c->length = length[0] ? strtoll(length, NULL, 10) : -1;
}

/* A range after the object's end (status 416) is not an error: there is nothing more to read. */
static bool s3_on_refused(void *arg, const struct http_response *response,
                          const struct service_error *told)
{
    struct s3_call *c = arg;
    s3_note_region(c, response, told);
    if (!c->out || http_response_status(response) != 416)
        return false;
    buffer_truncate(c->out, c->out_start);
    return true;
}

static int s3_on_body_end(void *arg, const struct http_response *response,
                          struct service_error *told, struct error *e)
{
    struct s3_call *c = arg;
    struct view region = http_response_header(response, "x-amz-bucket-region");
    if (c->begun && xml_reader_end(c->reader, e) != 0)
        return -1;
    if (c->answer.told.code.ptr) {
        *told = c->answer.told;
        return 1;
    }
    snprintf(c->region, sizeof(c->region), "%.*s", VIEW_ARG(region));
    note_headers(c, response);
    if ((c->stores && c->etag[0] == '\0') || (c->completes && c->answer.etag.len == 0))
        return error_set(e, ERROR_PROTOCOL, "the answer has no ETag of what was stored");
    /* What ends with the connection can't be told from what was cut off. */
    if (c->out && c->length < 0)
        return error_set(e, ERROR_PROTOCOL, "the answer does not say how long the object is");
    snprintf(c->upload_id, sizeof(c->upload_id), "%.*s", VIEW_ARG(c->answer.upload_id));
    return 0;
}

/* ---- the end ---- */

static void explain_error(const struct s3_call *c, struct error *e)
{
    const char *bucket = c->bucket->name;
    const char *slash = c->key ? "/" : "";
    const char *key = c->key ? c->key : "";
    if (error_is_code(e, "NoSuchBucket"))
        error_prefix(e, "bucket '%s' does not exist", bucket);
    else if (error_is_code(e, "AccessDenied"))
        error_prefix(e, "%s of 's3://%s%s%s' is denied", c->operation, bucket, slash, key);
    else
        error_prefix(e, "%s of 's3://%s%s%s'", c->operation, bucket, slash, key);
}

void s3_call_fail(struct s3_call *c, const struct error *e)
{
    c->done.fn(c->done.arg, NULL, e);
    s3_call_free(c);
}

/* Fails with an error as it came from the call; explains it first. */
static void s3_call_fail_explained(struct s3_call *c, const struct error *e)
{
    struct error mine = *e;
    explain_error(c, &mine);
    s3_call_fail(c, &mine);
}

void s3_call_succeed(struct s3_call *c)
{
    const struct s3_answer answer = {c->etag, c->upload_id, c->stored_checksum, c->length};
    if (c->part) {
        memcpy(c->part->etag, c->etag, sizeof(c->etag));
        memcpy(c->part->checksum_sha256, c->checksum, sizeof(c->checksum));
    }
    c->done.fn(c->done.arg, &answer, NULL);
    s3_call_free(c);
}

/* ---- another region ---- */

static void s3_call_follow(struct s3_call *c)
{
    struct error e;
    if (s3_bucket_move(c->bucket, view_of(c->region), &e) == 0)
        s3_call_send(c);
    else
        s3_call_fail(c, &e);
}

/* How HeadBucket ended makes no difference: a refusal names the region as well. */
static void s3_on_bucket_asked(void *arg, const struct s3_answer *answer UNUSED,
                               const struct error *e UNUSED)
{
    struct s3_call *c = arg;
    memcpy(c->region, c->asking->region, sizeof(c->region));
    c->asking = NULL;
    if (c->region[0] != '\0')
        s3_call_follow(c);
    else
        s3_call_fail_explained(c, &c->before_asking);
}

/*
 * True if the call can be sent again to another region: the response names it, or HeadBucket can be
 * asked for it (but not if this call is HeadBucket).
 */
static bool can_go_elsewhere(const struct s3_call *c)
{
    return c->elsewhere && !c->moved && (c->region[0] != '\0' || c->key);
}

/* Done only once: if S3 sends a call from one region to the next, it does not know the bucket. */
static void s3_call_go_elsewhere(struct s3_call *c, const struct error *e)
{
    c->moved = true;
    if (c->region[0] != '\0') {
        s3_call_follow(c);
        return;
    }
    c->before_asking = *e;
    c->asking = s3_ask_bucket(c->bucket, (struct s3_done){s3_on_bucket_asked, c});
}

/* A refusal of HEAD has no body, so the code is derived from its status. */
static void name_by_status(const struct s3_call *c, struct error *e)
{
    if (e->kind != ERROR_SERVICE || strcmp(c->method, "HEAD") != 0)
        return;
    snprintf(e->text, sizeof(e->text), "HTTP status %d", e->http_status);
    if (e->http_status == 403)
        snprintf(e->code, sizeof(e->code), "AccessDenied");
    else if (e->http_status == 404)
        snprintf(e->code, sizeof(e->code), "%s", c->key ? "NoSuchKey" : "NoSuchBucket");
}

static void settle(struct s3_call *c, const struct error *e)
{
    if (e && can_go_elsewhere(c))
        s3_call_go_elsewhere(c, e);
    else if (c->settle && c->settle(c, e))
        return;
    else if (e)
        s3_call_fail_explained(c, e);
    else
        s3_call_succeed(c);
}

static void s3_on_call_done(void *arg, const struct error *e)
{
    struct s3_call *c = arg;
    struct error mine;
    if (e) {
        mine = *e;
        name_by_status(c, &mine);
    }
    settle(c, e ? &mine : NULL);
}

/* ---- the request ---- */

static void write_path(struct s3_call *c)
{
    buffer_clear(&c->path);
    if (c->bucket->path_style) {
        buffer_add_char(&c->path, '/');
        percent_encode(&c->path, view_of(c->bucket->name), 0);
    }
    if (c->key || !c->bucket->path_style)
        buffer_add_char(&c->path, '/');
    percent_encode(&c->path, view_of(c->key), PERCENT_KEEP_SLASHES);
}

void s3_call_send(struct s3_call *c)
{
    static const struct aws_decoder decoder = {s3_on_response, s3_on_body, s3_on_body_end,
                                               s3_on_refused};
    struct error e;
    bool asks = strcmp(c->method, "HEAD") == 0; /* the usual time-outs are enough */
    bool completes = strcmp(c->operation, "CompleteMultipartUpload") == 0;
    struct aws_request request = {
        .target = {.client = c->bucket->client,
                   .endpoint = &c->bucket->endpoint,
                   .credentials = c->bucket->credentials,
                   .urgent = true},
        .operation = c->operation,
        .service = SERVICE_S3,
        .method = c->method,
        .headers = c->headers,
        .header_count = c->header_count,
        .body = c->body,
        .body_hash = c->body_hash[0] ? view_of(c->body_hash) : VIEW_NONE,
        .decoder = &decoder,
        .decoder_arg = c,
        .max_response_bytes = c->out ? c->out->max : ANSWER_MAX_BYTES,
        .read_timeout_ms = completes ? COMPLETE_READ_TIMEOUT_MS : 0,
        .total_timeout_ms = asks ? 0 : UPLOAD_TIMEOUT_MS,
    };
    write_path(c);
    snprintf(c->signed_region, sizeof(c->signed_region), "%s", c->bucket->endpoint.signing_region);
    if (buffer_check(&c->path, "the object's path", &e) != 0 ||
        buffer_check(&c->query, "the request's query", &e) != 0 ||
        buffer_check(&c->own_body, "the request", &e) != 0) {
        aws_call_fail(&c->call, &request, &e, s3_on_call_done, c);
        return;
    }
    request.path = buffer_view(&c->path);
    request.query = buffer_view(&c->query);
    aws_call_start(&c->call, &request, s3_on_call_done, c);
}

void s3_call_add_header(struct s3_call *c, const char *name, const char *value)
{
    if (value)
        c->headers[c->header_count++] = (struct aws_header){name, view_of(value)};
}

struct s3_call *s3_call_new(struct s3_bucket *bucket, const char *operation, const char *method,
                            struct view key, struct s3_done done)
{
    struct s3_call *c = xcalloc(1, sizeof(*c));
    c->bucket = bucket;
    c->operation = operation;
    c->method = method;
    c->key = key.ptr ? xstrndup(key.ptr, key.len) : NULL;
    c->done = done;
    c->reader = xml_reader_new();
    buffer_init(&c->path, 8192);
    buffer_init(&c->query, 8192);
    buffer_init(&c->own_body, COMPLETE_MAX_BYTES);
    s3_call_add_header(c, "x-amz-expected-bucket-owner", bucket->expected_owner);
    return c;
}
