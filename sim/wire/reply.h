/* What goes back to the client, before faults bend it. */
#ifndef SIM_REPLY_H
#define SIM_REPLY_H

#include "wire/text.h"

#include <stdint.h>

#define REPLY_HEADERS_MOST 24

struct object_reader;

struct reply {
    int status; /* 0: none yet */
    const char *content_type;
    struct text body;
    struct {
        const char *name;
        const char *value;
    } headers[REPLY_HEADERS_MOST]; /* borrowed; they live in the call's arena */
    size_t header_count;
    const char *outcome;          /* the error code, or NULL where all went well */
    struct object_reader *object; /* the body is a stored object: owned, or NULL */
    int64_t content_length;       /* of a HEAD answer or an object; -1: that of the body */
};

#endif
