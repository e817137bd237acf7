/* SPDX-License-Identifier: MIT */
/*
 * sink_s3.h: an object in S3 as a sink: one PutObject, or a multipart upload if it is large.
 *
 * Memory: at most SINK_S3_PARTS_IN_FLIGHT + 1 parts, whatever the size of the output. The object
 * appears only when it is complete; a multipart upload that fails is aborted.
 */
#ifndef OUTPUT_SINK_S3_H
#define OUTPUT_SINK_S3_H

#include "api/s3.h"
#include "output/sink.h"

#define SINK_S3_PARTS_IN_FLIGHT 2

/*
 * Makes a sink for 'key' in 'bucket' (borrowed until the sink is freed); 'content_type' is a static
 * string. Never returns NULL. An object smaller than one part (5 MiB) is put in one request.
 */
struct sink *sink_s3_new(struct loop *loop, struct s3_bucket *bucket, struct view key,
                         const char *content_type);

#endif
