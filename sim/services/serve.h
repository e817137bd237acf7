/* SPDX-License-Identifier: MIT */
/*
 * serve.h: the steps of a call, from its headers to its reply.
 *
 *     serve_headers    who signs, for which service; S3: the operation, the bucket, the signature
 *     serve_receive    the body, to memory or (S3 uploads) to the store
 *     serve_received   the others' operation and signature; then which faults befall the call
 *     (the delay that the plan asks for)
 *     serve_answer     the fault's answer, or: is the caller allowed, then the operation itself
 *
 * As soon as a step has made the reply (call_failed), the later ones leave it as it is.
 */
#ifndef SERVICES_SERVE_H
#define SERVICES_SERVE_H

#include "services/call.h"

/* The headers are there. */
void serve_headers(struct call *call);

/* Takes in a piece of the body. */
void serve_receive(struct call *call, const char *bytes, size_t len);

/* The body is there. Afterwards call->plan holds the fault of the call. */
void serve_received(struct call *call);

/* Makes the reply. */
void serve_answer(struct call *call);

#endif
