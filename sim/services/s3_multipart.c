/* SPDX-License-Identifier: MIT */
/* S3 multipart uploads: creating, parts, aborting, and listing. (Completing: s3_completion.c.) */
#include "services/call.h"
#include "services/failure.h"
#include "services/s3.h"
#include "services/services.h"
#include "services/sim.h"
#include "wire/moment.h"
#include "wire/xml.h"
#include "world/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LISTED_PARTS_MAX   1000
#define LISTED_UPLOADS_MAX 1000

struct s3_object *s3_find_upload(struct call *call)
{
    const char *id = call_parameter(call, "uploadId");
    struct s3_object *upload =
        s3_store_find_multipart(&call->sim->store, call->bucket, call->object, id ? id : "");
    if (!upload) {
        s3_detail(call, "UploadId", id);
        failure_answer(call, FAILURE_NO_SUCH_UPLOAD, NULL);
    }
    return upload;
}

void s3_create_multipart_upload(struct call *call)
{
    struct buffer *body = &call->http.reply.body;
    if (s3_check_encryption(call) != 0)
        return;
    struct s3_object *upload = s3_object_new(call->bucket, call->object);
    uint64_t number = random_mix(call->sim->seed, call->sim->request_count);
    snprintf(upload->upload_id, sizeof(upload->upload_id), "sim%016llx%016llx%016llx",
             (unsigned long long)number, (unsigned long long)random_mix(number, 1),
             (unsigned long long)random_mix(number, 2));
    upload->modified = sim_now(&call->sim->clock);
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
    size_t number = s3_number(call, "partNumber", 0, S3_PARTS_MAX + 1);
    char etag[S3_ETAG_SIZE];
    if (number < 1 || number > S3_PARTS_MAX) {
        failure_answer(call, FAILURE_VALIDATION,
                       "Part number must be an integer between 1 and 10000, inclusive");
        return;
    }
    struct s3_object *upload = s3_find_upload(call);
    if (!upload)
        return;
    struct s3_part part =
        s3_store_upload_keep(call->upload, (unsigned)number, sim_now(&call->sim->clock));
    s3_object_add_part(&call->sim->store, upload, &part);
    hex_write(part.md5, MD5_SIZE, etag);
    s3_answer_encryption(call, upload);
    call_header(call, "ETag", s3_quoted(call, etag));
    for (size_t i = S3_KEPT_CHECKSUM_SHA256; i <= S3_KEPT_CHECKSUM_CRC32C; i++)
        call_header(call, s3_kept_names[i], request_header(&call->http.request, s3_kept_names[i]));
}

void s3_abort_multipart_upload(struct call *call)
{
    /*
     * Aborting a completed upload changes nothing and is not an error. This was seen at AWS: see
     * s3_completion.c.
     */
    if (s3_completed_upload(call)) {
        call->http.reply.status = 204;
        return;
    }
    struct s3_object *upload = s3_find_upload(call);
    if (!upload)
        return;
    s3_store_take_multipart(&call->sim->store, upload);
    s3_object_free(&call->sim->store, upload);
    call->http.reply.status = 204;
}

void s3_list_parts(struct call *call)
{
    struct buffer *body = &call->http.reply.body;
    struct s3_object *upload = s3_find_upload(call);
    size_t most = s3_number(call, "max-parts", LISTED_PARTS_MAX, LISTED_PARTS_MAX);
    size_t marker = s3_number(call, "part-number-marker", 0, S3_PARTS_MAX);
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
    struct buffer *body = &call->http.reply.body;
    const char *prefix = call_parameter(call, "prefix");
    s3_begin(call, "ListMultipartUploadsResult");
    xml_string(body, "Bucket", call->bucket);
    xml_string(body, "KeyMarker", "");
    xml_string(body, "UploadIdMarker", "");
    xml_number(body, "MaxUploads", LISTED_UPLOADS_MAX);
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
