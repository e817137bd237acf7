/* SPDX-License-Identifier: MIT */
/*
 * Who needs credentials peeks. If there are none, or they are about to expire, it waits:
 *
 *   wait --> provider_start --> cache_on_fetched --+- good ones: hold them, as a new generation
 *    |                                             +- failed, but the old ones are still good: keep
 *    |  the next to wait joins                     |  them, and ask again in 10 s (or 300 s)
 *    +- those that wait already                    +- failed, expired or refused: 'lost' is called
 *                                                  |
 *                                                  +-> all who wait are called, in order
 *
 * A service that calls the credentials expired (credentials_cache_expire) makes the next peek find
 * none. The generation before is kept as well: responses to what it signed may still come in.
 */
#include "aws/cache.h"

#include "base/log.h"

#include <stdio.h>

/* Refreshed this long before they expire, so that a request under way does not outlive them. */
#define REFRESH_MARGIN_S INT64_C(60)
/*
 * How long until renewing is tried again: while the old ones are still good, and after they have
 * expired.
 */
#define RENEW_AGAIN_S INT64_C(10)
#define RENEW_STALE_S INT64_C(300)
/* A session is new for this long; AWS's services learn of it within seconds. */
#define NEW_SESSION_S INT64_C(60)

void credentials_cache_init(struct credentials_cache *c, struct loop *loop,
                            struct credentials_provider *provider)
{
    *c = (struct credentials_cache){
        .loop = loop, .provider = provider, .margin_s = REFRESH_MARGIN_S};
}

void credentials_cache_on_lost(struct credentials_cache *c,
                               void (*fn)(void *arg, const struct error *e), void *arg)
{
    c->lost = fn;
    c->lost_arg = arg;
}

void credentials_cache_release(struct credentials_cache *c)
{
    if (!c->loop)
        return;
    loop_timer_stop(c->loop, &c->deliver);
    while (!LIST_EMPTY(&c->waiting))
        credentials_cache_leave(LIST_FIRST(&c->waiting));
    provider_free(c->provider);
    credentials_clear(&c->current);
    credentials_clear(&c->previous);
    sigv4_key_clear(&c->signing_key);
    *c = (struct credentials_cache){0};
}

static int64_t now_s(const struct credentials_cache *c)
{
    return clock_wall_ms(loop_clock(c->loop)) / 1000 + (c->skew_s ? *c->skew_s : 0);
}

const struct credentials *credentials_cache_peek(struct credentials_cache *c)
{
    if (!c->held || now_s(c) >= c->refresh_at_s)
        return NULL;
    return &c->current;
}

const struct credentials *credentials_cache_of(const struct credentials_cache *c,
                                               unsigned generation)
{
    if (generation == 0)
        return NULL;
    return generation == c->generation       ? &c->current
           : generation + 1 == c->generation ? &c->previous
                                             : NULL;
}

static void push(struct credentials_waiters *list, struct credentials_waiter *w)
{
    LIST_INSERT_HEAD(list, w, link);
    w->waits = true;
}

/*
 * Each waiter leaves before it is called, since it may wait again at once, for the next fetch. The
 * list has the latest waiter first; moving its members one by one reverses it, so that they are
 * called in the order in which they came.
 */
static void cache_tell_all(void *arg)
{
    struct credentials_cache *c = arg;
    struct credentials_waiters told = LIST_HEAD_INITIALIZER(told);
    struct error e = c->failed;
    bool failed = e.kind != ERROR_NONE;
    while (!LIST_EMPTY(&c->waiting)) {
        struct credentials_waiter *w = LIST_FIRST(&c->waiting);
        credentials_cache_leave(w);
        push(&told, w);
    }
    while (!LIST_EMPTY(&told)) {
        struct credentials_waiter *w = LIST_FIRST(&told);
        credentials_cache_leave(w);
        w->fn(w->arg, failed ? &e : NULL);
    }
}

static int64_t refresh_time_s(const struct credentials_cache *c, int64_t expires_at_s)
{
    int64_t now = now_s(c);
    if (expires_at_s == CREDENTIALS_NEVER_EXPIRE)
        return expires_at_s;
    if (expires_at_s <= now)
        return now + RENEW_STALE_S;
    /* Short-lived credentials are used until they expire, else each call would fetch anew. */
    return expires_at_s - now > 2 * c->margin_s ? expires_at_s - c->margin_s : expires_at_s;
}

