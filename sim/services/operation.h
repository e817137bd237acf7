/* SPDX-License-Identifier: MIT */
/*
 * operation.h: which operation a request to STS, IAM or Organizations asks for. (Of S3: s3_route.)
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

/* Finds the account that the call is about, and the number that is the same if it is retried. */
void operation_identify(struct call *call);

#endif
