/* SPDX-License-Identifier: MIT */
/*
 * buffer.h: bytes that grow up to a stated maximum.
 *
 * A buffer owns its memory. It is always NUL-terminated after its last byte, so that its content
 * may be used as a string if it is text. Going past the maximum does not abort: the buffer becomes
 * 'overflowed', keeps what it had, and ignores what is added later, so that a writer can append
 * many pieces and check once at the end.
 *
 * That check can't be forgotten: the content of an overflowed buffer is never handed out. Whoever
 * reads it calls buffer_complete or buffer_check first, or says with one of the ..._cut functions
 * that the beginning will do. Otherwise buffer_view and buffer_text end the process, since a cut
 * text that is taken for a whole one is worse (a row glued to the next one, a request without its
 * last parameter).
 *
 * Buffers hold tokens and keys, so memory is overwritten when a buffer leaves it by growing, and in
 * buffer_wipe and buffer_release.
 */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include "base/error.h"
#include "base/view.h"

#include <stdarg.h>
#include <stdint.h>

struct buffer {
    char *data; /* NULL until something is added */
    size_t len;
    size_t capacity;
    size_t max;  /* the most 'len' may become, in bytes */
    size_t used; /* the most that 'len' has been in this memory: how much to wipe */
    bool overflowed;
};

/* An empty buffer that may hold 'max' bytes. Allocates nothing. Released by buffer_release. */
void buffer_init(struct buffer *b, size_t max);
/* Wipes and frees the memory; the buffer is as after buffer_init. */
void buffer_release(struct buffer *b);
/*
 * Empties the buffer and keeps its memory, which is not wiped until the buffer grows or is
 * released.
 */
void buffer_clear(struct buffer *b);
/* Empties the buffer, keeps its memory, and wipes what it held. */
void buffer_wipe(struct buffer *b);
/*
 * Keeps the first 'len' bytes and forgets the rest; also that the buffer overflowed, since that
 * happened later. Does nothing if there are fewer bytes than that.
 */
void buffer_truncate(struct buffer *b, size_t len);
/* Appends 'len' bytes. */
void buffer_add(struct buffer *b, const void *bytes, size_t len);
void buffer_add_view(struct buffer *b, struct view v);
void buffer_add_text(struct buffer *b, const char *text);
void buffer_add_char(struct buffer *b, char c);
void buffer_add_int(struct buffer *b, int64_t number);
/* Appends the content of another buffer; becomes overflowed if that one is. */
void buffer_add_buffer(struct buffer *b, const struct buffer *other);
/* Makes the buffer overflowed: something that belongs in it could not be made complete. */
void buffer_spoil(struct buffer *b);
/* Appends as printf does. */
void buffer_addf(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_addvf(struct buffer *b, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
/* Makes room for 'more' bytes at once, if the maximum allows; saves growing step by step. */
void buffer_reserve(struct buffer *b, size_t more);
/* True if it holds all that was added to it. */
bool buffer_complete(const struct buffer *b) MUST_CHECK;
/* As buffer_complete: 0, or -1 with ERROR_LIMIT, "WHAT is longer than MAX bytes". */
int buffer_check(const struct buffer *b, const char *what, struct error *e) MUST_CHECK;
/* The content of a complete buffer; good until the buffer changes. Never a NULL ptr. */
struct view buffer_view(const struct buffer *b);
/* The same as a string; "" if it is empty. */
const char *buffer_text(const struct buffer *b);
/* As much of the content as fitted: for texts that people read and that may be cut. */
struct view buffer_view_cut(const struct buffer *b);
const char *buffer_text_cut(const struct buffer *b);

#endif