static bool are_good(const struct credentials_cache *c, const struct credentials *credentials)
{
    return credentials->expires_at_s > now_s(c) || credentials->stays_good;
}

/*
 * True if 'fetched' are the credentials that a service has just called expired. A session that STS
 * has just begun is always a new one.
 */
static bool are_refused(const struct credentials_cache *c, const struct credentials *fetched)
{
    return c->refused && !fetched->new_session &&
           strcmp(fetched->access_key_id, c->current.access_key_id) == 0 &&
           view_equal(secret_reveal(&fetched->session_token),
                      secret_reveal(&c->current.session_token));
}

static void cache_hold(struct credentials_cache *c, const struct credentials *fetched)
{
    credentials_clear(&c->previous);
    c->previous = c->current;
    c->current = (struct credentials){0};
    credentials_copy(&c->current, fetched);
    c->refresh_at_s = refresh_time_s(c, fetched->expires_at_s);
    c->fetched_at_s = now_s(c);
    c->held = true;
    c->refused = false;
    c->generation++;
    if (fetched->expires_at_s <= now_s(c))
        log_event(
            LOG_WARN,
            "the credentials have expired and are used all the same: their service has no newer "
            "ones yet",
            FIELD("provider", provider_source(c->provider)));
}

/* The old credentials, which services still accept, stay in use; renewing is tried again soon. */
static void cache_serve_on(struct credentials_cache *c, const struct error *e)
{
    bool good = c->current.expires_at_s > now_s(c);
    log_event(LOG_WARN, "credentials could not be renewed, the old ones stay in use",
              FIELD("provider", provider_source(c->provider)), FIELD("reason", e->text));
    c->refresh_at_s = now_s(c) + (good ? RENEW_AGAIN_S : RENEW_STALE_S);
    if (good && !c->current.stays_good && c->refresh_at_s > c->current.expires_at_s)
        c->refresh_at_s = c->current.expires_at_s;
}

static void cache_lose(struct credentials_cache *c)
{
    if (c->generation > 0 && c->lost)
        c->lost(c->lost_arg, &c->failed);
}

static void cache_on_fetched(void *arg, const struct credentials *fetched, const struct error *e)
{
    struct credentials_cache *c = arg;
    c->fetching = false;
    error_clear(&c->failed);
    if (fetched && are_refused(c, fetched)) {
        error_set(&c->failed, ERROR_CREDENTIALS,
                  "the credentials from %s have expired, and it returned no newer ones",
                  provider_source(c->provider));
        snprintf(c->failed.code, sizeof(c->failed.code), "%s", CREDENTIALS_EXPIRED);
    } else if (fetched && !are_good(c, fetched)) {
        error_set(&c->failed, ERROR_CREDENTIALS, "the credentials from %s have expired already",
                  provider_source(c->provider));
    } else if (fetched) {
        cache_hold(c, fetched);
    } else if (c->held && are_good(c, &c->current)) {
        cache_serve_on(c, e);
    } else {
        c->failed = *e;
    }
    if (c->failed.kind != ERROR_NONE)
        cache_lose(c);
    cache_tell_all(c);
}

void credentials_cache_wait(struct credentials_cache *c, struct credentials_waiter *w,
                            void (*fn)(void *arg, const struct error *e), void *arg)
{
    credentials_cache_leave(w);
    *w = (struct credentials_waiter){.fn = fn, .arg = arg};
    push(&c->waiting, w);
    if (c->fetching)
        return;
    error_clear(&c->failed);
    if (credentials_cache_peek(c)) {
        loop_soon(c->loop, &c->deliver, cache_tell_all, c);
        return;
    }
    c->fetching = true;
    provider_start(c->provider, (struct provider_done){cache_on_fetched, c});
}

void credentials_cache_leave(struct credentials_waiter *w)
{
    if (w->waits)
        LIST_REMOVE(w, link);
    w->waits = false;
}

void credentials_cache_expire(struct credentials_cache *c, unsigned generation)
{
    if (c->generation != generation)
        return;
    c->held = false;
    c->refused = true;
}

void credentials_cache_refuse(struct credentials_cache *c, unsigned generation,
                              const struct error *e)
{
    if (c->generation == generation && c->lost)
        c->lost(c->lost_arg, e);
}

bool credentials_cache_is_new(const struct credentials_cache *c)
{
    return c->held && c->current.new_session && now_s(c) - c->fetched_at_s < NEW_SESSION_S;
}
