/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include "base/alloc.h"
#include "base/secret.h"

#include <stdalign.h>
#include <stdlib.h>

/* Chunks double up to the largest: a small account costs little, a large one few mallocs. */
#define CHUNK_SMALLEST ((size_t)1024)
#define CHUNK_LARGEST  ((size_t)64 * 1024)

struct arena_chunk {
    struct arena_chunk *next;
    size_t size;
    alignas(max_align_t) char bytes[];
};

void arena_init(struct arena *a)
{
    *a = (struct arena){0};
}

void arena_release(struct arena *a)
{
    size_t used = a->used;
    while (a->chunks) {
        struct arena_chunk *next = a->chunks->next;
        secret_wipe(a->chunks->bytes, used);
        free(a->chunks);
        a->chunks = next;
        used = next ? next->size : 0;
    }
    arena_init(a);
}

void arena_clear(struct arena *a)
{
    if (!a->chunks)
        return;
    if (a->chunks->size > CHUNK_LARGEST) { /* made for one large block: not worth keeping */
        arena_release(a);
        return;
    }
    struct arena_chunk *kept = a->chunks;
    secret_wipe(kept->bytes, a->used);
    a->chunks = kept->next;
    a->used = kept->next ? kept->next->size : 0;
    arena_release(a);
    kept->next = NULL;
    a->chunks = kept;
    a->used = 0;
    a->total = sizeof(*kept) + kept->size;
}

static void arena_grow(struct arena *a, size_t need)
{
    size_t size = a->chunks ? a->chunks->size * 2 : CHUNK_SMALLEST;
    if (size > CHUNK_LARGEST)
        size = CHUNK_LARGEST;
    if (size < need)
        size = need;
    struct arena_chunk *chunk = xmalloc(sizeof(*chunk) + size);
    chunk->next = a->chunks;
    chunk->size = size;
    a->chunks = chunk;
    a->used = 0;
    a->total += sizeof(*chunk) + size;
}

static char *arena_take(struct arena *a, size_t size, size_t alignment)
{
    size_t start = (a->used + alignment - 1) & ~(alignment - 1);
    if (!a->chunks || start > a->chunks->size || size > a->chunks->size - start) {
        arena_grow(a, size);
        start = 0;
    }
    a->used = start + size;
    return a->chunks->bytes + start;
}

void *arena_alloc(struct arena *a, size_t size)
{
    return memset(arena_take(a, size, alignof(max_align_t)), 0, size);
}

struct view arena_copy(struct arena *a, struct view v)
{
    if (!v.ptr)
        return VIEW_NONE;
    char *copy = arena_take(a, v.len + 1, 1);
    memcpy(copy, v.ptr, v.len);
    copy[v.len] = '\0';
    return (struct view){copy, v.len};
}

size_t arena_size(const struct arena *a)
{
    return a->total;
}
