/* SPDX-License-Identifier: MIT */
/* S3 objects: PutObject, GetObject, HeadObject, DeleteObject, ListObjectsV2. */
#include "services/call.h"
#include "services/failure.h"
#include "services/s3.h"
#include "services/services.h"
#include "services/sim.h"
#include "wire/moment.h"
#include "wire/xml.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define KEYS_MAX           1000
#define STREAMING_UNSIGNED "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

void s3_upload_begin(struct call *call)
{
    const struct request *request = &call->http.request;
    const char *hash = request_header(request, "x-amz-content-sha256");
    bool streaming = hash && strncmp(hash, "STREAMING-", 10) == 0;
    if (call->action != ACTION_PUT_OBJECT && call->action != ACTION_UPLOAD_PART)
        return;
    if (request_header(request, "x-amz-copy-source") ||
        (streaming && strcmp(hash, STREAMING_UNSIGNED) != 0)) {
        failure_custom(call, 501, "NotImplemented",
                       "A header you provided implies functionality that is not implemented");
        return;
    }
    if (!request_header(request, "Content-Length") &&
        !request_header(request, "x-amz-decoded-content-length")) {
        failure_custom(call, 411, "MissingContentLength",
                       "You must provide the Content-Length HTTP header.");
        return;
    }
    bool rare = request_header(request, "x-amz-checksum-sha1") ||
                request_header(request, "x-amz-checksum-crc32");
    call->upload = s3_store_upload_new(&call->sim->store, streaming, rare);
    if (!call->upload)
        failure_answer(call, FAILURE_INTERNAL, NULL);
}

/* True if the header holds these bytes in base64, or is missing. */
static bool checksum_holds(struct call *call, const char *header, const void *bytes, size_t size)
{
    const char *given = request_header(&call->http.request, header);
    struct buffer expected = {.max = TEXT_MAX};
    if (!given)
        return true;
    base64_append(&expected, bytes, size);
    bool holds = strcmp(buffer_text(&expected), given) == 0;
    buffer_release(&expected);
    return holds;
}

static bool content_hash_holds(const struct call *call, const struct s3_upload_result *result)
{
    char hex[SHA256_HEX_SIZE];
    const char *given = request_header(&call->http.request, "x-amz-content-sha256");
    if (strcmp(given, "UNSIGNED-PAYLOAD") == 0 || strcmp(given, STREAMING_UNSIGNED) == 0)
        return true;
    hex_write(result->sha256, SHA256_SIZE, hex);
    return strcmp(given, hex) == 0;
}

static bool length_holds(const struct call *call, const struct s3_upload_result *result)
{
    const char *decoded = request_header(&call->http.request, "x-amz-decoded-content-length");
    return !decoded || strtoll(decoded, NULL, 10) == result->size;
}

bool s3_upload_check(struct call *call)
{
    const struct s3_upload_result *result = s3_store_upload_finish(call->upload);
    unsigned char crc32[4] = {(unsigned char)(result->crc32 >> 24),
                              (unsigned char)(result->crc32 >> 16),
                              (unsigned char)(result->crc32 >> 8), (unsigned char)result->crc32};
    if (result->failed || !length_holds(call, result))
        failure_custom(call, 400, "IncompleteBody",
                       "You did not provide the number of bytes specified by the Content-Length "
                       "HTTP header");
    else if (!content_hash_holds(call, result))
        failure_custom(call, 400, "XAmzContentSHA256Mismatch",
                       "The provided 'x-amz-content-sha256' header does not match what was "
                       "computed.");
    else if (!checksum_holds(call, "Content-MD5", result->md5, MD5_SIZE))
        failure_custom(call, 400, "BadDigest",
                       "The Content-MD5 you specified did not match what we received.");
    else if (!checksum_holds(call, "x-amz-checksum-sha256", result->sha256, SHA256_SIZE) ||
             !checksum_holds(call, "x-amz-checksum-sha1", result->sha1, sizeof(result->sha1)) ||
             !checksum_holds(call, "x-amz-checksum-crc32", crc32, sizeof(crc32)))
        failure_custom(call, 400, "BadDigest",
                       "The checksum you specified did not match the calculated checksum.");
    return call->http.reply.status == 0;
}

