/* SPDX-License-Identifier: MIT */
#include "services/s3_store.h"

#include "base/alloc.h"
#include "wire/text.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_PATH_SIZE (PATH_MAX / 2 + 32)

const char *const s3_kept_names[S3_KEPT_COUNT] = {
    [S3_KEPT_CONTENT_TYPE] = "Content-Type",
    [S3_KEPT_SSE] = "x-amz-server-side-encryption",
    [S3_KEPT_SSE_KMS_KEY_ID] = "x-amz-server-side-encryption-aws-kms-key-id",
    [S3_KEPT_SSE_BUCKET_KEY] = "x-amz-server-side-encryption-bucket-key-enabled",
    [S3_KEPT_CHECKSUM_SHA256] = "x-amz-checksum-sha256",
    [S3_KEPT_CHECKSUM_CRC32] = "x-amz-checksum-crc32",
    [S3_KEPT_CHECKSUM_SHA1] = "x-amz-checksum-sha1",
    [S3_KEPT_CHECKSUM_CRC64NVME] = "x-amz-checksum-crc64nvme",
    [S3_KEPT_CHECKSUM_CRC32C] = "x-amz-checksum-crc32c",
    [S3_KEPT_CONTENT_ENCODING] = "Content-Encoding",
    [S3_KEPT_CONTENT_DISPOSITION] = "Content-Disposition",
    [S3_KEPT_CACHE_CONTROL] = "Cache-Control",
};

/* Reads an object, one part after the other. */
struct object_reader {
    struct body_reader body;
    struct s3_part *parts;
    size_t part_count;
    size_t part;
    int64_t offset; /* in the part */
    int64_t left;
    int file;
    char directory[PATH_MAX / 2];
};

static void file_path(const char *directory, uint64_t file, char *out)
{
    snprintf(out, FILE_PATH_SIZE, "%s/%08" PRIu64 ".part", directory, file);
}

static void file_remove(const struct s3_store *store, uint64_t file)
{
    char path[FILE_PATH_SIZE];
    file_path(store->directory, file, path);
    unlink(path);
}

int s3_store_open(struct s3_store *store, const char *directory, struct error *error)
{
    *store = (struct s3_store){0};
    if (!directory) {
        const char *base = getenv("TMPDIR");
        snprintf(store->directory, sizeof(store->directory), "%s/iam-census-sim-XXXXXX",
                 base && *base ? base : "/tmp");
        store->temporary = true;
        if (!mkdtemp(store->directory))
            return error_set(error, ERROR_CONFIG, "cannot make the folder '%.300s'",
                             store->directory);
        return 0;
    }
    snprintf(store->directory, sizeof(store->directory), "%s", directory);
    mkdir(directory, 0700);
    if (access(directory, W_OK | X_OK) != 0)
        return error_set(error, ERROR_CONFIG, "cannot write to the folder '%.300s'", directory);
    return 0;
}

struct s3_object *s3_object_new(const char *bucket, const char *key)
{
    struct s3_object *object = xcalloc(1, sizeof(*object));
    object->bucket = xstrdup(bucket);
    object->key = xstrdup(key);
    if (!object->bucket || !object->key)
        abort();
    return object;
}

void s3_object_free(struct s3_store *store, struct s3_object *object)
{
    for (size_t i = 0; i < object->part_count; i++)
        file_remove(store, object->parts[i].file);
    for (size_t i = 0; i < S3_KEPT_COUNT; i++)
        free(object->kept[i]);
    free(object->parts);
    free(object->bucket);
    free(object->key);
    free(object);
}

void s3_object_add_part(struct s3_store *store, struct s3_object *object,
                        const struct s3_part *part)
{
    size_t place = 0;
    while (place < object->part_count && object->parts[place].number < part->number)
        place++;
    if (place < object->part_count && object->parts[place].number == part->number) {
        file_remove(store, object->parts[place].file);
    } else {
        /* The room doubles at powers of two, so that its size need not be stored. */
        size_t count = object->part_count;
        if ((count & (count - 1)) == 0)
            object->parts =
                xrealloc(object->parts, (count ? 2 * count : 1) * sizeof(*object->parts));
        memmove(&object->parts[place + 1], &object->parts[place],
                (count - place) * sizeof(*object->parts));
        object->part_count++;
    }
    object->parts[place] = *part;
}

