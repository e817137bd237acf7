/* SPDX-License-Identifier: MIT */
/*
 * wire.h: a server that answers anything, in place of HTTP (http_start and the functions beside it
 * are replaced at link time), and a clock that passes as fast as the loop waits.
 *
 * For each request, in order, until the bytes end (from then on everything is answered well):
 *   byte       the status, whether the answer is lost, and whether its body is the usual one,
 *              edited, or one of its own
 *   edits      their number, then for each: where (2 bytes), what (1 byte)
 *   own body   its length (1 byte), the bytes
 * and for each header that is asked for a byte: the usual one, none, or its length and its bytes.
 */
#ifndef FUZZ_WIRE_H
#define FUZZ_WIRE_H

#include "base/clock.h"
#include "net/http.h"

#include <stdint.h>

#define WIRE_NOW_S INT64_C(1706693401)

struct wire_usual {
    const char *(*body)(const struct http_request *request);
    const char *(*header)(const char *name); /* NULL: none has a usual value */
    /* True if this request and its like are refused, so that all ends; NULL: none is. */
    bool (*refused)(const struct http_request *request);
    /* Hears of each header that is asked for, and what was told; NULL: nobody does. */
    void (*told)(const char *name, struct view value);
    /* Hears, just before the asker does, that a whole answer of status 200 came, or that none did;
     * NULL: nobody does. */
    void (*ended)(bool good);
};

extern const struct clock wire_clock;

/* Takes the bytes of an input, borrowed. */
void wire_begin(const uint8_t *bytes, size_t len, const struct wire_usual *answers);
/* The next byte of the input; 0 after its end. */
unsigned wire_byte(void);

#endif