void s3_put_object(struct call *call)
{
    if (s3_check_encryption(call) != 0)
        return;
    struct s3_object *object = s3_object_new(call->bucket, call->object);
    int64_t now = sim_now(&call->sim->clock);
    struct s3_part part = s3_store_upload_keep(call->upload, 1, now);
    hex_write(part.md5, MD5_SIZE, object->etag);
    object->size = part.size;
    object->modified = now;
    object->complete = true;
    s3_object_add_part(&call->sim->store, object, &part);
    s3_keep_headers(call, object);
    s3_answer_encryption(call, object);
    call_header(call, "ETag", s3_quoted(call, object->etag));
    for (size_t i = S3_KEPT_CHECKSUM_SHA256; i <= S3_KEPT_CHECKSUM_CRC32C; i++)
        if (object->kept[i])
            call_header(call, s3_kept_names[i], text_copy(&call->http.arena, object->kept[i]));
    if (s3_store_put(&call->sim->store, object) != 0) {
        s3_object_free(&call->sim->store, object);
        failure_answer(call, FAILURE_INTERNAL, NULL);
    }
}

/*
 * Reads "bytes=A-B", "bytes=A-" or "bytes=-N". Returns 1 for a range, 0 for none, -1 for one that
 * is outside the object.
 */
static int read_range(const struct call *call, int64_t size, int64_t *first, int64_t *last)
{
    const char *range = request_header(&call->http.request, "Range");
    *first = 0;
    *last = size - 1;
    if (!range || strncmp(range, "bytes=", 6) != 0)
        return 0;
    range += 6;
    char *end;
    if (*range == '-') {
        int64_t tail = strtoll(range + 1, NULL, 10);
        *first = tail < size ? size - tail : 0;
        return 1;
    }
    *first = strtoll(range, &end, 10);
    if (*end == '-' && end[1] != '\0') {
        int64_t asked = strtoll(end + 1, NULL, 10);
        *last = asked < size - 1 ? asked : size - 1;
    }
    return *first < size && *first <= *last ? 1 : -1;
}

static void answer_object_headers(struct call *call, const struct s3_object *object, bool ranged)
{
    char modified[MOMENT_SIZE];
    const char *mode = request_header(&call->http.request, "x-amz-checksum-mode");
    call->http.reply.content_type =
        text_format(&call->http.arena, "%s", object->kept[S3_KEPT_CONTENT_TYPE]);
    call_header(call, "ETag", s3_quoted(call, object->etag));
    call_header(call, "Last-Modified",
                text_format(&call->http.arena, "%s", moment_http(object->modified, modified)));
    call_header(call, "Accept-Ranges", "bytes");
    s3_answer_encryption(call, object);
    for (size_t i = S3_KEPT_CHECKSUM_SHA256; i < S3_KEPT_COUNT; i++) {
        bool checksum = i <= S3_KEPT_CHECKSUM_CRC32C;
        if (object->kept[i] && (!checksum || (mode && !ranged)))
            call_header(call, s3_kept_names[i], text_copy(&call->http.arena, object->kept[i]));
    }
}

/* GetObject and HeadObject: the server leaves the body out if the method is HEAD. */
void s3_get_object(struct call *call)
{
    const struct s3_object *object = s3_store_find(&call->sim->store, call->bucket, call->object);
    int64_t first;
    int64_t last;
    if (!object) {
        s3_detail(call, "Key", call->object);
        failure_answer(call, FAILURE_NO_SUCH_ENTITY, NULL);
        return;
    }
    int ranged = read_range(call, object->size, &first, &last);
    if (ranged < 0) {
        failure_custom(call, 416, "InvalidRange", "The requested range is not satisfiable");
        return;
    }
    answer_object_headers(call, object, ranged > 0);
    if (ranged > 0) {
        call->http.reply.status = 206;
        call_header(call, "Content-Range",
                    text_format(&call->http.arena, "bytes %" PRId64 "-%" PRId64 "/%" PRId64, first,
                                last, object->size));
    }
    call->http.reply.reader_bytes = last - first + 1;
    call->http.reply.reader =
        s3_store_read(&call->sim->store, object, first, call->http.reply.reader_bytes);
}

void s3_delete_object(struct call *call)
{
    s3_store_delete(&call->sim->store, call->bucket, call->object);
    call->http.reply.status = 204;
}

