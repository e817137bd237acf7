/* SPDX-License-Identifier: MIT */
/*
 * caller.h: who runs the census: the credentials, and the account that they belong to.
 *
 * GetCallerIdentity is called only if some role can't be assumed, and at most once in a run.
 */
#ifndef CENSUS_CALLER_H
#define CENSUS_CALLER_H

#include "api/sts.h"

#include <sys/queue.h>

struct caller {
    const struct sts *sts;
    struct credentials_cache *credentials;
    char account[16]; /* "" before it is known */
    bool asked;       /* GetCallerIdentity has been called */
    struct sts_call *call;
    LIST_HEAD(caller_waiters, caller_waiter) waiting;
};

/* Embedded in the struct that waits; zeroed before its first use. */
struct caller_waiter {
    /* 'account' is "" if AWS did not return it. */
    void (*fn)(void *arg, const char *account);
    void *arg;
    struct caller *caller;
    bool waits; /* it is in the caller's list */
    LIST_ENTRY(caller_waiter) link;
    struct loop_timer timer;
};

/* 'sts' and 'credentials' are borrowed. */
void caller_init(struct caller *c, const struct sts *sts, struct credentials_cache *credentials);
/* Cancels what is under way; waiters are not called. */
void caller_release(struct caller *c);
/* Finds the caller's account. fn(arg, account) is called once, never from within this call. */
void caller_account(struct caller *c, struct caller_waiter *w,
                    void (*fn)(void *arg, const char *account), void *arg);
/* Stops waiting; does nothing if 'w' is not waiting. */
void caller_leave(struct caller *c, struct caller_waiter *w);

#endif
