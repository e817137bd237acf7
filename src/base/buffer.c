#include "base/buffer.h"

#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>

#define SMALLEST 64

void buffer_init(struct buffer *b, size_t max)
{
    *b = (struct buffer){.max = max};
}

void buffer_release(struct buffer *b)
{
    free(b->data);
    buffer_init(b, b->max);
}

void buffer_clear(struct buffer *b)
{
    b->len = 0;
    b->overflowed = false;
    if (b->data)
        b->data[0] = '\0';
}

static bool make_room(struct buffer *b, size_t more)
{
    if (b->overflowed || more > b->max - b->len) {
        b->overflowed = true;
        return false;
    }
    size_t need = b->len + more + 1;
    if (need <= b->capacity)
        return true;
    size_t capacity = b->capacity ? b->capacity : SMALLEST;
    while (capacity < need)
        capacity *= 2;
    if (capacity > b->max + 1)
        capacity = b->max + 1;
    b->data = xrealloc(b->data, capacity);
    b->capacity = capacity;
    return true;
}

void buffer_reserve(struct buffer *b, size_t more)
{
    if (b->overflowed || more > b->max - b->len || b->len + more + 1 <= b->capacity)
        return;
    b->capacity = b->len + more + 1;
    b->data = xrealloc(b->data, b->capacity);
    b->data[b->len] = '\0';
}

void buffer_add(struct buffer *b, const void *bytes, size_t len)
{
    if (!make_room(b, len))
        return;
    if (len > 0)
        memcpy(b->data + b->len, bytes, len);
    b->len += len;
    b->data[b->len] = '\0';
}

void buffer_add_view(struct buffer *b, struct view v)
{
    buffer_add(b, v.ptr, v.len);
}

void buffer_add_text(struct buffer *b, const char *text)
{
    buffer_add(b, text, strlen(text));
}

void buffer_add_char(struct buffer *b, char c)
{
    buffer_add(b, &c, 1);
}

void buffer_add_int(struct buffer *b, int64_t number)
{
    buffer_addf(b, "%lld", (long long)number);
}

void buffer_addvf(struct buffer *b, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (len < 0 || !make_room(b, (size_t)len))
        return;
    vsnprintf(b->data + b->len, (size_t)len + 1, format, args);
    b->len += (size_t)len;
}

void buffer_addf(struct buffer *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buffer_addvf(b, format, args);
    va_end(args);
}

void buffer_consume(struct buffer *b, size_t count)
{
    if (b->len == 0)
        return;
    if (count > b->len)
        count = b->len;
    memmove(b->data, b->data + count, b->len - count + 1);
    b->len -= count;
}

struct view buffer_view(const struct buffer *b)
{
    return (struct view){buffer_text(b), b->len};
}

const char *buffer_text(const struct buffer *b)
{
    return b->data ? b->data : "";
}