static void write_listed_object(struct call *call, const struct s3_object *object)
{
    struct buffer *body = &call->http.reply.body;
    xml_open(body, "Contents");
    xml_string(body, "Key", s3_listed_key(call, object->key));
    xml_moment(body, "LastModified", object->modified);
    xml_string(body, "ETag", s3_quoted(call, object->etag));
    xml_number(body, "Size", object->size);
    xml_string(body, "StorageClass", "STANDARD");
    xml_close(body, "Contents");
}

/*
 * The key up to and including its first delimiter after the prefix, in the arena; NULL if there is
 * none.
 */
static const char *common_prefix(struct call *call, const char *key, const char *prefix,
                                 const char *delimiter)
{
    const char *found = *delimiter ? strstr(key + strlen(prefix), delimiter) : NULL;
    if (!found)
        return NULL;
    return text_copy_len(&call->http.arena, key, (size_t)(found - key) + strlen(delimiter));
}

/*
 * Where a listing continues: after this key, or after all keys with this common prefix. NULL after
 * making the reply.
 */
static const char *list_start(struct call *call)
{
    const char *token = call_parameter(call, "continuation-token");
    const char *after = call_parameter(call, "start-after");
    struct buffer decoded = {.max = TEXT_MAX};
    if (!token)
        return after ? after : "";
    if (base64_decode(&decoded, token, strlen(token)) != 0) {
        buffer_release(&decoded);
        failure_answer(call, FAILURE_VALIDATION, "The continuation token provided is incorrect");
        return NULL;
    }
    const char *start = text_copy_len(&call->http.arena, buffer_text(&decoded), decoded.len);
    buffer_release(&decoded);
    return start;
}

/* Writes the objects and common prefixes; returns the last key or prefix written. */
static const char *list_contents(struct call *call, const char *start, size_t most, size_t *count,
                                 bool *more)
{
    const struct s3_store *store = &call->sim->store;
    const char *prefix = call_parameter(call, "prefix");
    const char *delimiter = call_parameter(call, "delimiter");
    const char *last = start;
    prefix = prefix ? prefix : "";
    size_t place = s3_store_seek(store, call->bucket, strcmp(start, prefix) > 0 ? start : prefix);
    for (; place < store->object_count; place++) {
        const struct s3_object *object = store->objects[place];
        if (strcmp(object->bucket, call->bucket) != 0 ||
            strncmp(object->key, prefix, strlen(prefix)) != 0)
            break;
        const char *common = common_prefix(call, object->key, prefix, delimiter ? delimiter : "");
        const char *counted = common ? common : object->key;
        if (strcmp(counted, last) <= 0 && *last)
            continue;
        *more = *count == most;
        if (*more)
            break;
        if (common)
            buffer_addf(&call->http.reply.body,
                        "<CommonPrefixes><Prefix>%s</Prefix></CommonPrefixes>",
                        s3_listed_key(call, common));
        else
            write_listed_object(call, object);
        last = counted;
        (*count)++;
    }
    return last;
}

void s3_list_objects_v2(struct call *call)
{
    struct buffer *body = &call->http.reply.body;
    const char *start = list_start(call);
    const char *prefix = call_parameter(call, "prefix");
    size_t most = s3_number(call, "max-keys", KEYS_MAX, KEYS_MAX);
    size_t count = 0;
    bool more = false;
    if (!start)
        return;
    s3_begin(call, "ListBucketResult");
    xml_string(body, "Name", call->bucket);
    xml_string(body, "Prefix", s3_listed_key(call, prefix ? prefix : ""));
    xml_string(body, "Delimiter", call_parameter(call, "delimiter"));
    xml_string(body, "EncodingType", call_parameter(call, "encoding-type"));
    xml_number(body, "MaxKeys", (int64_t)most);
    const char *last = list_contents(call, start, most, &count, &more);
    xml_number(body, "KeyCount", (int64_t)count);
    xml_bool(body, "IsTruncated", more);
    if (more) {
        struct buffer token = {.max = TEXT_MAX};
        base64_append(&token, last, strlen(last));
        xml_string(body, "NextContinuationToken", buffer_text(&token));
        buffer_release(&token);
    }
    xml_close(body, "ListBucketResult");
}
