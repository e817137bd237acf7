/* SPDX-License-Identifier: MIT */
/*
 * cache.h: credentials kept until shortly before they expire, and fetched once for all who wait.
 *
 * One cache stands for one identity: the caller, or the role in one account. Calls peek; if nothing
 * fresh is there they wait, and the provider is started once for all of them. If it fails while the
 * old ones are still good, those stay in use, and it is asked again a little later. Credentials of
 * instances and containers stay in use even after they have expired, as in all SDKs, since their
 * service may be late with newer ones.
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
    const int64_t *skew_s;                 /* seconds to add to the wall clock; borrowed; NULL: 0 */
    struct credentials current;
    struct credentials previous; /* of the generation before, for requests under way */
    int64_t refresh_at_s, fetched_at_s;
    int64_t margin_s;    /* how long before they expire they are renewed */
    unsigned generation; /* counts the credentials that it has held */
    bool held, fetching;
    bool refused;        /* a service has said that 'current' has expired */
    struct error failed; /* of the last fetch; ERROR_NONE if it succeeded */
    struct sigv4_key signing_key;
    struct credentials_waiters waiting; /* the latest first */
    struct loop_timer deliver;
    void (*lost)(void *arg, const struct error *e);
    void *lost_arg;
};

/* An empty cache of what 'provider' gives; it owns 'provider' from here on. */
void credentials_cache_init(struct credentials_cache *c, struct loop *loop,
                            struct credentials_provider *provider);
/*
 * fn(arg, e) is called when credentials that were there can't be used any more: they have expired
 * and can't be renewed, or a service refuses them. It is called in the middle of the cache's own
 * work or a call's, so it must only take note and act later. It may be called more than once.
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
 * fn(arg, NULL) is called once fresh credentials are there, or fn(arg, e) if they can't be
 * obtained; never from within this call. A failure is reported to all who wait, and is not
 * remembered.
 */
void credentials_cache_wait(struct credentials_cache *c, struct credentials_waiter *w,
                            void (*fn)(void *arg, const struct error *e), void *arg);
/* Stops waiting. Does nothing if 'w' does not wait. */
void credentials_cache_leave(struct credentials_waiter *w);
/*
 * The code of the error that waiters get if the provider can give only the credentials that a
 * service has called expired.
 */
#define CREDENTIALS_EXPIRED "ExpiredToken"
/*
 * The service said that the credentials of this generation have expired: the next peek returns
 * NULL, and the provider must give others. Does nothing if there is a newer generation.
 */
void credentials_cache_expire(struct credentials_cache *c, unsigned generation);
/*
 * A service refused the credentials of this generation for good, with 'e': they are lost (see
 * credentials_cache_on_lost). Does nothing if there is a newer generation.
 */
void credentials_cache_refuse(struct credentials_cache *c, unsigned generation,
                              const struct error *e);
/*
 * True if it holds a session that STS began less than a minute ago: not all services may know it
 * yet.
 */
bool credentials_cache_is_new(const struct credentials_cache *c);

#endif
