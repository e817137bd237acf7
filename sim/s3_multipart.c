/* S3 multipart uploads: begun, filled part by part, completed or aborted. */
#include "call.h"
#include "failure.h"
#include "moment.h"
#include "random.h"
#include "s3.h"
#include "services.h"
#include "sim.h"
#include "xml.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LISTED_PARTS_MOST   1000
#define LISTED_UPLOADS_MOST 1000

/* The upload that uploadId names, or NULL with the call's reply made. */
static struct s3_object *find_upload(struct call *call)
{
    const char *id = call_parameter(call, "uploadId");
    struct s3_object *upload =
        s3_store_find_multipart(&call->sim->store, call->bucket, call->object, id ? id : "");
    if (!upload)
        failure_answer(call, FAILURE_NO_SUCH_UPLOAD, NULL);
    return upload;
}

void s3_create_multipart_upload(struct call *call)
{
    struct text *body = &call->reply.body;
    struct s3_object *upload = s3_object_new(call->bucket, call->object);
    uint64_t number = random_mix(call->sim->options.seed, call->sim->request_count);
    snprintf(upload->upload_id, sizeof(upload->upload_id), "sim%016llx%016llx%016llx",
             (unsigned long long)number, (unsigned long long)random_mix(number, 1),
             (unsigned long long)random_mix(number, 2));
    upload->modified = sim_now(call->sim);
    s3_keep_headers(call, upload);
    if (s3_store_add_multipart(&call->sim->store, upload) != 0) {
        s3_object_free(&call->sim->store, upload);
        failure_answer(call, FAILURE_INTERNAL, NULL);
        return;
    }
    s3_answer_encryption(call, upload);
    s3_begin(call, "InitiateMultipartUploadResult");
    xml_string(body, "Bucket", call->bucket);
    xml_string(body, "Key", call->object);
    xml_string(body, "UploadId", upload->upload_id);
    xml_close(body, "InitiateMultipartUploadResult");
}

void s3_upload_part(struct call *call)
{
    size_t number = s3_number(call, "partNumber", 0, S3_PARTS_MOST + 1);
    char etag[S3_ETAG_SIZE];
    if (number < 1 || number > S3_PARTS_MOST) {
        failure_answer(call, FAILURE_VALIDATION,
                       "Part number must be an integer between 1 and 10000, inclusive");
        return;
    }
    struct s3_object *upload = find_upload(call);
    if (!upload)
        return;
    struct s3_part part = s3_store_upload_keep(call->upload, (unsigned)number, sim_now(call->sim));
    s3_object_add_part(&call->sim->store, upload, &part);
    hex_write(part.md5, MD5_SIZE, etag);
    s3_answer_encryption(call, upload);
    call_header(call, "ETag", s3_quoted(call, etag));
    for (size_t i = S3_KEPT_CHECKSUM_SHA256; i <= S3_KEPT_CHECKSUM_CRC32C; i++)
        call_header(call, s3_kept_names[i], request_header(&call->request, s3_kept_names[i]));
}

/* The text within an element between two places of the XML, or NULL. */
static const char *element_within(const char *from, const char *to, const char *name,
                                  size_t *length)
{
    char open[32];
    char close[32];
    snprintf(open, sizeof(open), "<%s>", name);
    snprintf(close, sizeof(close), "</%s>", name);
    const char *begin = strstr(from, open);
    const char *end = begin ? strstr(begin, close) : NULL;
    if (!end || end > to)
        return NULL;
    begin += strlen(open);
    *length = (size_t)(end - begin);
    return begin;
}

/* Copies an ETag without the quotes that clients put around it, escaped or not. */
static void copy_etag(const char *text, size_t length, char *etag)
{
    size_t written = 0;
    for (size_t i = 0; i < length && written < S3_ETAG_SIZE - 1; i++) {
        if (text[i] == '&') {
            while (i < length && text[i] != ';')
                i++;
            continue;
        }
        if (isxdigit((unsigned char)text[i]) || text[i] == '-')
            etag[written++] = text[i];
    }
    etag[written] = '\0';
}

static struct s3_part *find_part(struct s3_object *upload, unsigned number)
{
    for (size_t i = 0; i < upload->part_count; i++)
        if (upload->parts[i].number == number)
            return &upload->parts[i];
    return NULL;
}

