/* SPDX-License-Identifier: MIT */
/*
 * started.h: when a run began, by AWS's clock: ages count to that moment, and it names the output.
 *
 * Our own clock may be off, which would make every age wrong. The Date header of the first response
 * of a service tells AWS's time (aws/clocks.h). A run that was given its accounts and organization
 * id has called no service yet when its output is to be named: it calls GetCallerIdentity, which
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
    int64_t at_s; /* the moment: by our clock until it was found, then by AWS's */
    void (*done)(void *arg, const struct error *e);
    void *arg;
};

/* Notes the current moment. 'sts' and the caller's credentials are borrowed. */
void started_init(struct started *s, const struct sts *sts, struct credentials_cache *credentials);
/*
 * Calls done(arg, NULL) once 'at_s' is right, or done(arg, e) if AWS could not be asked; never from
 * within this call. Logs a warning if our clock is off.
 */
void started_find(struct started *s, void (*done)(void *arg, const struct error *e), void *arg);
/* Ends what is under way without calling back. */
void started_cancel(struct started *s);

#endif
