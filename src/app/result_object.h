/* SPDX-License-Identifier: MIT */
/*
 * result_object.h: puts the result document beside an output in S3, as NAME.result.json, once the
 * output exists. A rule on the bucket can make a message of it.
 */
#ifndef APP_RESULT_OBJECT_H
#define APP_RESULT_OBJECT_H

#include "api/s3.h"
#include "app/result.h"
#include "net/loop.h"

/* All zero: nothing is under way. */
struct result_object {
    struct loop *loop;
    struct loop_timer timer;
    struct s3_call *call;
    struct buffer key, body;
    void (*done)(void *arg);
    void *arg;
};

struct result_object_options {
    struct loop *loop; /* borrowed until the end, as the bucket */
    struct s3_bucket *bucket;
    const char *output_key; /* borrowed for the call, as the result */
    const struct result *result;
    int64_t limit_ms; /* it is given up after so long; 0: never */
};

/*
 * Starts to put it. done(arg) is called once, from the loop. The output exists already, so that a
 * failure is only logged, as a warning that names the object.
 */
void result_object_put(struct result_object *o, const struct result_object_options *options,
                       void (*done)(void *arg), void *arg);
/* Ends it without calling back, and frees what it holds; allowed at any time. */
void result_object_cancel(struct result_object *o);

#endif