/* Checks one listed part against what was uploaded. Returns it, or NULL with the reply made. */
static struct s3_part *check_part(struct call *call, struct s3_object *upload, const char *from,
                                  const char *to, unsigned before)
{
    size_t number_length = 0;
    size_t etag_length = 0;
    char given[S3_ETAG_SIZE];
    char actual[S3_ETAG_SIZE];
    const char *number = element_within(from, to, "PartNumber", &number_length);
    const char *etag = element_within(from, to, "ETag", &etag_length);
    if (!number || !etag) {
        failure_custom(call, 400, "MalformedXML",
                       "The XML you provided was not well-formed or did not validate against our "
                       "published schema");
        return NULL;
    }
    unsigned wanted = (unsigned)strtoul(number, NULL, 10);
    if (wanted <= before) {
        failure_custom(call, 400, "InvalidPartOrder",
                       "The list of parts was not in ascending order. Parts must be ordered by "
                       "part number.");
        return NULL;
    }
    struct s3_part *part = find_part(upload, wanted);
    copy_etag(etag, etag_length, given);
    if (part)
        hex_write(part->md5, MD5_SIZE, actual);
    if (!part || strcmp(given, actual) != 0) {
        failure_custom(call, 400, "InvalidPart",
                       "One or more of the specified parts could not be found. The part may not "
                       "have been uploaded, or the specified entity tag may not match the part's "
                       "entity tag.");
        return NULL;
    }
    return part;
}

/* Reads the list of parts into an array. Returns their count, or 0 with the reply made. */
static size_t read_parts(struct call *call, struct s3_object *upload, struct s3_part *parts)
{
    const char *at = text_string(&call->request.body);
    size_t count = 0;
    unsigned before = 0;
    while ((at = strstr(at, "<Part>")) != NULL && count < S3_PARTS_MOST) {
        const char *end = strstr(at, "</Part>");
        struct s3_part *part = end ? check_part(call, upload, at, end, before) : NULL;
        if (count > 0 && part && parts[count - 1].size < S3_PART_BYTES_LEAST) {
            failure_custom(call, 400, "EntityTooSmall",
                           "Your proposed upload is smaller than the minimum allowed size");
            return 0;
        }
        if (!part) {
            if (end)
                return 0;
            break;
        }
        parts[count++] = *part;
        before = part->number;
        at = end;
    }
    if (count == 0)
        failure_custom(call, 400, "MalformedXML",
                       "The XML you provided was not well-formed or did not validate against our "
                       "published schema");
    return count;
}

static void answer_completed(struct call *call, const struct s3_object *object)
{
    struct text *body = &call->reply.body;
    const char *host = request_header(&call->request, "Host");
    s3_answer_encryption(call, object);
    s3_begin(call, "CompleteMultipartUploadResult");
    xml_string(body, "Location",
               arena_printf(&call->arena, "http://%.200s/%.63s/%.600s", host ? host : "",
                            call->bucket, call->object));
    xml_string(body, "Bucket", call->bucket);
    xml_string(body, "Key", call->object);
    xml_string(body, "ETag", s3_quoted(call, object->etag));
    xml_close(body, "CompleteMultipartUploadResult");
}

/* Keeps the listed parts alone, and makes the upload the object. */
static void complete_upload(struct call *call, struct s3_object *upload, struct s3_part *parts,
                            size_t count)
{
    struct digest *digest = digest_new(DIGEST_MD5);
    unsigned char md5[MD5_SIZE];
    s3_store_take_multipart(&call->sim->store, upload);
    struct s3_object *object = s3_object_new(upload->bucket, upload->key);
    for (size_t i = 0; i < count; i++) {
        digest_update(digest, parts[i].md5, MD5_SIZE);
        s3_object_add_part(&call->sim->store, object, &parts[i]);
        object->size += parts[i].size;
        /* The file belongs to the object now: the upload must not take it along. */
        struct s3_part *left = find_part(upload, parts[i].number);
        *left = upload->parts[--upload->part_count];
    }
    digest_finish(digest, md5);
    digest_free(digest);
    hex_write(md5, MD5_SIZE, object->etag);
    snprintf(object->etag + 2 * MD5_SIZE, S3_ETAG_SIZE - 2 * MD5_SIZE, "-%zu", count);
    memcpy(object->upload_id, upload->upload_id, sizeof(object->upload_id));
    memcpy(object->kept, upload->kept, sizeof(object->kept));
    memset(upload->kept, 0, sizeof(upload->kept));
    object->modified = sim_now(call->sim);
    object->complete = true;
    s3_object_free(&call->sim->store, upload);
    if (s3_store_put(&call->sim->store, object) != 0) {
        s3_object_free(&call->sim->store, object);
        failure_answer(call, FAILURE_INTERNAL, NULL);
        return;
    }
    answer_completed(call, object);
}

