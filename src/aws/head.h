/* SPDX-License-Identifier: MIT */
/*
 * head.h: the head of a request as it goes out: its URL and its header lines, signed.
 *
 * A client has one and makes every request's head in it, one after the other: its memory is kept,
 * and wiped between requests, since the lines hold tokens and signatures.
 */
#ifndef AWS_HEAD_H
#define AWS_HEAD_H

#include "aws/call.h"
#include "base/buffer.h"

#define HEAD_LINES_MAX 24

struct head {
    struct buffer url, path, lines;   /* 'lines': one after the other, each with its NUL */
    const char *list[HEAD_LINES_MAX]; /* pointers to the lines */
    size_t starts[HEAD_LINES_MAX], count;
};

/* An empty head. Released by head_release. */
void head_init(struct head *h);
void head_release(struct head *h);
/*
 * Makes the head of 'request', signed at 'now_s' (UTC seconds) if it has credentials; the cache
 * must then hold them, and the hash of the body must be set. What h->url and h->list hold is good
 * until head_wipe. Returns 0; -1 with the signer's error, ERROR_LIMIT if it is over its bounds, or
 * ERROR_CONFIG if a header's value holds a line end.
 */
int head_make(struct head *h, const struct aws_request *request, int64_t now_s,
              struct error *e) MUST_CHECK;
/* Forgets the head, and wipes its memory. */
void head_wipe(struct head *h);

#endif
