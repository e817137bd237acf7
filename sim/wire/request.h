/* SPDX-License-Identifier: MIT */
/* request.h: one HTTP request as it was sent: nothing in it is decoded. */
#ifndef WIRE_REQUEST_H
#define WIRE_REQUEST_H

#include "wire/text.h"

#include <stddef.h>

#define REQUEST_HEADERS_MAX    64
#define REQUEST_BODY_BYTES_MAX (8 * 1024 * 1024)

struct header {
    const char *name;
    const char *value;
};

/* The strings are borrowed from the server and live until the request has been answered. */
struct request {
    const char *method;
    char *path;        /* as sent, owned */
    const char *query; /* what follows the '?', as sent; may be empty */
    struct header headers[REQUEST_HEADERS_MAX];
    size_t header_count;
    struct buffer body; /* empty for uploads to S3, which go to the store */
};

/* Sets path and query from a copy of the request line's target. */
void request_set_target(struct request *request, const char *target);

/* The value of a header, whatever the case of its name; NULL if there is none. */
const char *request_header(const struct request *request, const char *name);

/* Frees what the request owns and empties it. */
void request_release(struct request *request);

#endif
