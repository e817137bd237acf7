/* SPDX-License-Identifier: MIT */
/* CompleteMultipartUpload: the list of parts, and the object that they become. */
#include "services/call.h"

#include "base/alloc.h"
#include "services/failure.h"
#include "services/s3.h"
#include "services/services.h"
#include "services/sim.h"
#include "wire/xml.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The text of an element between two places in the XML, or NULL. */
static const char *element_within(const char *from, const char *to, const char *name, size_t *len)
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
    *len = (size_t)(end - begin);
    return begin;
}

/* Copies an ETag without the quotes that clients put around it, escaped or not. */
static void copy_etag(const char *text, size_t len, char *etag)
{
    size_t written = 0;
    for (size_t i = 0; i < len && written < S3_ETAG_SIZE - 1; i++) {
        if (text[i] == '&') {
            while (i < len && text[i] != ';')
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

/*
 * Compares a listed part with the uploaded one. Returns the uploaded one, or NULL after making the
 * reply.
 */
static struct s3_part *check_part(struct call *call, struct s3_object *upload, const char *from,
                                  const char *to, unsigned before)
{
    size_t number_len = 0;
    size_t etag_len = 0;
    char given[S3_ETAG_SIZE];
    char actual[S3_ETAG_SIZE];
    const char *number = element_within(from, to, "PartNumber", &number_len);
    const char *etag = element_within(from, to, "ETag", &etag_len);
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
    copy_etag(etag, etag_len, given);
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

/* Reads the list of parts into an array. Returns their count, or 0 after making the reply. */
static size_t read_parts(struct call *call, struct s3_object *upload, struct s3_part *parts)
{
    const char *at = buffer_text(&call->http.request.body);
    size_t count = 0;
    unsigned before = 0;
    while ((at = strstr(at, "<Part>")) != NULL && count < S3_PARTS_MAX) {
        const char *end = strstr(at, "</Part>");
        struct s3_part *part = end ? check_part(call, upload, at, end, before) : NULL;
        if (count > 0 && part && parts[count - 1].size < S3_PART_BYTES_MIN) {
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
    struct buffer *body = &call->http.reply.body;
    const char *host = request_header(&call->http.request, "Host");
    s3_answer_encryption(call, object);
    s3_begin(call, "CompleteMultipartUploadResult");
    xml_string(body, "Location",
               text_format(&call->http.arena, "http://%.200s/%.63s/%.600s", host ? host : "",
                           call->bucket, call->object));
    xml_string(body, "Bucket", call->bucket);
    xml_string(body, "Key", call->object);
    xml_string(body, "ETag", s3_quoted(call, object->etag));
    xml_close(body, "CompleteMultipartUploadResult");
}

/* Keeps only the listed parts, and turns the upload into the object. */
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
        /* The part's file belongs to the object now: the upload must not remove it. */
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
    object->modified = sim_now(&call->sim->clock);
    object->complete = true;
    s3_object_free(&call->sim->store, upload);
    if (s3_store_put(&call->sim->store, object) != 0) {
        s3_object_free(&call->sim->store, object);
        failure_answer(call, FAILURE_INTERNAL, NULL);
        return;
    }
    answer_completed(call, object);
}

struct s3_object *s3_completed_upload(struct call *call)
{
    const struct bucket_rule *rule = scenario_bucket(&call->sim->faults.scenario, call->bucket);
    const char *id = call_parameter(call, "uploadId");
    struct s3_object *done = s3_store_find(&call->sim->store, call->bucket, call->object);
    if (!done || !id || !*id || strcmp(done->upload_id, id) != 0)
        return NULL;
    return rule && rule->forgets_completed ? NULL : done;
}

/*
 * If the same completion is repeated, it gets the same answer. One with other parts gets
 * NoSuchUpload, as does any once the object has been overwritten. This was seen at AWS
 * (github.com/radkawar/stackd, testdata/aws/s3/multipart_completion_replay.json). It is not known
 * how long AWS remembers; a bucket of the scenario may forget at once.
 */
static void repeat_completion(struct call *call, struct s3_object *done)
{
    struct s3_part *parts = xcalloc(S3_PARTS_MAX, sizeof(*parts));
    size_t count = read_parts(call, done, parts);
    free(parts);
    if (count == done->part_count) {
        answer_completed(call, done);
    } else if (count > 0 || strcmp(call->http.reply.outcome, "MalformedXML") != 0) {
        s3_detail(call, "UploadId", done->upload_id);
        failure_answer(call, FAILURE_NO_SUCH_UPLOAD, NULL);
    }
}

void s3_complete_multipart_upload(struct call *call)
{
    struct s3_object *done = s3_completed_upload(call);
    if (done) {
        repeat_completion(call, done);
        return;
    }
    struct s3_object *upload = s3_find_upload(call);
    if (!upload)
        return;
    struct s3_part *parts = xcalloc(S3_PARTS_MAX, sizeof(*parts));
    size_t count = read_parts(call, upload, parts);
    if (count > 0)
        complete_upload(call, upload, parts, count);
    free(parts);
}
