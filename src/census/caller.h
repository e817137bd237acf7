/* SPDX-License-Identifier: MIT */
/*
 * caller.h: who runs the census: credentials, and which account they belong to.
 *
 * The account is asked for (GetCallerIdentity) only when some role can't be assumed, once for the
 * whole run.
 */
#ifndef CENSUS_CALLER_H
#define CENSUS_CALLER_H

#include "api/sts.h"

#include <sys/queue.h>

struct caller {
    const struct sts *sts;
    struct credentials_cache *credentials;
    char account[16]; /* "" before it is known */
    bool asked;       /* the response is there, or on its way */
    struct sts_call *call;
    LIST_HEAD(caller_waiters, caller_waiter) waiting;
};

/* Embedded in the struct that waits (zeroed before its first use). */
struct caller_waiter {
    /* 'account' is "" if AWS did not tell it. */
    void (*fn)(void *arg, const char *account);
    void *arg;
    struct caller *caller;
    bool waits; /* it is in the caller's list */
    LIST_ENTRY(caller_waiter) link;
    struct loop_timer timer;
};

/* 'sts' and 'credentials' are borrowed. */
void caller_init(struct caller *c, const struct sts *sts, struct credentials_cache *credentials);
/* Ends what is under way; those who wait are not called. */
void caller_release(struct caller *c);
/* fn(arg, account) is called once, never from within this call. */
void caller_account(struct caller *c, struct caller_waiter *w,
                    void (*fn)(void *arg, const char *account), void *arg);
/* Stops waiting; does nothing if it does not wait. */
void caller_leave(struct caller *c, struct caller_waiter *w);

#endif
