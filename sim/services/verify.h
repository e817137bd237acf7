/* SPDX-License-Identifier: MIT */
/*
 * verify.h: finds out who makes a call, and to which service, by its signature.
 *
 * Each function fills in the call or, if something is wrong, makes its reply (call_failed) in AWS's
 * words.
 */
#ifndef SERVICES_VERIFY_H
#define SERVICES_VERIFY_H

#include "services/call.h"

/* Reads the Authorization header and sets the call's scope and service. */
void verify_authorization(struct call *call);

/*
 * Checks the signature with this hash of the body, in hexadecimal, and sets the call's identity and
 * the caller's account.
 */
void verify_signature(struct call *call, const char *payload_hash);

/* The same with the hash of the received body; also checks the region that the signature is for. */
void verify_body(struct call *call);

#endif
