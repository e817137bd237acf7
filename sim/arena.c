#include "arena.h"

#include "text.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BLOCK_SIZE 32768

struct arena_block {
    struct arena_block *next;
    size_t used;
    size_t capacity;
    alignas(max_align_t) char bytes[];
};

void *arena_take(struct arena *arena, size_t size)
{
    size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    struct arena_block *block = arena->blocks;
    if (!block || block->capacity - block->used < size) {
        size_t capacity = size > ARENA_BLOCK_SIZE ? size : ARENA_BLOCK_SIZE;
        block = memory_grow(NULL, sizeof(*block) + capacity);
        *block = (struct arena_block){.next = arena->blocks, .capacity = capacity};
        arena->blocks = block;
    }
    void *piece = block->bytes + block->used;
    block->used += size;
    memset(piece, 0, size);
    return piece;
}

char *arena_copy(struct arena *arena, const char *string, size_t length)
{
    char *copy = arena_take(arena, length + 1);
    memcpy(copy, string, length);
    return copy;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *printed = arena_take(arena, (size_t)length + 1);
    vsnprintf(printed, (size_t)length + 1, format, arguments);
    return printed;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *printed = arena_vprintf(arena, format, arguments);
    va_end(arguments);
    return printed;
}

void arena_reset(struct arena *arena)
{
    while (arena->blocks && arena->blocks->next) {
        struct arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
    if (arena->blocks)
        arena->blocks->used = 0;
}

void arena_release(struct arena *arena)
{
    arena_reset(arena);
    free(arena->blocks);
    arena->blocks = NULL;
}
