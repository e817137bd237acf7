#include "api/s3.h"

#include "aws/query.h"
#include "aws/xml.h"
#include "base/alloc.h"
#include "base/log.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#define ANSWER_MAX_BYTES   ((size_t)1024 * 1024)
#define COMPLETE_MAX_BYTES ((size_t)4 * 1024 * 1024)
#define HEADERS_MAX        8
#define UPLOAD_TIMEOUT_MS  600000
/* S3 may take minutes to put thousands of parts together before it says anything. */
#define FIRST_BYTE_TIMEOUT_MS 300000

struct s3_bucket {
    struct aws_client *client;
    struct credentials_cache *credentials;
    struct endpoint_query where; /* its override is 'override' */
    char *name, *override, *expected_owner, *sse, *sse_kms_key_id;
    bool no_checksums;
    struct endpoint endpoint;
    bool path_style;
};

/* Whatever a success's body may hold: an error stands also in answers of status 200. */
struct body_answer {
    struct service_error told;
    struct view upload_id, completed;
};

#define BODY_RULE(path, field)                                                                     \
    {                                                                                              \
        path, XML_TEXT, offsetof(struct body_answer, field), 0, NULL                               \
    }

static const struct xml_rule body_rules[] = {
    BODY_RULE("Error/Code", told.code),
    BODY_RULE("Error/Message", told.message),
    BODY_RULE("Error/RequestId", told.request_id),
    BODY_RULE("InitiateMultipartUploadResult/UploadId", upload_id),
    BODY_RULE("CompleteMultipartUploadResult/ETag", completed),
};

struct s3_call {
    struct aws_call call;
    struct s3_bucket *bucket;
    const char *operation, *method;
    char *key;
    struct buffer path, query;
    struct view body;
    struct buffer own_body; /* where the body is ours */
    struct aws_header headers[HEADERS_MAX];
    size_t header_count;
    char checksum[48];
    struct s3_part *part;
    struct buffer *out; /* where a body that is no XML goes */
    size_t out_start;   /* its length before this call */
    char range[64];
    struct s3_done done;
    bool redirected;
    bool stores;    /* a success names the ETag of the body in a header */
    bool completes; /* a success names the object's ETag in its body */

    bool begun; /* anything but white space has come */
    struct xml_reader *reader;
    struct arena arena;
    struct body_answer answer;
    char etag[S3_ETAG_SIZE];
    char upload_id[S3_UPLOAD_ID_SIZE];
    char region[32]; /* of the bucket, where the answer says that it is another one */
};

static int bucket_resolve(struct s3_bucket *bucket, struct view region, struct error *e)
{
    struct endpoint_query query = bucket->where;
    query.region = region;
    return endpoint_resolve_bucket(&query, view_of(bucket->name), &bucket->endpoint,
                                   &bucket->path_style, e);
}

static char *copy_or_null(struct view v)
{
    return v.ptr ? xstrndup(v.ptr, v.len) : NULL;
}

struct s3_bucket *s3_bucket_new(struct aws_client *client, struct credentials_cache *credentials,
                                const struct s3_bucket_options *options, struct error *e)
{
    struct s3_bucket *bucket = xcalloc(1, sizeof(*bucket));
    bucket->client = client;
    bucket->credentials = credentials;
    bucket->name = xstrndup(options->name.ptr, options->name.len);
    bucket->override = copy_or_null(options->endpoint.override);
    bucket->expected_owner = copy_or_null(options->expected_owner);
    bucket->sse = copy_or_null(options->sse);
    bucket->sse_kms_key_id = copy_or_null(options->sse_kms_key_id);
    bucket->where = options->endpoint;
    bucket->where.override = view_of(bucket->override);
    bucket->no_checksums = options->no_checksums;
    if (bucket_resolve(bucket, options->endpoint.region, e) == 0)
        return bucket;
    s3_bucket_free(bucket);
    return NULL;
}

void s3_bucket_free(struct s3_bucket *bucket)
{
    if (!bucket)
        return;
    free(bucket->name);
    free(bucket->override);
    free(bucket->expected_owner);
    free(bucket->sse);
    free(bucket->sse_kms_key_id);
    free(bucket);
}

