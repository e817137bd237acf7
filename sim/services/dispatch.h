/* SPDX-License-Identifier: MIT */
/*
 * dispatch.h: hands each request to an AWS service, to the simulator's own control, or to Lambda's
 * Runtime API, and counts and logs the calls to AWS.
 */
#ifndef SERVICES_DISPATCH_H
#define SERVICES_DISPATCH_H

#include "services/sim.h"
#include "wire/server.h"

/* The handler to pass to server_open; its context is the struct sim. */
extern const struct server_handler dispatch_handler;

/* Frees the exchanges that were kept for reuse. */
void dispatch_release(struct sim *sim);

#endif
