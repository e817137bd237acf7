/* SPDX-License-Identifier: MIT */
/* random.h: numbers that look random but are a function of their input, so the same every time. */
#ifndef WORLD_RANDOM_H
#define WORLD_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Mixes two numbers well into one (the finalizer of SplitMix64). */
uint64_t random_mix(uint64_t a, uint64_t b);

/* Mixes a seed and bytes well into one number. */
uint64_t random_of_bytes(uint64_t seed, const void *bytes, size_t len);

/* A whole number from 0 to limit - 1 (limit above 0). */
uint64_t random_below(uint64_t number, uint64_t limit);

/* A fraction: at least 0, less than 1. */
double random_fraction(uint64_t number);

/* True for this share of numbers, in thousandths. */
bool random_chance(uint64_t number, uint64_t per_mille);

/* A number from 'from' up to, but not including, 'to'; 'from' if they are not in order. */
int64_t random_between(uint64_t number, int64_t from, int64_t to);

/* Writes 80 bits as 16 characters of base32 (RFC 4648 alphabet) and a NUL: 'out' has 17 bytes. */
void random_base32(uint64_t high_40_bits, uint64_t low_40_bits, char *out);

/* The reverse of random_base32. Returns 0, or -1 if a character is not in the alphabet. */
int random_from_base32(const char *text, uint64_t *high_40_bits, uint64_t *low_40_bits);

/*
 * Scrambles 80 bits with a key, one to one (a four-round Feistel network), so that a number with a
 * meaning looks random. The second function is the reverse of the first.
 */
void random_scramble(uint64_t key, uint64_t *high_40_bits, uint64_t *low_40_bits);
void random_unscramble(uint64_t key, uint64_t *high_40_bits, uint64_t *low_40_bits);

#endif
