/* SPDX-License-Identifier: MIT */
/*
 * bucket_check.h: what a run asks of its bucket before it reads any account: whether the bucket can
 * be used, and the suppressions of --suppress-key.
 *
 *     HeadBucket -> GetObject of the suppressions, if there is a key -> done
 */
#ifndef APP_BUCKET_CHECK_H
#define APP_BUCKET_CHECK_H

#include "api/s3.h"
#include "rules/suppressions.h"

/* All zero: nothing is under way. */
struct bucket_check {
    struct s3_bucket *bucket;
    const char *suppress_key;
    struct s3_call *call;
    struct buffer object;
    struct suppressions *suppressions; /* owned; NULL: none */
    void (*done)(void *arg, const struct error *e);
    void *arg;
};

/*
 * Starts to ask. 'bucket' is borrowed until the end, 'suppress_key' (NULL: none) as well.
 * done(arg, e) is called once, from the loop; 'e' is NULL on success, ERROR_CONFIG if the
 * suppressions are not there, or one of their lines is wrong.
 */
void bucket_check_start(struct bucket_check *c, struct s3_bucket *bucket, const char *suppress_key,
                        void (*done)(void *arg, const struct error *e), void *arg);
/* Ends it without calling back, and frees the suppressions. Allowed at any time. */
void bucket_check_release(struct bucket_check *c);

#endif
