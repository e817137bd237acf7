/* SPDX-License-Identifier: MIT */
/*
 * operation.h: finds the operation that a request to STS, IAM or Organizations is for. (For S3:
 * s3_route.)
 *
 * Each function fills in the call, or makes its reply (call_failed) if the request is not valid.
 */
#ifndef SERVICES_OPERATION_H
#define SERVICES_OPERATION_H

#include "services/call.h"

/* Reads the action and the parameters; the action may be ACTION_UNKNOWN afterwards. */
void operation_read(struct call *call);

/* Checks that there is such an operation, and finds the user that the call is about. */
void operation_check(struct call *call);

/* Finds the account that the call is about, and the key that a retry of the call has too. */
void operation_identify(struct call *call);

#endif
