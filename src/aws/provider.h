/* SPDX-License-Identifier: MIT */
/*
 * provider.h: where credentials come from, as a small table of functions.
 *
 * A provider fetches credentials once each time it is started; it neither keeps nor repeats. What
 * keeps them until they expire is a credentials_cache (cache.h). One file a provider, in auth/.
 */
#ifndef AWS_PROVIDER_H
#define AWS_PROVIDER_H

#include "aws/credentials.h"
#include "base/error.h"

#include <stddef.h>

struct credentials_provider;

/*
 * Called once for a start, never from within it. On success 'e' is NULL and 'c' is borrowed for
 * the call. On failure 'c' is NULL; an error of kind ERROR_ABSENT says that the provider is not
 * configured ("AWS_ACCESS_KEY_ID is not set"), so that a chain goes on; any other kind ends a
 * chain.
 */
struct provider_done {
    void (*fn)(void *arg, const struct credentials *c, const struct error *e);
    void *arg;
};

struct provider_ops {
    const char *name; /* for messages: "environment", "container" */
    /* Begins to fetch. Never started twice at a time. */
    void (*start)(struct credentials_provider *p, struct provider_done done);
    /* Gives up a fetch under way: 'done' is not called any more. Harmless if none is. */
    void (*cancel)(struct credentials_provider *p);
    /* Cancels and frees. */
    void (*free)(struct credentials_provider *p);
};

/* The first member of each provider's own struct. */
struct credentials_provider {
    const struct provider_ops *ops;
    const char *source; /* a better name, of the one that a chain has settled on; NULL: ops->name */
};

/* What people know the credentials' origin by: "environment", "profile 'x'". */
static inline const char *provider_source(const struct credentials_provider *p)
{
    return p->source ? p->source : p->ops->name;
}

static inline void provider_start(struct credentials_provider *p, struct provider_done done)
{
    p->ops->start(p, done);
}

static inline void provider_cancel(struct credentials_provider *p)
{
    p->ops->cancel(p);
}

/* NULL is fine. */
static inline void provider_free(struct credentials_provider *p)
{
    if (p)
        p->ops->free(p);
}

#endif
