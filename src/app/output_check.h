/* SPDX-License-Identifier: MIT */
/*
 * output_check.h: finds out whether the output of a config could be written, and leaves nothing.
 *
 *     bucket:  CreateMultipartUpload -> AbortMultipartUpload of PREFIX + "iam-census-doctor"
 *     file:    each file's temporary part is opened, and removed
 *
 * That proves the bucket, its owner, s3:PutObject, the KMS key and the abort; or the folder.
 */
#ifndef APP_OUTPUT_CHECK_H
#define APP_OUTPUT_CHECK_H

#include "api/s3.h"
#include "app/config.h"
#include "output/sink.h"

#define OUTPUT_CHECK_NAME "iam-census-doctor"

struct output_check {
    struct loop *loop;
    const struct config *config;
    struct s3_bucket *bucket; /* borrowed; NULL: files */
    struct s3_call *call;
    struct buffer key;
    struct sink *sink;
    size_t next; /* file */
    struct loop_timer timer;
    struct error error;
    void (*done)(void *arg, const struct error *e);
    void *arg;
};

/*
 * Starts. done(arg, e) is called once, from the loop: 'e' is NULL if the output can be written. All
 * is borrowed until then.
 */
void output_check_start(struct output_check *c, struct loop *loop, const struct config *config,
                        struct s3_bucket *bucket, void (*done)(void *arg, const struct error *e),
                        void *arg);
/* Cancels what is under way, and frees. 'c' may be zero. */
void output_check_release(struct output_check *c);
/* True while something of it may be left behind: an upload, a temporary file. */
bool output_check_busy(const struct output_check *c);
/* Appends where the output goes: "s3://bucket/prefix", a path, "standard output". */
void output_check_target(const struct config *config, struct buffer *out);

#endif
