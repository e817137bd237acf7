#include "census/index.h"

#include <stdint.h>

/* FNV-1a, 64 bits: names come from the account's own administrators, bounded in number. */
static size_t hash(struct view name)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < name.len; i++)
        h = (h ^ (unsigned char)name.ptr[i]) * 0x100000001b3u;
    return (size_t)(h ^ (h >> 32));
}

void index_build(struct index *index, struct arena *arena, struct user *first, size_t count)
{
    size_t size = 8;
    while (size < 2 * count)
        size *= 2;
    index->mask = size - 1;
    index->places = arena_alloc(arena, size * sizeof(struct user *));
    for (struct user *u = first; u; u = u->next) {
        size_t i = hash(u->name) & index->mask;
        while (index->places[i] && !view_equal(index->places[i]->name, u->name))
            i = (i + 1) & index->mask;
        struct user *other = index->places[i];
        bool later = !other || u->created_s > other->created_s;
        if (other)
            (later ? other : u)->superseded = true;
        if (later)
            index->places[i] = u;
    }
}

struct user *index_find(const struct index *index, struct view name)
{
    if (!index->places)
        return NULL;
    for (size_t i = hash(name) & index->mask; index->places[i]; i = (i + 1) & index->mask)
        if (view_equal(index->places[i]->name, name))
            return index->places[i];
    return NULL;
}
