/* SPDX-License-Identifier: MIT */
#include "base/random.h"

#include <sys/random.h>
#include <time.h>
#include <unistd.h>

void random_init(struct random *r, uint64_t seed)
{
    r->state = seed;
}

void random_init_system(struct random *r)
{
    uint64_t seed;
    if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != (ssize_t)sizeof(seed)) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        seed = (uint64_t)now.tv_nsec ^ ((uint64_t)now.tv_sec << 20) ^ ((uint64_t)getpid() << 44);
    }
    random_init(r, seed);
}

uint64_t random_next(struct random *r)
{
    uint64_t z = (r->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

int64_t random_up_to(struct random *r, int64_t limit)
{
    if (limit <= 0)
        return 0;
    return (int64_t)(random_next(r) % ((uint64_t)limit + 1));
}
