/* SPDX-License-Identifier: MIT */
/*
 * lambda_answer.h: the bodies of the answers that the function gives to an invocation.
 *
 *     {"statusCode": 200, "body": "<a JSON text>"}                  .../response
 *     {"errorMessage": "...", "errorType": "...", "stackTrace": []} .../error
 *
 * Source: AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes". Each
 * function replaces the content of 'out', which is complete unless its maximum does not suffice.
 */
#ifndef APP_LAMBDA_ANSWER_H
#define APP_LAMBDA_ANSWER_H

#include "app/result.h"

/* Lambda refuses answers over 6 MiB. */
#define LAMBDA_ANSWER_MAX_BYTES ((size_t)(6 * 1024 - 64) * 1024)

/* Of a census: its result document, without details if the answer would be too long with them. */
void lambda_answer_result(const struct result *result, struct buffer *out);
/* Of a step of the fan-out: 'body' is its answer, a JSON text. */
void lambda_answer_step(const struct buffer *body, struct buffer *out);
/* Of a census or step that failed because of its event or settings: status 500 and 'message'. */
void lambda_answer_failure(const char *message, struct buffer *out);
/* An error of the invocation, which its caller may try again. */
void lambda_answer_error(const char *type, const char *message, struct buffer *out);

#endif
