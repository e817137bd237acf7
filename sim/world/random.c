/* SPDX-License-Identifier: MIT */
#include "world/random.h"

#include <string.h>

#define MASK_40 0xFFFFFFFFFFULL
#define ROUNDS  4

static const char BASE32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

uint64_t random_mix(uint64_t a, uint64_t b)
{
    uint64_t z = a + 0x9E3779B97F4A7C15ULL * (b + 1);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

uint64_t random_of_bytes(uint64_t seed, const void *bytes, size_t len)
{
    const unsigned char *byte = bytes;
    uint64_t hash = 0xCBF29CE484222325ULL ^ seed;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ byte[i]) * 0x100000001B3ULL;
    return random_mix(hash, len);
}

uint64_t random_below(uint64_t number, uint64_t limit)
{
    return number % limit;
}

double random_fraction(uint64_t number)
{
    return (double)(number >> 11) / 9007199254740992.0;
}

bool random_chance(uint64_t number, uint64_t per_mille)
{
    return random_below(number, 1000) < per_mille;
}

int64_t random_between(uint64_t number, int64_t from, int64_t to)
{
    return to > from ? from + (int64_t)random_below(number, (uint64_t)(to - from)) : from;
}

void random_base32(uint64_t high_40_bits, uint64_t low_40_bits, char *out)
{
    for (int i = 0; i < 8; i++) {
        out[i] = BASE32[(high_40_bits >> (35 - 5 * i)) & 31];
        out[8 + i] = BASE32[(low_40_bits >> (35 - 5 * i)) & 31];
    }
    out[16] = '\0';
}

int random_from_base32(const char *text, uint64_t *high_40_bits, uint64_t *low_40_bits)
{
    uint64_t halves[2] = {0, 0};
    for (int i = 0; i < 16; i++) {
        const char *place = text[i] ? strchr(BASE32, text[i]) : NULL;
        if (!place)
            return -1;
        halves[i / 8] = halves[i / 8] << 5 | (uint64_t)(place - BASE32);
    }
    *high_40_bits = halves[0];
    *low_40_bits = halves[1];
    return 0;
}

void random_scramble(uint64_t key, uint64_t *high_40_bits, uint64_t *low_40_bits)
{
    for (uint64_t round = 0; round < ROUNDS; round++) {
        uint64_t next = *high_40_bits ^ (random_mix(key + round, *low_40_bits) & MASK_40);
        *high_40_bits = *low_40_bits;
        *low_40_bits = next;
    }
}

void random_unscramble(uint64_t key, uint64_t *high_40_bits, uint64_t *low_40_bits)
{
    for (uint64_t round = ROUNDS; round-- > 0;) {
        uint64_t before = *low_40_bits ^ (random_mix(key + round, *high_40_bits) & MASK_40);
        *low_40_bits = *high_40_bits;
        *high_40_bits = before;
    }
}
