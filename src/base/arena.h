/* SPDX-License-Identifier: MIT */
/*
 * arena.h: memory that is freed all at once.
 *
 * What belongs to one account (or to one page of an answer) comes from one arena and is freed with
 * it. Blocks are aligned for any type; none is freed on its own. Memory is wiped before it is freed
 * or used again: an answer may hold credentials.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/view.h"

struct arena_chunk;

struct arena {
    struct arena_chunk *chunks; /* the first is the one in use */
    size_t used;                /* bytes taken from the first chunk */
    size_t total;               /* bytes held from malloc, all chunks */
};

/* An empty arena; allocates nothing. Released by arena_release. */
void arena_init(struct arena *a);
/* Frees all that was taken from it; the arena is as after arena_init. */
void arena_release(struct arena *a);
/* Forgets all that was taken, and keeps one chunk to be used again. */
void arena_clear(struct arena *a);
/* 'size' zero bytes that live until the arena is cleared or released. Never NULL. */
void *arena_alloc(struct arena *a, size_t size) __attribute__((malloc, returns_nonnull));
/* A NUL-terminated copy of 'v' in the arena; VIEW_NONE stays VIEW_NONE. */
struct view arena_copy(struct arena *a, struct view v);
/*
 * How many bytes the arena holds from malloc: the memory that it costs, not the sum of what was
 * taken.
 */
size_t arena_size(const struct arena *a);

#endif
