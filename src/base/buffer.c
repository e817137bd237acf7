/* SPDX-License-Identifier: MIT */
#include "base/buffer.h"

#include "base/alloc.h"
#include "base/secret.h"

#include <stdio.h>
#include <stdlib.h>

#define SMALLEST 64

void buffer_init(struct buffer *b, size_t max)
{
    *b = (struct buffer){.max = max};
}

void buffer_release(struct buffer *b)
{
    secret_wipe(b->data, b->used);
    free(b->data);
    buffer_init(b, b->max);
}

static void set_len(struct buffer *b, size_t len)
{
    b->len = len;
    if (len > b->used)
        b->used = len;
    if (b->data)
        b->data[len] = '\0';
}

void buffer_clear(struct buffer *b)
{
    b->overflowed = false;
    set_len(b, 0);
}

void buffer_wipe(struct buffer *b)
{
    secret_wipe(b->data, b->used);
    b->used = 0;
    buffer_clear(b);
}

void buffer_truncate(struct buffer *b, size_t len)
{
    if (len > b->len)
        return;
    b->overflowed = false;
    set_len(b, len);
}

/* Not by realloc, which would free the old block without wiping it. */
static void move(struct buffer *b, size_t capacity)
{
    char *data = xmalloc(capacity);
    if (b->len > 0)
        memcpy(data, b->data, b->len);
    secret_wipe(b->data, b->used);
    free(b->data);
    b->data = data;
    b->capacity = capacity;
    b->used = 0;
    set_len(b, b->len);
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
    move(b, capacity > b->max + 1 ? b->max + 1 : capacity);
    return true;
}

void buffer_reserve(struct buffer *b, size_t more)
{
    if (b->overflowed || more > b->max - b->len || b->len + more + 1 <= b->capacity)
        return;
    move(b, b->len + more + 1);
}

void buffer_add(struct buffer *b, const void *bytes, size_t len)
{
    if (!make_room(b, len))
        return;
    if (len > 0)
        memcpy(b->data + b->len, bytes, len);
    set_len(b, b->len + len);
}

void buffer_add_view(struct buffer *b, struct view v)
{
    buffer_add(b, v.ptr, v.len);
}

void buffer_spoil(struct buffer *b)
{
    b->overflowed = true;
}

void buffer_add_buffer(struct buffer *b, const struct buffer *other)
{
    if (buffer_complete(other))
        buffer_add_view(b, buffer_view(other));
    else
        buffer_spoil(b);
}

void buffer_add_text(struct buffer *b, const char *text)
{
    buffer_add(b, text, strlen(text));
}

void buffer_add_char(struct buffer *b, char c)
{
    if (!make_room(b, 1))
        return;
    b->data[b->len] = c;
    set_len(b, b->len + 1);
}

void buffer_add_int(struct buffer *b, int64_t number)
{
    /* Written by hand: numbers are most of a row, and printf costs more than the rest of it. */
    char digits[24];
    char *at = digits + sizeof(digits);
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do {
        *--at = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (number < 0)
        *--at = '-';
    buffer_add(b, at, (size_t)(digits + sizeof(digits) - at));
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
    set_len(b, b->len + (size_t)len);
}

void buffer_addf(struct buffer *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buffer_addvf(b, format, args);
    va_end(args);
}

bool buffer_complete(const struct buffer *b)
{
    return !b->overflowed;
}

int buffer_check(const struct buffer *b, const char *what, struct error *e)
{
    return b->overflowed ? error_set(e, ERROR_LIMIT, "%s is longer than %zu bytes", what, b->max)
                         : 0;
}

static void demand_complete(const struct buffer *b)
{
    if (!b->overflowed)
        return;
    fprintf(stderr,
            "iam-census: internal error: a text was cut after %zu bytes, and nobody asked\n",
            b->len);
    abort();
}

struct view buffer_view(const struct buffer *b)
{
    demand_complete(b);
    return buffer_view_cut(b);
}

const char *buffer_text(const struct buffer *b)
{
    demand_complete(b);
    return buffer_text_cut(b);
}

struct view buffer_view_cut(const struct buffer *b)
{
    return (struct view){buffer_text_cut(b), b->len};
}

const char *buffer_text_cut(const struct buffer *b)
{
    return b->data ? b->data : "";
}