static void call_free(struct s3_call *c)
{
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
    call_free(call);
}

static void on_begin(void *arg, int http_status)
{
    struct s3_call *c = arg;
    (void)http_status;
    c->begun = false;
    if (c->out)
        buffer_truncate(c->out, c->out_start);
    c->answer = (struct body_answer){0};
    arena_clear(&c->arena);
    xml_reader_begin(c->reader, "", body_rules, sizeof(body_rules) / sizeof(body_rules[0]),
                     &c->answer, &c->arena);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int on_data(void *arg, struct view piece, struct error *e)
{
    struct s3_call *c = arg;
    if (c->out) {
        buffer_add_view(c->out, piece);
        return buffer_check(c->out, "the object", e);
    }
    /* While S3 completes an upload it sends white space, also where XML allows none. */
    while (!c->begun && piece.len > 0 && is_space(piece.ptr[0]))
        piece.ptr++, piece.len--;
    if (piece.len == 0)
        return 0;
    c->begun = true;
    return xml_reader_feed(c->reader, piece, e);
}

/* "bucket.s3-eu-west-1.amazonaws.com", "bucket.s3.eu-west-1.amazonaws.com": the region in it. */
static struct view region_of_host(struct view host)
{
    for (size_t i = 0; i + 3 < host.len; i++) {
        if (memcmp(host.ptr + i, "s3", 2) != 0 ||
            (host.ptr[i + 2] != '-' && host.ptr[i + 2] != '.') || (i > 0 && host.ptr[i - 1] != '.'))
            continue;
        const char *start = host.ptr + i + 3;
        const char *end = memchr(start, '.', host.len - i - 3);
        struct view label = {start, end ? (size_t)(end - start) : 0};
        if (label.len > 3 && memchr(label.ptr, '-', label.len))
            return label;
    }
    return VIEW_NONE;
}

/* Where an answer says that the bucket lives, if it says so. */
static void note_region(struct s3_call *c, const struct http_response *response,
                        const struct service_error *told)
{
    struct view region = http_response_header(response, "x-amz-bucket-region");
    int status = http_response_status(response);
    c->region[0] = '\0';
    if (status / 100 != 3 &&
        !(status == 400 && view_is(told->code, "AuthorizationHeaderMalformed")))
        return;
    if (!region.ptr)
        region = told->region;
    if (!region.ptr)
        region = region_of_host(told->endpoint);
    if (region.len > 0 && region.len < sizeof(c->region))
        snprintf(c->region, sizeof(c->region), "%.*s", VIEW_ARG(region));
}

/* A range behind the object's end: it has nothing more. */
static bool on_refused(void *arg, const struct http_response *response,
                       const struct service_error *told)
{
    struct s3_call *c = arg;
    note_region(c, response, told);
    if (!c->out || http_response_status(response) != 416)
        return false;
    buffer_truncate(c->out, c->out_start);
    return true;
}

static int on_end(void *arg, const struct http_response *response, struct service_error *told,
                  struct error *e)
{
    struct s3_call *c = arg;
    c->region[0] = '\0';
    if (c->begun && xml_reader_end(c->reader, e) != 0)
        return -1;
    if (c->answer.told.code.ptr) {
        *told = c->answer.told;
        return 1;
    }
    struct view etag = http_response_header(response, "ETag");
    snprintf(c->etag, sizeof(c->etag), "%.*s", VIEW_ARG(etag));
    if ((c->stores && etag.len == 0) || (c->completes && c->answer.completed.len == 0))
        return error_set(e, ERROR_PROTOCOL, "the answer has no ETag of what was stored");
    snprintf(c->upload_id, sizeof(c->upload_id), "%.*s", VIEW_ARG(c->answer.upload_id));
    return 0;
}

static void call_send(struct s3_call *c);

static bool redirect(struct s3_call *c)
{
    struct error ignored;
    if (c->redirected || c->region[0] == '\0' ||
        bucket_resolve(c->bucket, view_of(c->region), &ignored) != 0)
        return false;
    log_event(LOG_INFO, "bucket is in another region", FIELD("bucket", c->bucket->name),
              FIELD("region", c->region));
    c->redirected = true;
    call_send(c);
    return true;
}

static void explain(const struct s3_call *c, struct error *e)
{
    const char *bucket = c->bucket->name;
    if (error_is_code(e, "NoSuchBucket"))
        error_prefix(e, "bucket '%s' does not exist", bucket);
    else if (error_is_code(e, "AccessDenied"))
        error_prefix(e, "%s of 's3://%s/%s' is denied", c->operation, bucket, c->key);
    else
        error_prefix(e, "%s of 's3://%s/%s'", c->operation, bucket, c->key);
}

static void on_done(void *arg, const struct error *e)
{
    struct s3_call *c = arg;
    struct error mine;
    if (e && redirect(c))
        return;
    if (e) {
        mine = *e;
        explain(c, &mine);
        c->done.fn(c->done.arg, NULL, &mine);
    } else {
        const struct s3_answer answer = {c->etag, c->upload_id};
        if (c->part) {
            memcpy(c->part->etag, c->etag, sizeof(c->etag));
            memcpy(c->part->checksum_sha256, c->checksum, sizeof(c->checksum));
        }
        c->done.fn(c->done.arg, &answer, NULL);
    }
    call_free(c);
}

/* The path's '/' stay; all else is encoded as in a query. */
static void add_key(struct buffer *path, const char *key)
{
    for (;;) {
        const char *slash = strchr(key, '/');
        buffer_add_char(path, '/');
        query_encode(path, (struct view){key, slash ? (size_t)(slash - key) : strlen(key)});
        if (!slash)
            return;
        key = slash + 1;
    }
}

static void call_send(struct s3_call *c)
{
    static const struct aws_decoder decoder = {on_begin, on_data, on_end, on_refused};
    buffer_clear(&c->path);
    if (c->bucket->path_style) {
        buffer_add_char(&c->path, '/');
        query_encode(&c->path, view_of(c->bucket->name));
    }
    add_key(&c->path, c->key);
    struct aws_request request = {
        .operation = c->operation,
        .service = SERVICE_S3,
        .endpoint = &c->bucket->endpoint,
        .credentials = c->bucket->credentials,
        .method = c->method,
        .headers = c->headers,
        .header_count = c->header_count,
        .body = c->body,
        .decoder = &decoder,
        .decoder_arg = c,
        .max_response_bytes = c->out ? c->out->max : ANSWER_MAX_BYTES,
        .read_timeout_ms = FIRST_BYTE_TIMEOUT_MS,
        .total_timeout_ms = UPLOAD_TIMEOUT_MS,
        .urgent = true,
    };
    struct error e;
    if (buffer_check(&c->path, "the object's path", &e) != 0 ||
        buffer_check(&c->query, "the request's query", &e) != 0 ||
        buffer_check(&c->own_body, "the request", &e) != 0) {
        aws_call_fail(c->bucket->client, &c->call, &request, &e, on_done, c);
        return;
    }
    request.path = buffer_view(&c->path);
    request.query = buffer_view(&c->query);
    aws_call_start(c->bucket->client, &c->call, &request, on_done, c);
}

static void add_header(struct s3_call *c, const char *name, const char *value)
{
    if (value)
        c->headers[c->header_count++] = (struct aws_header){name, view_of(value)};
}

static struct s3_call *call_new(struct s3_bucket *bucket, const char *operation, const char *method,
                                struct view key, struct s3_done done)
{
    struct s3_call *c = xcalloc(1, sizeof(*c));
    c->bucket = bucket;
    c->operation = operation;
    c->method = method;
    c->key = xstrndup(key.ptr, key.len);
    c->done = done;
    c->reader = xml_reader_new();
    buffer_init(&c->path, 8192);
    buffer_init(&c->query, 8192);
    buffer_init(&c->own_body, COMPLETE_MAX_BYTES);
    add_header(c, "x-amz-expected-bucket-owner", bucket->expected_owner);
    return c;
}

/* How the object is to be kept: said where it is made, not with each part. */
static void describe_object(struct s3_call *c, const char *content_type)
{
    add_header(c, "Content-Type", content_type);
    add_header(c, "x-amz-server-side-encryption", c->bucket->sse);
    add_header(c, "x-amz-server-side-encryption-aws-kms-key-id", c->bucket->sse_kms_key_id);
}

static void set_body(struct s3_call *c, struct view body)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    c->body = body;
    if (c->bucket->no_checksums)
        return;
    if (EVP_Digest(body.ptr, body.len, digest, &len, EVP_sha256(), NULL) != 1)
        return;
    EVP_EncodeBlock((unsigned char *)c->checksum, digest, (int)len);
    add_header(c, "x-amz-checksum-sha256", c->checksum);
}

