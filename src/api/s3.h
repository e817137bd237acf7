/* SPDX-License-Identifier: MIT */
/*
 * s3.h: the operations of Amazon S3 that write, read and delete objects of a bucket, and examine
 * them.
 *
 * Source: Amazon S3 API Reference, version 2006-03-01. A bucket knows its region: the first
 * response that says that it is in another region corrects that, and the call is sent again there.
 * If such a response does not name the region, HeadBucket is asked. A region of another partition
 * is an error (ERROR_CONFIG).
 */
#ifndef API_S3_H
#define API_S3_H

#include "aws/call.h"
#include "base/buffer.h"

#define S3_PART_MIN_BYTES ((size_t)5 * 1024 * 1024) /* of every part but the last */
#define S3_PARTS_MAX      10000
#define S3_KEY_MAX_BYTES  1024
#define S3_ETAG_SIZE      128
#define S3_UPLOAD_ID_SIZE 1024
#define S3_CHECKSUM_SIZE  48 /* of a SHA-256 in base64 */

struct s3_bucket_options {
    struct view name;
    /* Region, override, FIPS, dual stack; views are borrowed for the call. */
    struct endpoint_query endpoint;
    struct view expected_owner; /* 12 digits, or VIEW_NONE */
    struct view sse;            /* "aws:kms", ...; VIEW_NONE: the bucket's default encryption */
    struct view sse_kms_key_id; /* or VIEW_NONE */
    bool no_checksums; /* leave out the checksums of bodies: no operation here demands them */
};

struct s3_bucket;

/*
 * A bucket that is written with 'credentials' (both borrowed). NULL and 'e' if the endpoint can't
 * be resolved.
 */
struct s3_bucket *s3_bucket_new(struct aws_client *client, struct credentials_cache *credentials,
                                const struct s3_bucket_options *options, struct error *e);
/* Frees it; its calls must have ended. 'bucket' may be NULL. */
void s3_bucket_free(struct s3_bucket *bucket);

struct s3_answer {
    const char *etag;            /* PutObject, UploadPart, HeadObject; "" elsewhere */
    const char *upload_id;       /* CreateMultipartUpload; "" elsewhere */
    const char *checksum_sha256; /* HeadObject, after one PutObject, if S3 keeps it; or "" */
    int64_t length;              /* HeadObject: in bytes; -1 if S3 did not say */
};

struct s3_part {
    char etag[S3_ETAG_SIZE];
    char checksum_sha256[S3_CHECKSUM_SIZE];
};

struct s3_call; /* an operation under way */

/* Called once, never from within the start; on success 'e' is NULL and the answer borrowed. */
struct s3_done {
    void (*fn)(void *arg, const struct s3_answer *answer, const struct error *e);
    void *arg;
};

/*
 * The operations. 'key' and 'upload_id' are copied, 'body' is borrowed until done. Bodies carry
 * their SHA-256 as x-amz-checksum-sha256, so that S3 checks what it stored.
 */
struct s3_call *s3_put_object(struct s3_bucket *bucket, struct view key, const char *content_type,
                              struct view body, struct s3_done done);
struct s3_call *s3_create_multipart_upload(struct s3_bucket *bucket, struct view key,
                                           const char *content_type, struct s3_done done);
/*
 * 'number' counts from 1; '*part' (borrowed until done) gets what s3_complete_multipart_upload
 * needs.
 */
struct s3_call *s3_upload_part(struct s3_bucket *bucket, struct view key, const char *upload_id,
                               unsigned number, struct view body, struct s3_part *part,
                               struct s3_done done);
/* 'parts' (borrowed for this call) in the order of their numbers, from 1. */
struct s3_call *s3_complete_multipart_upload(struct s3_bucket *bucket, struct view key,
                                             const char *upload_id, const struct s3_part *parts,
                                             unsigned count, struct s3_done done);
struct s3_call *s3_abort_multipart_upload(struct s3_bucket *bucket, struct view key,
                                          const char *upload_id, struct s3_done done);
/*
 * GetObject: at most 'len' bytes from 'start' on are appended to 'out' (borrowed until done); none
 * if the object ends before 'start'. If there is no such object, the error has the code NoSuchKey.
 */
struct s3_call *s3_get_object(struct s3_bucket *bucket, struct view key, uint64_t start, size_t len,
                              struct buffer *out, struct s3_done done);
/*
 * HeadObject: ETag, length and checksum of the object. If there is no such object, the error has
 * the code NoSuchKey, or AccessDenied if the caller may not list the bucket.
 */
struct s3_call *s3_head_object(struct s3_bucket *bucket, struct view key, struct s3_done done);
/*
 * HeadBucket, to find out before any work is done that nothing can be written: an error means that
 * the bucket does not exist, is not the expected owner's, is in another partition, or that S3 can't
 * be reached. If S3 just refuses this call, that is not an error.
 */
struct s3_call *s3_head_bucket(struct s3_bucket *bucket, struct s3_done done);
/* DeleteObject. It is not an error if there is no such object. */
struct s3_call *s3_delete_object(struct s3_bucket *bucket, struct view key, struct s3_done done);
/* The SHA-256 of 'body' in base64, as S3 writes it. */
void s3_checksum(struct view body, char out[S3_CHECKSUM_SIZE]);
/* Ends an operation without calling back. 'call' may be NULL. */
void s3_cancel(struct s3_call *call);

#endif
