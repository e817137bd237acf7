#include "wire/arena.h"

#include "wire/text.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BLOCK_SIZE 32768
#define ARENA_PRINT_SIZE 512

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
    char printed[ARENA_PRINT_SIZE];
    va_list again;
    va_copy(again, arguments);
    /* Most texts are short: then they are printed once. */
    size_t length = (size_t)vsnprintf(printed, sizeof(printed), format, arguments);
    char *copy = arena_take(arena, length + 1);
    if (length < sizeof(printed))
        memcpy(copy, printed, length);
    else
        vsnprintf(copy, length + 1, format, again);
    va_end(again);
    return copy;
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