void s3_complete_multipart_upload(struct call *call)
{
    const struct s3_object *done = s3_store_find(&call->sim->store, call->bucket, call->object);
    const char *id = call_parameter(call, "uploadId");
    /* A client that did not see the first answer asks again, and gets it again. */
    if (done && id && *id && strcmp(done->upload_id, id) == 0) {
        answer_completed(call, done);
        return;
    }
    struct s3_object *upload = find_upload(call);
    if (!upload)
        return;
    struct s3_part *parts = memory_zeroed(S3_PARTS_MOST, sizeof(*parts));
    size_t count = read_parts(call, upload, parts);
    if (count > 0)
        complete_upload(call, upload, parts, count);
    free(parts);
}

void s3_abort_multipart_upload(struct call *call)
{
    struct s3_object *upload = find_upload(call);
    if (!upload)
        return;
    s3_store_take_multipart(&call->sim->store, upload);
    s3_object_free(&call->sim->store, upload);
    call->reply.status = 204;
}

void s3_list_parts(struct call *call)
{
    struct text *body = &call->reply.body;
    struct s3_object *upload = find_upload(call);
    size_t most = s3_number(call, "max-parts", LISTED_PARTS_MOST, LISTED_PARTS_MOST);
    size_t marker = s3_number(call, "part-number-marker", 0, S3_PARTS_MOST);
    size_t count = 0;
    bool more = false;
    if (!upload)
        return;
    s3_begin(call, "ListPartsResult");
    xml_string(body, "Bucket", call->bucket);
    xml_string(body, "Key", call->object);
    xml_string(body, "UploadId", upload->upload_id);
    xml_string(body, "StorageClass", "STANDARD");
    xml_number(body, "PartNumberMarker", (int64_t)marker);
    xml_number(body, "MaxParts", (int64_t)most);
    for (size_t i = 0; i < upload->part_count; i++) {
        char etag[S3_ETAG_SIZE];
        const struct s3_part *part = &upload->parts[i];
        if (part->number <= marker)
            continue;
        more = count == most;
        if (more)
            break;
        hex_write(part->md5, MD5_SIZE, etag);
        xml_open(body, "Part");
        xml_number(body, "PartNumber", part->number);
        xml_moment(body, "LastModified", part->modified);
        xml_string(body, "ETag", s3_quoted(call, etag));
        xml_number(body, "Size", part->size);
        xml_close(body, "Part");
        marker = part->number;
        count++;
    }
    xml_number(body, "NextPartNumberMarker", (int64_t)marker);
    xml_bool(body, "IsTruncated", more);
    xml_close(body, "ListPartsResult");
}

void s3_list_multipart_uploads(struct call *call)
{
    struct text *body = &call->reply.body;
    const char *prefix = call_parameter(call, "prefix");
    s3_begin(call, "ListMultipartUploadsResult");
    xml_string(body, "Bucket", call->bucket);
    xml_string(body, "KeyMarker", "");
    xml_string(body, "UploadIdMarker", "");
    xml_number(body, "MaxUploads", LISTED_UPLOADS_MOST);
    xml_bool(body, "IsTruncated", false);
    for (size_t i = 0; i < call->sim->store.multipart_count; i++) {
        const struct s3_object *upload = call->sim->store.multiparts[i];
        if (strcmp(upload->bucket, call->bucket) != 0 ||
            (prefix && strncmp(upload->key, prefix, strlen(prefix)) != 0))
            continue;
        xml_open(body, "Upload");
        xml_string(body, "Key", s3_listed_key(call, upload->key));
        xml_string(body, "UploadId", upload->upload_id);
        xml_string(body, "StorageClass", "STANDARD");
        xml_moment(body, "Initiated", upload->modified);
        xml_close(body, "Upload");
    }
    xml_close(body, "ListMultipartUploadsResult");
}
