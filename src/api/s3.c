/* SPDX-License-Identifier: MIT */
#include "api/s3_call.h"

#include "aws/sha256.h"
#include "base/log.h"
#include "base/percent.h"

#include <openssl/evp.h>
#include <stdio.h>

/*
 * Adds the headers that say how S3 is to keep the object. They belong to the request that creates
 * it, not to each part.
 */
static void describe_object(struct s3_call *c, const char *content_type)
{
    s3_call_add_header(c, "Content-Type", content_type);
    s3_call_add_header(c, "x-amz-server-side-encryption", c->bucket->sse);
    s3_call_add_header(c, "x-amz-server-side-encryption-aws-kms-key-id", c->bucket->sse_kms_key_id);
}

static bool hash_body(struct view body, unsigned char hash[SHA256_SIZE])
{
    struct sha256 h;
    sha256_init(&h);
    sha256_hash(&h, body, hash);
    bool failed = h.failed;
    sha256_release(&h);
    return !failed;
}

void s3_checksum(struct view body, char out[S3_CHECKSUM_SIZE])
{
    unsigned char hash[SHA256_SIZE];
    out[0] = '\0';
    if (hash_body(body, hash))
        EVP_EncodeBlock((unsigned char *)out, hash, sizeof(hash));
}

/* The hash of a part is both its checksum and what is signed: it is computed once. */
static void set_body(struct s3_call *c, struct view body)
{
    unsigned char hash[SHA256_SIZE];
    c->body = body;
    if (c->bucket->no_checksums || !hash_body(body, hash))
        return;
    EVP_EncodeBlock((unsigned char *)c->checksum, hash, sizeof(hash));
    s3_call_add_header(c, "x-amz-checksum-sha256", c->checksum);
    sha256_hex(hash, c->body_hash);
}

struct s3_call *s3_put_object(struct s3_bucket *bucket, struct view key, const char *content_type,
                              struct view body, struct s3_done done)
{
    struct s3_call *c = s3_call_new(bucket, "PutObject", "PUT", key, done);
    c->stores = true;
    describe_object(c, content_type);
    set_body(c, body);
    s3_call_send(c);
    return c;
}

struct s3_call *s3_create_multipart_upload(struct s3_bucket *bucket, struct view key,
                                           const char *content_type, struct s3_done done)
{
    struct s3_call *c = s3_call_new(bucket, "CreateMultipartUpload", "POST", key, done);
    describe_object(c, content_type);
    s3_call_add_header(c, "x-amz-checksum-algorithm", bucket->no_checksums ? NULL : "SHA256");
    buffer_add_text(&c->query, "uploads=");
    c->body = VIEW_LITERAL("");
    s3_call_send(c);
    return c;
}

struct s3_call *s3_upload_part(struct s3_bucket *bucket, struct view key, const char *upload_id,
                               unsigned number, struct view body, struct s3_part *part,
                               struct s3_done done)
{
    struct s3_call *c = s3_call_new(bucket, "UploadPart", "PUT", key, done);
    buffer_addf(&c->query, "partNumber=%u&uploadId=", number);
    percent_encode(&c->query, view_of(upload_id), 0);
    c->part = part;
    c->stores = true;
    set_body(c, body);
    s3_call_send(c);
    return c;
}

struct s3_call *s3_complete_multipart_upload(struct s3_bucket *bucket, struct view key,
                                             const char *upload_id, const struct s3_part *parts,
                                             unsigned count, struct s3_done done)
{
    struct s3_call *c = s3_call_new(bucket, "CompleteMultipartUpload", "POST", key, done);
    c->completes = true;
    struct buffer *body = &c->own_body;
    buffer_add_text(&c->query, "uploadId=");
    percent_encode(&c->query, view_of(upload_id), 0);
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
    s3_call_add_header(c, "Content-Type", "application/xml");
    c->body = buffer_view_cut(body); /* s3_call_send checks that it is complete */
    s3_call_send(c);
    return c;
}

struct s3_call *s3_abort_multipart_upload(struct s3_bucket *bucket, struct view key,
                                          const char *upload_id, struct s3_done done)
{
    struct s3_call *c = s3_call_new(bucket, "AbortMultipartUpload", "DELETE", key, done);
    buffer_add_text(&c->query, "uploadId=");
    percent_encode(&c->query, view_of(upload_id), 0);
    s3_call_send(c);
    return c;
}

struct s3_call *s3_get_object(struct s3_bucket *bucket, struct view key, uint64_t start, size_t len,
                              struct buffer *out, struct s3_done done)
{
    struct s3_call *c = s3_call_new(bucket, "GetObject", "GET", key, done);
    c->out = out;
    c->out_start = out->len;
    snprintf(c->range, sizeof(c->range), "bytes=%llu-%llu", (unsigned long long)start,
             (unsigned long long)(start + len - 1));
    s3_call_add_header(c, "Range", c->range);
    s3_call_send(c);
    return c;
}

struct s3_call *s3_delete_object(struct s3_bucket *bucket, struct view key, struct s3_done done)
{
    struct s3_call *c = s3_call_new(bucket, "DeleteObject", "DELETE", key, done);
    s3_call_send(c);
    return c;
}

struct s3_call *s3_head_object(struct s3_bucket *bucket, struct view key, struct s3_done done)
{
    struct s3_call *c = s3_call_new(bucket, "HeadObject", "HEAD", key, done);
    s3_call_add_header(c, "x-amz-checksum-mode", "ENABLED");
    s3_call_send(c);
    return c;
}

struct s3_call *s3_ask_bucket(struct s3_bucket *bucket, struct s3_done done)
{
    struct s3_call *c = s3_call_new(bucket, "HeadBucket", "HEAD", VIEW_NONE, done);
    c->moved = true;
    s3_call_send(c);
    return c;
}

/*
 * True if the request names the expected owner, whose header comes first; HeadBucket has no other.
 */
static bool names_owner(const struct s3_call *c)
{
    return c->header_count > 0;
}

static void fail_owner(struct s3_call *c)
{
    struct error e;
    error_set(&e, ERROR_SERVICE,
              "bucket '%s' does not belong to account %s (--expected-bucket-owner)",
              c->bucket->name, c->bucket->expected_owner);
    snprintf(e.code, sizeof(e.code), "AccessDenied");
    e.http_status = 403;
    s3_call_fail(c, &e);
}

/*
 * A refusal of HeadBucket says little: it needs another permission (s3:ListBucket) than writing,
 * and a wrong expected owner is refused in the same way. Only a wrong owner can be found out: then
 * the call succeeds if it is sent again without the owner.
 */
static bool settle_head_bucket(struct s3_call *c, const struct error *e)
{
    bool without_owner = c->bucket->expected_owner && !names_owner(c);
    if (!e && without_owner) {
        fail_owner(c);
        return true;
    }
    if (!e || e->kind != ERROR_SERVICE || e->http_status / 100 != 4 || e->http_status == 404)
        return false;
    if (e->http_status == 403 && names_owner(c)) {
        c->header_count = 0;
        s3_call_send(c);
        return true;
    }
    log_event(LOG_INFO,
              "the bucket can't be checked in advance: the first write will show if it is writable",
              FIELD("bucket", c->bucket->name), FIELD("reason", e->text));
    s3_call_succeed(c);
    return true;
}

struct s3_call *s3_head_bucket(struct s3_bucket *bucket, struct s3_done done)
{
    struct s3_call *c = s3_call_new(bucket, "HeadBucket", "HEAD", VIEW_NONE, done);
    c->settle = settle_head_bucket;
    s3_call_send(c);
    return c;
}
