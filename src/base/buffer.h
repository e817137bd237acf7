/*
 * buffer.h: bytes that grow up to a stated maximum.
 *
 * A buffer owns its memory. It is always NUL-terminated behind its last byte, so that 'data' may
 * be used as a string where its content is text. Going past the maximum is not an abort: the
 * buffer turns 'overflowed', keeps what it had, and ignores what follows, so that a writer may
 * append many pieces and ask once at the end.
 */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include "base/view.h"

#include <stdarg.h>
#include <stdint.h>

struct buffer {
    char *data; /* NULL until something is added */
    size_t len;
    size_t capacity;
    size_t max; /* the most 'len' may become, in bytes */
    bool overflowed;
};

/* An empty buffer that may hold 'max' bytes. Allocates nothing. Released by buffer_release. */
void buffer_init(struct buffer *b, size_t max);
/* Frees the memory; the buffer is as after buffer_init. */
void buffer_release(struct buffer *b);
/* Empties the buffer and keeps its memory. */
void buffer_clear(struct buffer *b);
/* Appends 'len' bytes. */
void buffer_add(struct buffer *b, const void *bytes, size_t len);
void buffer_add_view(struct buffer *b, struct view v);
void buffer_add_text(struct buffer *b, const char *text);
void buffer_add_char(struct buffer *b, char c);
void buffer_add_int(struct buffer *b, int64_t number);
/* Appends as printf does. */
void buffer_addf(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_addvf(struct buffer *b, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
/* Makes room for 'more' bytes at once, where the maximum allows: spares growing by doubling. */
void buffer_reserve(struct buffer *b, size_t more);
/* Removes the first 'count' bytes. */
void buffer_consume(struct buffer *b, size_t count);
/* The content; good until the buffer changes. Never a NULL ptr. */
struct view buffer_view(const struct buffer *b);
/* The content as a string; good until the buffer changes. "" where it is empty. */
const char *buffer_text(const struct buffer *b);

#endif
