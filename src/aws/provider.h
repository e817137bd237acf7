/* SPDX-License-Identifier: MIT */
/*
 * provider.h: where credentials come from, as a small table of functions.
 *
 * A provider fetches credentials once each time it is started, and does not keep them: a
 * credentials_cache does, until they expire (cache.h). There is a file per provider in auth/.
 */
#ifndef AWS_PROVIDER_H
#define AWS_PROVIDER_H

#include "aws/credentials.h"
#include "base/error.h"

#include <stddef.h>

struct credentials_provider;

/*
 * Called once per start, never from within it. On success 'e' is NULL and 'c' is borrowed for the
 * call. On failure 'c' is NULL; an error of kind ERROR_ABSENT says that the provider is not
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
    /*
     * Gives up the fetch under way: 'done' is not called any more. Does nothing if there is none.
     */
    void (*cancel)(struct credentials_provider *p);
    /* Cancels and frees. */
    void (*free)(struct credentials_provider *p);
};

/* The first member of each provider's own struct. */
struct credentials_provider {
    const struct provider_ops *ops;
    const char *source; /* of the provider that a chain has settled on; NULL: ops->name */
};

/* Where the credentials come from, for people: "environment", "profile 'x'". */
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

/* Cancels and frees; 'p' may be NULL. */
static inline void provider_free(struct credentials_provider *p)
{
    if (p)
        p->ops->free(p);
}

#endif
