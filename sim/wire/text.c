#include "wire/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_FIRST_CAPACITY 2048

static void memory_exhausted(void)
{
    fputs("iam-census-sim: out of memory\n", stderr);
    abort();
}

void *memory_grow(void *memory, size_t size)
{
    void *grown = realloc(memory, size);
    if (!grown)
        memory_exhausted();
    return grown;
}

void *memory_zeroed(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory)
        memory_exhausted();
    return memory;
}

void text_release(struct text *text)
{
    free(text->data);
    *text = (struct text){0};
}

static void text_reserve(struct text *text, size_t more)
{
    size_t needed = text->length + more;
    if (needed <= text->capacity)
        return;
    size_t capacity = text->capacity ? text->capacity : TEXT_FIRST_CAPACITY;
    while (capacity < needed)
        capacity *= 2;
    text->data = memory_grow(text->data, capacity);
    text->capacity = capacity;
}

void text_append(struct text *text, const void *bytes, size_t length)
{
    if (length == 0)
        return;
    text_reserve(text, length);
    memcpy(text->data + text->length, bytes, length);
    text->length += length;
}

void text_put(struct text *text, const char *string)
{
    text_append(text, string, strlen(string));
}

void text_put_char(struct text *text, char character)
{
    text_append(text, &character, 1);
}

void text_printf(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_list again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length > 0) {
        text_reserve(text, (size_t)length + 1);
        vsnprintf(text->data + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
}

const char *text_string(struct text *text)
{
    text_reserve(text, 1);
    text->data[text->length] = '\0';
    return text->data;
}

char *text_steal(struct text *text, size_t *length)
{
    text_reserve(text, 1);
    char *data = text->data;
    *length = text->length;
    *text = (struct text){0};
    return data;
}
