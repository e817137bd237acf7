/* SPDX-License-Identifier: MIT */
/*
 * started.h: when a run began, by AWS's clock. Ages count to that moment, and the output's name has
 * it.
 *
 * Our own clock may be off, which would make every age wrong. The Date header of the first response
 * from a service has AWS's time (aws/clocks.h). A run whose accounts and organization id are given
 * has called no service yet when it must name its output, so it calls GetCallerIdentity, which
 * needs no permission.
 */
#ifndef APP_STARTED_H
#define APP_STARTED_H

#include "api/sts.h"

struct started {
    const struct sts *sts;
    struct credentials_cache *credentials;
    struct sts_call *call;
    struct loop_timer timer;
    int64_t at_s; /* when the run began: by our clock until started_find is done, then by AWS's */
    void (*done)(void *arg, const struct error *e);
    void *arg;
};

/* Records the current time. 'sts' and the caller's credentials are borrowed. */
void started_init(struct started *s, const struct sts *sts, struct credentials_cache *credentials);
/*
 * Calls done(arg, NULL) once 'at_s' is by AWS's clock, or done(arg, e) if the call to AWS failed;
 * never from within this call. Logs a warning if our clock is off.
 */
void started_find(struct started *s, void (*done)(void *arg, const struct error *e), void *arg);
/* Ends what is under way without calling back. */
void started_cancel(struct started *s);

#endif