struct s3_call *s3_put_object(struct s3_bucket *bucket, struct view key, const char *content_type,
                              struct view body, struct s3_done done)
{
    struct s3_call *c = call_new(bucket, "PutObject", "PUT", key, done);
    c->stores = true;
    describe_object(c, content_type);
    set_body(c, body);
    call_send(c);
    return c;
}

struct s3_call *s3_create_multipart_upload(struct s3_bucket *bucket, struct view key,
                                           const char *content_type, struct s3_done done)
{
    struct s3_call *c = call_new(bucket, "CreateMultipartUpload", "POST", key, done);
    describe_object(c, content_type);
    add_header(c, "x-amz-checksum-algorithm", bucket->no_checksums ? NULL : "SHA256");
    buffer_add_text(&c->query, "uploads=");
    c->body = VIEW_LITERAL("");
    call_send(c);
    return c;
}

struct s3_call *s3_upload_part(struct s3_bucket *bucket, struct view key, const char *upload_id,
                               unsigned number, struct view body, struct s3_part *part,
                               struct s3_done done)
{
    struct s3_call *c = call_new(bucket, "UploadPart", "PUT", key, done);
    buffer_addf(&c->query, "partNumber=%u&uploadId=", number);
    query_encode(&c->query, view_of(upload_id));
    c->part = part;
    c->stores = true;
    set_body(c, body);
    call_send(c);
    return c;
}

