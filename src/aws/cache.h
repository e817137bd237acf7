/* SPDX-License-Identifier: MIT */
/*
 * cache.h: credentials kept until shortly before they expire, and fetched once for all who wait.
 *
 * One cache stands for one identity: the caller, or the role in one account. Calls peek; if
 * nothing fresh is there they wait, and the provider is started once for all of them. If it fails
 * while the old ones are still good they serve on, and it is asked again a little later. Those of
 * instances and containers serve on past their time, as in all SDKs: their service may be late.
 */
#ifndef AWS_CACHE_H
#define AWS_CACHE_H

#include "aws/provider.h"
#include "aws/sigv4.h"
#include "net/loop.h"

#include <sys/queue.h>

/* Embedded in whoever waits (zeroed before its first use). */
struct credentials_waiter {
    void (*fn)(void *arg, const struct error *e);
    void *arg;
    bool waits; /* it is in a list */
    LIST_ENTRY(credentials_waiter) link;
};
LIST_HEAD(credentials_waiters, credentials_waiter);

struct credentials_cache {
    struct loop *loop;                     /* borrowed */
    struct credentials_provider *provider; /* owned */
    const int64_t
        *skew_s; /* how far the wall clock is known to be off, borrowed; NULL: not at all */
    struct credentials current;
    struct credentials previous; /* of the generation before: a request under way may be signed with
                                    them */
    int64_t refresh_at_s, fetched_at_s;
    int64_t margin_s;    /* before they expire, when they are to be renewed */
    unsigned generation; /* counts the credentials that it has held */
    bool held, fetching;
    bool refused;        /* a service has called those in 'current' expired */
    struct error failed; /* of the last fetch */
    struct sigv4_key signing_key;
    struct credentials_waiters waiting; /* the last to come first */
    struct loop_timer deliver;
    void (*lost)(void *arg, const struct error *e);
    void *lost_arg;
};

/* An empty cache before 'provider', which it owns from here on. */
void credentials_cache_init(struct credentials_cache *c, struct loop *loop,
                            struct credentials_provider *provider);
/*
 * fn(arg, e) is called when credentials that were there can't be used any more: they have expired
 * and can't be renewed, or a service refuses them. From within the cache's own work or a call's: it
 * notes that, and acts later. It may be called more than once.
 */
void credentials_cache_on_lost(struct credentials_cache *c,
                               void (*fn)(void *arg, const struct error *e), void *arg);
/* Wipes, frees the provider, and drops those who wait without calling them. */
void credentials_cache_release(struct credentials_cache *c);
/* The credentials if they are fresh, else NULL. Good until the loop runs on. */
const struct credentials *credentials_cache_peek(struct credentials_cache *c);
/*
 * The credentials of this generation, fresh or not; NULL if they are gone: only the latest two are
 * kept. Good until the loop runs on.
 */
const struct credentials *credentials_cache_of(const struct credentials_cache *c,
                                               unsigned generation);
/*
 * fn(arg, NULL) is called once fresh credentials are there, or fn(arg, e) if they can't be had;
 * never from within this call. A failure is told to all who wait, and is not remembered.
 */
void credentials_cache_wait(struct credentials_cache *c, struct credentials_waiter *w,
                            void (*fn)(void *arg, const struct error *e), void *arg);
/* Stops waiting; harmless if it does not wait. */
void credentials_cache_leave(struct credentials_waiter *w);
/* The code of the error that tells those who wait that a service calls these expired. */
#define CREDENTIALS_EXPIRED "ExpiredToken"
/*
 * The service said that the credentials of this generation have expired: the next peek finds
 * none, and the provider must give others. A newer generation is left as it is.
 */
void credentials_cache_expire(struct credentials_cache *c, unsigned generation);
/* A service refused the credentials of this generation for good, with 'e'. */
void credentials_cache_refuse(struct credentials_cache *c, unsigned generation,
                              const struct error *e);
/* True for a session that STS began less than a minute ago: not all services may know it yet. */
bool credentials_cache_is_new(const struct credentials_cache *c);

#endif
