/* SPDX-License-Identifier: MIT */
/* tally.h: a table of numbers by 64-bit keys, up to TALLY_KEYS_MAX of them. */
#ifndef FAULTS_TALLY_H
#define FAULTS_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TALLY_KEYS_MAX (1U << 20)

/* If zero-initialized, it is empty and ready to use. */
struct tally {
    struct tally_entry *entries;
    size_t capacity;
    size_t count;
};

/* The number of a key; 0 if the key is not in the table. */
uint32_t tally_get(const struct tally *tally, uint64_t key);

/* Adds one to the number of a key and returns it; 0 if the table is full and the key is new. */
uint32_t tally_add(struct tally *tally, uint64_t key);

/* Sets the number of a key and returns it; 0 if the table is full and the key is new. */
uint32_t tally_set(struct tally *tally, uint64_t key, uint32_t number);

/* Forgets a key. */
void tally_remove(struct tally *tally, uint64_t key);

/* Forgets everything and frees it. */
void tally_release(struct tally *tally);

#endif
