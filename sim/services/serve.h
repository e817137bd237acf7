/* SPDX-License-Identifier: MIT */
/*
 * serve.h: the steps of a call, from its headers to its reply.
 *
 *     serve_headers    who signs, for which service; S3: the operation, the bucket, the signature
 *     serve_receive    stores the body in memory, or (S3 uploads) in the store
 *     serve_received   not for S3: the operation and the signature. Then which faults apply
 *     (the delay that the plan asks for)
 *     serve_answer     the fault's answer; or, if the caller is allowed, the operation itself
 *
 * Once a step has made the reply (call_failed), later steps leave it as it is.
 */
#ifndef SERVICES_SERVE_H
#define SERVICES_SERVE_H

#include "services/call.h"

/* To be called when the headers have been received. */
void serve_headers(struct call *call);

/* Takes in a piece of the body. */
void serve_receive(struct call *call, const char *bytes, size_t len);

/*
 * To be called when the body has been received. Afterwards call->plan holds the fault of the call.
 */
void serve_received(struct call *call);

/* Makes the reply. */
void serve_answer(struct call *call);

#endif
