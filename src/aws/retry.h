/* SPDX-License-Identifier: MIT */
/*
 * retry.h: which failures are worth another attempt, and after how long.
 *
 * Exponential back-off with full jitter: before attempt n+1 the wait is evenly drawn from 0 to
 * min(cap, base * 2^(n-1)) (AWS Architecture Blog, "Exponential Backoff And Jitter"); never less
 * than Retry-After if the service sent one. The error codes are those that the AWS SDKs retry
 * (SDKs and Tools Reference Guide, "Retry behavior").
 */
#ifndef AWS_RETRY_H
#define AWS_RETRY_H

#include "base/error.h"
#include "base/random.h"

#include <stdint.h>

#define RETRY_ATTEMPTS_MAX 6 /* the first and five more */

enum retry_class {
    RETRY_NEVER,
    RETRY_TRANSIENT, /* broken, timed out, 5xx */
    RETRY_THROTTLED, /* asked to slow down */
    RETRY_EXPIRED,   /* at once, with new credentials */
    RETRY_SKEWED,    /* at once, with the clock set right */
    RETRY_NEW_KEY,   /* unknown key: worth it only if the session has just begun */
    RETRY_REFUSED,   /* never: the credentials themselves are refused */
};

/* What kind of failure 'e' is. */
enum retry_class retry_classify(const struct error *e);
/*
 * Milliseconds to wait before the next attempt, after 'attempt' attempts (1 or more) have failed.
 * 'retry_after_ms' is what the service asked for, 0 if it did not.
 */
int64_t retry_delay_ms(enum retry_class class, unsigned attempt, int64_t retry_after_ms,
                       struct random *random);

#endif
