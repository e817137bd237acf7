/* SPDX-License-Identifier: MIT */
#include "faults/tally.h"

#include "base/alloc.h"
#include "wire/text.h"

#include <stdlib.h>

#define TALLY_FIRST_CAPACITY 256

struct tally_entry {
    uint64_t key; /* 0: free */
    uint32_t number;
};

/* The place of a key, or the free place that it would take. */
static size_t tally_place(const struct tally *tally, uint64_t key)
{
    size_t place = (size_t)(key & (tally->capacity - 1));
    while (tally->entries[place].key != 0 && tally->entries[place].key != key)
        place = (place + 1) & (tally->capacity - 1);
    return place;
}

static uint64_t tally_key(uint64_t key)
{
    return key ? key : 1;
}

static void tally_grow(struct tally *tally)
{
    struct tally old = *tally;
    tally->capacity = old.capacity ? 2 * old.capacity : TALLY_FIRST_CAPACITY;
    tally->entries = xcalloc(tally->capacity, sizeof(*tally->entries));
    for (size_t i = 0; i < old.capacity; i++)
        if (old.entries[i].key != 0)
            tally->entries[tally_place(tally, old.entries[i].key)] = old.entries[i];
    free(old.entries);
}

uint32_t tally_get(const struct tally *tally, uint64_t key)
{
    if (tally->count == 0)
        return 0;
    return tally->entries[tally_place(tally, tally_key(key))].number;
}

/* The entry of a key, which is created if it is missing; NULL if the table is full. */
static struct tally_entry *tally_entry(struct tally *tally, uint64_t key)
{
    key = tally_key(key);
    if (2 * (tally->count + 1) > tally->capacity)
        tally_grow(tally);
    struct tally_entry *entry = &tally->entries[tally_place(tally, key)];
    if (entry->key == 0) {
        if (tally->count == TALLY_KEYS_MAX)
            return NULL;
        *entry = (struct tally_entry){.key = key};
        tally->count++;
    }
    return entry;
}

uint32_t tally_add(struct tally *tally, uint64_t key)
{
    struct tally_entry *entry = tally_entry(tally, key);
    return entry ? ++entry->number : 0;
}

uint32_t tally_set(struct tally *tally, uint64_t key, uint32_t number)
{
    struct tally_entry *entry = tally_entry(tally, key);
    return entry ? (entry->number = number) : 0;
}

void tally_remove(struct tally *tally, uint64_t key)
{
    if (tally->count == 0)
        return;
    size_t hole = tally_place(tally, tally_key(key));
    if (tally->entries[hole].key == 0)
        return;
    tally->entries[hole] = (struct tally_entry){0};
    tally->count--;
    /*
     * Puts the entries after the hole in their places again: some had moved on because of the
     * removed key.
     */
    for (size_t next = (hole + 1) & (tally->capacity - 1); tally->entries[next].key != 0;
         next = (next + 1) & (tally->capacity - 1)) {
        struct tally_entry moved = tally->entries[next];
        tally->entries[next] = (struct tally_entry){0};
        tally->entries[tally_place(tally, moved.key)] = moved;
    }
}

void tally_release(struct tally *tally)
{
    free(tally->entries);
    *tally = (struct tally){0};
}
