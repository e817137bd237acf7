/* SPDX-License-Identifier: MIT */
/*
 * s3_call.h: one operation of S3 under way, and the bucket that it is about. Private to s3.c,
 * s3_call.c and s3_bucket.c.
 */
#ifndef API_S3_CALL_H
#define API_S3_CALL_H

#include "api/s3.h"
#include "aws/xml.h"

#define S3_HEADERS_MAX 8
#define S3_REGION_SIZE 32

struct partition;

struct s3_bucket {
    struct aws_client *client;
    struct credentials_cache *credentials;
    char *name, *override, *expected_owner, *sse, *sse_kms_key_id;
    bool no_checksums;
    struct endpoint_query where;       /* its override is 'override' */
    const struct partition *partition; /* the one that the credentials belong to */
    struct endpoint endpoint;
    bool path_style;
};

/* What the body of a success may hold: responses of status 200 may carry an error too. */
struct s3_body {
    struct service_error told;
    struct view upload_id, etag;
};

struct s3_call {
    struct aws_call call;
    struct s3_bucket *bucket;
    const char *operation, *method;
    char *key; /* NULL: the operation is about the bucket */
    struct buffer path, query;
    struct view body;
    struct buffer own_body; /* if the body is ours */
    struct aws_header headers[S3_HEADERS_MAX];
    size_t header_count;
    char checksum[S3_CHECKSUM_SIZE];     /* of the body, in base64; or "" */
    char body_hash[SIGV4_HASH_HEX_SIZE]; /* the same in hex, for signing */
    struct s3_part *part;
    struct buffer *out; /* where a body that is not XML goes */
    size_t out_start;   /* its length before this call */
    char range[64];
    struct s3_done done;
    bool stores;    /* a success names the ETag of the body in a header */
    bool completes; /* a success names the object's ETag in its body */
    /*
     * If set, gets the outcome first ('e' is NULL on success). Returns true if it has dealt with
     * it: the call then belongs to it.
     */
    bool (*settle)(struct s3_call *c, const struct error *e);

    char signed_region[S3_REGION_SIZE];
    bool moved;                 /* it was sent to another region already */
    struct s3_call *asking;     /* HeadBucket under way, to find the region */
    struct error before_asking; /* the error to report if that does not help */

    /* Of the last response: */
    bool begun; /* anything but white space has come */
    struct xml_reader *reader;
    struct arena arena;
    struct s3_body answer;
    char etag[S3_ETAG_SIZE];
    char upload_id[S3_UPLOAD_ID_SIZE];
    char stored_checksum[S3_CHECKSUM_SIZE];
    int64_t length;              /* Content-Length; -1: there was none */
    bool elsewhere;              /* the bucket is in another region */
    char region[S3_REGION_SIZE]; /* the one that the response names, or "" */
};

/* A call that is not sent yet. If 'key' is VIEW_NONE it is about the bucket. */
struct s3_call *s3_call_new(struct s3_bucket *bucket, const char *operation, const char *method,
                            struct view key, struct s3_done done);
/* Adds a header, unless 'value' is NULL. 'value' is borrowed until done. */
void s3_call_add_header(struct s3_call *c, const char *name, const char *value);
/* Sends it. 'settle' may do so once more. */
void s3_call_send(struct s3_call *c);
/* Report success, or an error that needs no more explanation, to the caller, and free the call. */
void s3_call_succeed(struct s3_call *c);
void s3_call_fail(struct s3_call *c, const struct error *e);
/* HeadBucket, whose response is final: it is not sent to another region. */
struct s3_call *s3_ask_bucket(struct s3_bucket *bucket, struct s3_done done);

/* Notes in 'c' whether a refusal says that the bucket is in another region, and in which. */
void s3_note_region(struct s3_call *c, const struct http_response *response,
                    const struct service_error *told);
/*
 * From here on the bucket is called in 'region'. -1 with ERROR_CONFIG if that is in another
 * partition, which never gets to see the credentials of this one; with ERROR_PROTOCOL if it can't
 * be a region.
 */
int s3_bucket_move(struct s3_bucket *bucket, struct view region, struct error *e) MUST_CHECK;

#endif