size_t s3_store_seek(const struct s3_store *store, const char *bucket, const char *key)
{
    size_t low = 0;
    size_t high = store->object_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(store->objects[middle]->bucket, bucket);
        if (order == 0)
            order = strcmp(store->objects[middle]->key, key);
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct s3_object *s3_store_find(const struct s3_store *store, const char *bucket, const char *key)
{
    size_t place = s3_store_seek(store, bucket, key);
    if (place == store->object_count || strcmp(store->objects[place]->bucket, bucket) != 0 ||
        strcmp(store->objects[place]->key, key) != 0)
        return NULL;
    return store->objects[place];
}

int s3_store_put(struct s3_store *store, struct s3_object *object)
{
    size_t place = s3_store_seek(store, object->bucket, object->key);
    struct s3_object *before = s3_store_find(store, object->bucket, object->key);
    if (before) {
        s3_object_free(store, before);
        store->objects[place] = object;
        return 0;
    }
    if (store->object_count == S3_OBJECTS_MAX)
        return -1;
    size_t count = store->object_count;
    if (count == store->object_capacity) {
        store->object_capacity = count ? 2 * count : 64;
        store->objects = xrealloc(store->objects, store->object_capacity * sizeof(*store->objects));
    }
    memmove(&store->objects[place + 1], &store->objects[place],
            (count - place) * sizeof(*store->objects));
    store->objects[place] = object;
    store->object_count++;
    return 0;
}

void s3_store_delete(struct s3_store *store, const char *bucket, const char *key)
{
    size_t place = s3_store_seek(store, bucket, key);
    struct s3_object *object = s3_store_find(store, bucket, key);
    if (!object)
        return;
    s3_object_free(store, object);
    memmove(&store->objects[place], &store->objects[place + 1],
            (store->object_count - place - 1) * sizeof(*store->objects));
    store->object_count--;
}

int s3_store_add_multipart(struct s3_store *store, struct s3_object *object)
{
    if (store->multipart_count == S3_MULTIPARTS_MAX)
        return -1;
    store->multiparts =
        xrealloc(store->multiparts, (store->multipart_count + 1) * sizeof(*store->multiparts));
    store->multiparts[store->multipart_count++] = object;
    return 0;
}

struct s3_object *s3_store_find_multipart(const struct s3_store *store, const char *bucket,
                                          const char *key, const char *upload_id)
{
    for (size_t i = 0; i < store->multipart_count; i++) {
        struct s3_object *object = store->multiparts[i];
        if (strcmp(object->upload_id, upload_id) == 0 && strcmp(object->bucket, bucket) == 0 &&
            strcmp(object->key, key) == 0)
            return object;
    }
    return NULL;
}

void s3_store_take_multipart(struct s3_store *store, struct s3_object *object)
{
    size_t place = 0;
    while (store->multiparts[place] != object)
        place++;
    memmove(&store->multiparts[place], &store->multiparts[place + 1],
            (store->multipart_count - place - 1) * sizeof(*store->multiparts));
    store->multipart_count--;
}

void s3_store_clear(struct s3_store *store)
{
    for (size_t i = 0; i < store->object_count; i++)
        s3_object_free(store, store->objects[i]);
    for (size_t i = 0; i < store->multipart_count; i++)
        s3_object_free(store, store->multiparts[i]);
    free(store->objects);
    free(store->multiparts);
    store->objects = NULL;
    store->multiparts = NULL;
    store->object_count = 0;
    store->object_capacity = 0;
    store->multipart_count = 0;
}

void s3_store_release(struct s3_store *store)
{
    s3_store_clear(store);
    if (store->temporary)
        rmdir(store->directory);
}

static int64_t object_read(struct body_reader *body, char *out, size_t size)
{
    struct object_reader *reader = (struct object_reader *)(void *)body;
    while (reader->part < reader->part_count && reader->left > 0) {
        char path[FILE_PATH_SIZE];
        file_path(reader->directory, reader->parts[reader->part].file, path);
        if (reader->file < 0)
            reader->file = open(path, O_RDONLY | O_CLOEXEC);
        if (reader->file < 0)
            return -1;
        if ((int64_t)size > reader->left)
            size = (size_t)reader->left;
        ssize_t count = pread(reader->file, out, size, reader->offset);
        if (count < 0)
            return -1;
        reader->offset += count;
        reader->left -= count;
        if (count > 0)
            return count;
        close(reader->file);
        reader->file = -1;
        reader->offset = 0;
        reader->part++;
    }
    return 0;
}

static void object_read_free(struct body_reader *body)
{
    struct object_reader *reader = (struct object_reader *)(void *)body;
    if (reader->file >= 0)
        close(reader->file);
    free(reader->parts);
    free(reader);
}

struct body_reader *s3_store_read(const struct s3_store *store, const struct s3_object *object,
                                  int64_t offset, int64_t len)
{
    struct object_reader *reader = xcalloc(1, sizeof(*reader));
    reader->body = (struct body_reader){object_read, object_read_free};
    reader->parts = xcalloc(object->part_count, sizeof(*reader->parts));
    if (object->part_count > 0)
        memcpy(reader->parts, object->parts, object->part_count * sizeof(*reader->parts));
    reader->part_count = object->part_count;
    reader->left = len;
    reader->file = -1;
    memcpy(reader->directory, store->directory, sizeof(reader->directory));
    while (reader->part < reader->part_count && offset >= reader->parts[reader->part].size)
        offset -= reader->parts[reader->part++].size;
    reader->offset = offset;
    return &reader->body;
}
