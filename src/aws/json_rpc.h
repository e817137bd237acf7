/* SPDX-License-Identifier: MIT */
/*
 * json_rpc.h: the AWS JSON 1.1 protocol: a JSON object in, a JSON object out.
 *
 * Source: Smithy's "AWS JSON 1.1 protocol". Answers are bounded in size, and read by Jansson once
 * they are complete.
 */
#ifndef AWS_JSON_RPC_H
#define AWS_JSON_RPC_H

#include "aws/call.h"

#include <jansson.h>

#define JSON_RPC_ANSWER_MAX_BYTES ((size_t)8 * 1024 * 1024)

struct json_rpc; /* a call under way */

/*
 * Calls 'operation' ("ListAccounts") of the service whose X-Amz-Target prefix is 'prefix' with
 * 'input' (borrowed for this call). 'done' is called once, never from within this call: with the
 * answer's object (borrowed for the callback), or NULL and the error.
 */
struct json_rpc *
json_rpc_start(const struct aws_target *target, enum aws_service service, const char *prefix,
               const char *operation, const json_t *input,
               void (*done)(void *arg, const json_t *answer, const struct error *e), void *arg);
/* Ends it without calling back. 'call' may be NULL. */
void json_rpc_cancel(struct json_rpc *call);

#endif
