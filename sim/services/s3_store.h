/* SPDX-License-Identifier: MIT */
/*
 * s3_store.h: the objects of all buckets. Their bytes are in files in one folder, only their
 * descriptions in memory.
 *
 * An object made by a multipart upload is a list of its parts, which are never joined into one
 * file.
 */
#ifndef SERVICES_S3_STORE_H
#define SERVICES_S3_STORE_H

#include "base/error.h"
#include "wire/digest.h"
#include "wire/reply.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define S3_OBJECTS_MAX      100000
#define S3_MULTIPARTS_MAX   10000
#define S3_PARTS_MAX        10000
#define S3_PART_BYTES_MIN   (5LL * 1024 * 1024)
#define S3_UPLOAD_BYTES_MAX (5LL * 1024 * 1024 * 1024)
#define S3_ETAG_SIZE        48
#define S3_UPLOAD_ID_SIZE   65

/* The headers that describe an object and are returned with it, in the order of s3_kept_names. */
enum s3_kept {
    S3_KEPT_CONTENT_TYPE,
    S3_KEPT_SSE,
    S3_KEPT_SSE_KMS_KEY_ID,
    S3_KEPT_SSE_BUCKET_KEY,
    S3_KEPT_CHECKSUM_SHA256,
    S3_KEPT_CHECKSUM_CRC32,
    S3_KEPT_CHECKSUM_SHA1,
    S3_KEPT_CHECKSUM_CRC64NVME,
    S3_KEPT_CHECKSUM_CRC32C,
    S3_KEPT_CONTENT_ENCODING,
    S3_KEPT_CONTENT_DISPOSITION,
    S3_KEPT_CACHE_CONTROL,
    S3_KEPT_COUNT,
};

extern const char *const s3_kept_names[S3_KEPT_COUNT];

struct s3_part {
    unsigned number;
    uint64_t file;
    int64_t size;
    int64_t modified;
    unsigned char md5[MD5_SIZE];
};

/* An object, or a multipart upload that is not complete. Owns its strings and parts. */
struct s3_object {
    char *bucket;
    char *key;
    char upload_id[S3_UPLOAD_ID_SIZE]; /* empty: the object was put in one piece */
    char etag[S3_ETAG_SIZE];           /* without quotes */
    bool complete;                     /* if true, upload_id is the upload that it was made by */
    int64_t size;
    int64_t modified;
    char *kept[S3_KEPT_COUNT];
    struct s3_part *parts; /* ascending by number */
    size_t part_count;
};

struct s3_store {
    char directory[PATH_MAX / 2];
    bool temporary; /* the folder is removed at the end */
    uint64_t next_file;
    struct s3_object **objects; /* ascending by bucket and key */
    size_t object_count;
    size_t object_capacity;
    struct s3_object **multiparts; /* in the order of their creation */
    size_t multipart_count;
};

/* A body that is being received. */
struct s3_upload;

/*
 * Opens the store in 'directory', or in a temporary folder if that is NULL. Returns 0, or -1 with
 * 'error'.
 */
int s3_store_open(struct s3_store *store, const char *directory, struct error *error);

/* Forgets all objects and removes their files. */
void s3_store_clear(struct s3_store *store);

/* The same, and removes the folder if it is temporary. */
void s3_store_release(struct s3_store *store);

/*
 * Begins to store a body; 'chunked' if it is encoded as aws-chunked. SHA-1 and CRC-32 are computed
 * only if 'rare_digests'. Returns NULL if no file can be created.
 */
struct s3_upload *s3_store_upload_new(struct s3_store *store, bool chunked, bool rare_digests);
void s3_store_upload_write(struct s3_upload *upload, const char *bytes, size_t len);

/* The result of an upload. The first call of s3_store_upload_finish computes the digests. */
struct s3_upload_result {
    int64_t size;
    unsigned char md5[MD5_SIZE];
    unsigned char sha256[SHA256_SIZE];
    unsigned char sha1[20];
    uint32_t crc32;
    bool failed; /* the disk is full, the body too long, or its chunks are malformed */
};
const struct s3_upload_result *s3_store_upload_finish(struct s3_upload *upload);

/* Turns the upload's file into a part; the upload must still be freed. */
struct s3_part s3_store_upload_keep(struct s3_upload *upload, unsigned number, int64_t modified);

/* Frees 'upload', which may be NULL, and removes its file unless that was kept. */
void s3_store_upload_free(struct s3_upload *upload);

/* Makes an object without parts. The names are copied. */
struct s3_object *s3_object_new(const char *bucket, const char *key);

/* Removes the object's files and frees it. */
void s3_object_free(struct s3_store *store, struct s3_object *object);

/*
 * Adds a part in order of its number. A part with the same number is replaced and its file removed.
 */
void s3_object_add_part(struct s3_store *store, struct s3_object *object,
                        const struct s3_part *part);

/*
 * Stores an object under its key, replacing an older one; the store owns it from then on. Returns
 * -1 if there are too many objects.
 */
int s3_store_put(struct s3_store *store, struct s3_object *object);

/* The object with this key, or NULL. */
struct s3_object *s3_store_find(const struct s3_store *store, const char *bucket, const char *key);

/* The index of the first object that is not before this key. */
size_t s3_store_seek(const struct s3_store *store, const char *bucket, const char *key);

/* Removes an object and frees it; does nothing if there is none. */
void s3_store_delete(struct s3_store *store, const char *bucket, const char *key);

/* Adds a multipart upload; the store owns it. Returns -1 if there are too many. */
int s3_store_add_multipart(struct s3_store *store, struct s3_object *object);

/* The multipart upload with this id, or NULL. */
struct s3_object *s3_store_find_multipart(const struct s3_store *store, const char *bucket,
                                          const char *key, const char *upload_id);

/* Removes a multipart upload from the store; the caller owns it afterwards. */
void s3_store_take_multipart(struct s3_store *store, struct s3_object *object);

/* Reads 'len' bytes of an object from 'offset' on. The object may be removed during that. */
struct body_reader *s3_store_read(const struct s3_store *store, const struct s3_object *object,
                                  int64_t offset, int64_t len);

#endif
