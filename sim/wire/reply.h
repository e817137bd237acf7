/* SPDX-License-Identifier: MIT */
/*
 * reply.h: what is sent back to the client, and how the sender may distort ("bend") it.
 *
 * The server's handler fills in the reply; sender.c sends it. Strings are borrowed: they are
 * constants, or live in the exchange's arena.
 */
#ifndef WIRE_REPLY_H
#define WIRE_REPLY_H

#include "wire/text.h"

#include <stddef.h>
#include <stdint.h>

#define REPLY_HEADERS_MAX 24

/*
 * Reads a body while it is sent. Embedded in a struct that knows where the bytes come from.
 */
struct body_reader {
    /* Reads up to 'size' bytes. Returns how many; 0 at the end, -1 if they can't be read. */
    int64_t (*read)(struct body_reader *reader, char *out, size_t size);
    void (*free)(struct body_reader *reader);
};

struct reply {
    int status; /* 0: none yet */
    const char *content_type;
    struct buffer body;
    struct {
        const char *name;
        const char *value;
    } headers[REPLY_HEADERS_MAX];
    size_t header_count;
    const char *outcome;        /* the error code; NULL: success */
    struct body_reader *reader; /* the source of the body, owned; or NULL */
    int64_t reader_bytes;       /* how many bytes the reader returns */
};

/* What the sender does to a good reply. */
enum bend_kind {
    BEND_NONE,
    BEND_RESET,        /* a TCP reset in place of the reply */
    BEND_RESET_INSIDE, /* a TCP reset after half of the body */
    BEND_TRUNCATED,    /* half of the body */
    BEND_FOREIGN,      /* status 200 and some HTML page */
    BEND_OVERSIZED,    /* a well-formed body that is 'bytes' longer than it should be */
    BEND_DRIP,         /* the body at 'bytes_per_second' */
    BEND_STALL,        /* half of the body, a pause of 'stall_ms', and the rest */
};

/* If zero-initialized, it changes nothing. */
struct bend {
    enum bend_kind kind;
    int64_t bytes;
    int64_t bytes_per_second;
    int64_t stall_ms;
};

/* Adds a header. Does nothing if 'value' is NULL or there are REPLY_HEADERS_MAX headers already. */
void reply_header(struct reply *reply, const char *name, const char *value);

/* Frees what the reply owns and empties it. */
void reply_release(struct reply *reply);

#endif
