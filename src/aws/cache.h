/*
 * cache.h: credentials kept until shortly before they expire, and fetched once for all who wait.
 *
 * One cache stands for one identity: the caller, or the role in one account. Calls peek; where
 * nothing fresh is there they wait, and the provider is started once for all of them.
 */
#ifndef AWS_CACHE_H
#define AWS_CACHE_H

#include "aws/provider.h"
#include "aws/sigv4.h"
#include "net/loop.h"

/* Embedded in whoever waits (zeroed before its first use). */
struct credentials_waiter {
    void (*fn)(void *arg, const struct error *e);
    void *arg;
    struct credentials_waiter *next, **place;
};

struct credentials_cache {
    struct loop *loop;                     /* borrowed */
    struct credentials_provider *provider; /* owned */
    const int64_t
        *skew_s; /* how far the wall clock is known to be off, borrowed; NULL: not at all */
    struct credentials current;
    struct credentials previous; /* of the generation before: a request under way may be signed with
                                    them */
    int64_t refresh_at_s;
    unsigned generation; /* counts the credentials that it has held */
    bool held, fetching;
    struct error failed; /* of the last fetch */
    struct sigv4_key signing_key;
    struct credentials_waiter *waiting;
    struct loop_timer deliver;
};

/* An empty cache before 'provider', which it owns from here on. */
void credentials_cache_init(struct credentials_cache *c, struct loop *loop,
                            struct credentials_provider *provider);
/* Wipes, frees the provider, and drops those who wait without calling them. */
void credentials_cache_release(struct credentials_cache *c);
/* The credentials where they are fresh, else NULL. Good until the loop runs on. */
const struct credentials *credentials_cache_peek(struct credentials_cache *c);
/*
 * The credentials of this generation, fresh or not; NULL if they are gone: only the latest two are
 * kept. Good until the loop runs on.
 */
const struct credentials *credentials_cache_of(const struct credentials_cache *c,
                                               unsigned generation);
/*
 * fn(arg, NULL) is called once fresh credentials are there, or fn(arg, e) where they can't be had;
 * never from within this call. A failure is told to all who wait, and is not remembered.
 */
void credentials_cache_wait(struct credentials_cache *c, struct credentials_waiter *w,
                            void (*fn)(void *arg, const struct error *e), void *arg);
/* Stops waiting; harmless where it does not wait. */
void credentials_cache_leave(struct credentials_waiter *w);
/*
 * The service said that the credentials of this generation have expired: the next peek finds
 * none. A newer generation is left as it is.
 */
void credentials_cache_expire(struct credentials_cache *c, unsigned generation);

#endif
