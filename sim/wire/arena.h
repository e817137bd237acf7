/* Memory that is handed out in pieces and taken back all at once. */
#ifndef SIM_ARENA_H
#define SIM_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena_block;

/* Zero-initialized it is empty and ready. */
struct arena {
    struct arena_block *blocks;
};

/* size zeroed bytes, aligned for any type, that live until the reset or release. Never NULL. */
void *arena_take(struct arena *arena, size_t size);

/* A copy of a string of the given length, terminated. Lives until the reset or release. */
char *arena_copy(struct arena *arena, const char *string, size_t length);

/* What printf would print, whole. Lives until the reset or release. */
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* Takes everything back and keeps one block for reuse. */
void arena_reset(struct arena *arena);

/* Takes everything back and frees it. */
void arena_release(struct arena *arena);

#endif
