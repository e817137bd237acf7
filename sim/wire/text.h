/* SPDX-License-Identifier: MIT */
/*
 * text.h: strings in an arena, and the maximum length of what the simulator writes.
 *
 * Bodies and other texts that are written piece by piece are buffers of src/base with TEXT_MAX as
 * their maximum: {.max = TEXT_MAX} is an empty one.
 */
#ifndef WIRE_TEXT_H
#define WIRE_TEXT_H

#include "base/arena.h"
#include "base/buffer.h"

#include <stdarg.h>
#include <stddef.h>

/* In bytes, more than the largest account's credential report. A longer text ends the process. */
#define TEXT_MAX ((size_t)4 << 30)

/* A copy of the string, in the arena. */
char *text_copy(struct arena *arena, const char *string);

/* A copy of the first 'len' bytes, terminated. */
char *text_copy_len(struct arena *arena, const char *bytes, size_t len);

/* What printf would print, in the arena, however long. */
char *text_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *text_vformat(struct arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

#endif
