/* SPDX-License-Identifier: MIT */
#include "wire/text.h"

#include <stdio.h>
#include <string.h>

#define PRINT_SIZE 512

char *text_copy_len(struct arena *arena, const char *bytes, size_t len)
{
    char *copy = arena_alloc(arena, len + 1);
    memcpy(copy, bytes, len);
    return copy;
}

char *text_copy(struct arena *arena, const char *string)
{
    return text_copy_len(arena, string, strlen(string));
}

char *text_vformat(struct arena *arena, const char *format, va_list args)
{
    char printed[PRINT_SIZE];
    va_list again;
    va_copy(again, args);
    /* Most texts are short, so that one call is enough. */
    size_t len = (size_t)vsnprintf(printed, sizeof(printed), format, args);
    char *copy = arena_alloc(arena, len + 1);
    if (len < sizeof(printed))
        memcpy(copy, printed, len);
    else
        vsnprintf(copy, len + 1, format, again);
    va_end(again);
    return copy;
}

char *text_format(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *printed = text_vformat(arena, format, args);
    va_end(args);
    return printed;
}
