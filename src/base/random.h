/* SPDX-License-Identifier: MIT */
/*
 * random.h: a seeded stream of numbers for jitter and run ids. Not for secrets.
 *
 * SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014): one
 * word of state, so a test that passes a seed in sees the same delays each time.
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stdint.h>

struct random {
    uint64_t state;
};

/* A stream that depends on 'seed' alone. */
void random_init(struct random *r, uint64_t seed);
/* A stream seeded by the operating system. */
void random_init_system(struct random *r);
/* The next 64 bits. */
uint64_t random_next(struct random *r);
/* A number evenly drawn from 0 to 'limit', both included; 0 if 'limit' is 0 or less. */
int64_t random_up_to(struct random *r, int64_t limit);

#endif
