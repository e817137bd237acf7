/* SPDX-License-Identifier: MIT */
/* A body on its way to the store: it is written to a file and digested as it arrives. */
#include "services/s3_store.h"

#include "base/alloc.h"
#include "wire/text.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK_LINE_MAX 512

/* The state of the decoder of aws-chunked: chunks of "size;extension CRLF bytes CRLF". */
enum chunk_state { CHUNK_LINE, CHUNK_BYTES, CHUNK_END, CHUNK_TRAILER };

struct s3_upload {
    struct s3_store *store;
    uint64_t number;
    int file;
    bool kept;
    bool chunked;
    bool finished;
    enum chunk_state state;
    int64_t chunk_left;
    char line[CHUNK_LINE_MAX];
    size_t line_len;
    struct digest *md5;
    struct digest *sha256;
    struct digest *sha1;
    struct s3_upload_result result;
};

struct s3_upload *s3_store_upload_new(struct s3_store *store, bool chunked, bool rare_digests)
{
    char path[PATH_MAX];
    uint64_t number = store->next_file++;
    snprintf(path, sizeof(path), "%s/%08" PRIu64 ".part", store->directory, number);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        return NULL;
    struct s3_upload *upload = xcalloc(1, sizeof(*upload));
    upload->store = store;
    upload->number = number;
    upload->file = file;
    upload->chunked = chunked;
    upload->md5 = digest_new(DIGEST_MD5);
    upload->sha256 = digest_new(DIGEST_SHA256);
    if (rare_digests)
        upload->sha1 = digest_new(DIGEST_SHA1);
    return upload;
}

static void upload_take(struct s3_upload *upload, const char *bytes, size_t len)
{
    upload->result.size += (int64_t)len;
    if (upload->result.size > S3_UPLOAD_BYTES_MAX)
        upload->result.failed = true;
    if (upload->result.failed)
        return;
    digest_update(upload->md5, bytes, len);
    digest_update(upload->sha256, bytes, len);
    if (upload->sha1) {
        digest_update(upload->sha1, bytes, len);
        upload->result.crc32 = crc32_update(upload->result.crc32, bytes, len);
    }
    while (len > 0) {
        ssize_t written = write(upload->file, bytes, len);
        if (written <= 0) {
            upload->result.failed = true;
            return;
        }
        bytes += written;
        len -= (size_t)written;
    }
}

/*
 * Called at the end of the line with a chunk's size in hexadecimal. After an empty chunk comes the
 * trailer.
 */
static void upload_chunk_line(struct s3_upload *upload)
{
    char *end;
    upload->line[upload->line_len] = '\0';
    upload->line_len = 0;
    upload->chunk_left = strtoll(upload->line, &end, 16);
    if (end == upload->line || upload->chunk_left < 0)
        upload->result.failed = true;
    upload->state = upload->chunk_left == 0 ? CHUNK_TRAILER : CHUNK_BYTES;
}

static void upload_take_chunked(struct s3_upload *upload, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len && !upload->result.failed && upload->state != CHUNK_TRAILER;) {
        if (upload->state == CHUNK_BYTES) {
            size_t take = len - i;
            if ((int64_t)take > upload->chunk_left)
                take = (size_t)upload->chunk_left;
            upload_take(upload, bytes + i, take);
            upload->chunk_left -= (int64_t)take;
            i += take;
            if (upload->chunk_left == 0)
                upload->state = CHUNK_END;
        } else if (bytes[i] == '\n') {
            i++;
            if (upload->state == CHUNK_END)
                upload->state = CHUNK_LINE;
            else
                upload_chunk_line(upload);
        } else {
            if (upload->state == CHUNK_LINE && upload->line_len < CHUNK_LINE_MAX - 1)
                upload->line[upload->line_len++] = bytes[i];
            i++;
        }
    }
}

void s3_store_upload_write(struct s3_upload *upload, const char *bytes, size_t len)
{
    if (upload->chunked)
        upload_take_chunked(upload, bytes, len);
    else
        upload_take(upload, bytes, len);
}

const struct s3_upload_result *s3_store_upload_finish(struct s3_upload *upload)
{
    if (!upload->finished) {
        digest_finish(upload->md5, upload->result.md5);
        digest_finish(upload->sha256, upload->result.sha256);
        if (upload->sha1)
            digest_finish(upload->sha1, upload->result.sha1);
        if (upload->chunked && upload->state != CHUNK_TRAILER)
            upload->result.failed = true;
        upload->finished = true;
    }
    return &upload->result;
}

struct s3_part s3_store_upload_keep(struct s3_upload *upload, unsigned number, int64_t modified)
{
    const struct s3_upload_result *result = s3_store_upload_finish(upload);
    struct s3_part part = {
        .number = number, .file = upload->number, .size = result->size, .modified = modified};
    memcpy(part.md5, result->md5, sizeof(part.md5));
    upload->kept = true;
    return part;
}

void s3_store_upload_free(struct s3_upload *upload)
{
    char path[PATH_MAX];
    if (!upload)
        return;
    close(upload->file);
    snprintf(path, sizeof(path), "%s/%08" PRIu64 ".part", upload->store->directory, upload->number);
    if (!upload->kept)
        unlink(path);
    digest_free(upload->md5);
    digest_free(upload->sha256);
    digest_free(upload->sha1);
    free(upload);
}