struct s3_call *s3_complete_multipart_upload(struct s3_bucket *bucket, struct view key,
                                             const char *upload_id, const struct s3_part *parts,
                                             unsigned count, struct s3_done done)
{
    struct s3_call *c = call_new(bucket, "CompleteMultipartUpload", "POST", key, done);
    c->completes = true;
    struct buffer *body = &c->own_body;
    buffer_add_text(&c->query, "uploadId=");
    query_encode(&c->query, view_of(upload_id));
    buffer_add_text(body, "<CompleteMultipartUpload "
                          "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for (unsigned i = 0; i < count; i++) {
        buffer_add_text(body, "<Part>");
        if (parts[i].checksum_sha256[0])
            buffer_addf(body, "<ChecksumSHA256>%s</ChecksumSHA256>", parts[i].checksum_sha256);
        buffer_addf(body, "<ETag>%s</ETag><PartNumber>%u</PartNumber></Part>", parts[i].etag,
                    i + 1);
    }
    buffer_add_text(body, "</CompleteMultipartUpload>");
    add_header(c, "Content-Type", "application/xml");
    c->body = buffer_view_cut(body); /* call_send looks whether it is whole */
    call_send(c);
    return c;
}

struct s3_call *s3_abort_multipart_upload(struct s3_bucket *bucket, struct view key,
                                          const char *upload_id, struct s3_done done)
{
    struct s3_call *c = call_new(bucket, "AbortMultipartUpload", "DELETE", key, done);
    buffer_add_text(&c->query, "uploadId=");
    query_encode(&c->query, view_of(upload_id));
    call_send(c);
    return c;
}

struct s3_call *s3_get_object(struct s3_bucket *bucket, struct view key, uint64_t start, size_t len,
                              struct buffer *out, struct s3_done done)
{
    struct s3_call *c = call_new(bucket, "GetObject", "GET", key, done);
    c->out = out;
    c->out_start = out->len;
    snprintf(c->range, sizeof(c->range), "bytes=%llu-%llu", (unsigned long long)start,
             (unsigned long long)(start + len - 1));
    add_header(c, "Range", c->range);
    call_send(c);
    return c;
}

struct s3_call *s3_delete_object(struct s3_bucket *bucket, struct view key, struct s3_done done)
{
    struct s3_call *c = call_new(bucket, "DeleteObject", "DELETE", key, done);
    call_send(c);
    return c;
}
