/* SPDX-License-Identifier: MIT */
/*
 * verify.h: who makes a call, and to which service, according to its signature.
 *
 * Each function fills in the call, or makes its reply (call_failed) in AWS's words for what is
 * wrong.
 */
#ifndef SERVICES_VERIFY_H
#define SERVICES_VERIFY_H

#include "services/call.h"

/* Reads the Authorization header: the call's scope and service. */
void verify_authorization(struct call *call);

/*
 * Checks the signature with this hash of the body, in hexadecimal: the call's identity and the
 * caller's account.
 */
void verify_signature(struct call *call, const char *payload_hash);

/* The same with the hash of the body that came in, and the region that the signature is for. */
void verify_body(struct call *call);

#endif
