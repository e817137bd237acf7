/* SPDX-License-Identifier: MIT */
/*
 * lambda_answer.h: the bodies of the answers that the function gives to an invocation.
 *
 *     {"statusCode": 200, "body": "<a JSON text>"}                  .../response
 *     {"errorMessage": "...", "errorType": "...", "stackTrace": []} .../error
 *
 * Source: AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes". Each
 * function replaces the content of 'out', which is complete unless the answer is longer than its
 * maximum.
 */
#ifndef APP_LAMBDA_ANSWER_H
#define APP_LAMBDA_ANSWER_H

#include "app/result.h"

/* Lambda refuses answers over 6 MiB. */
#define LAMBDA_ANSWER_MAX_BYTES ((size_t)(6 * 1024 - 64) * 1024)

/* The answer of a census: its result document, in brief if the answer would be too long. */
void lambda_answer_result(const struct result *result, struct buffer *out);
/* The answer of a step of the fan-out: 'body' is the step's own, a JSON text. */
void lambda_answer_step(const struct buffer *body, struct buffer *out);
/*
 * The answer if a census or step failed because of its event or settings: status 500 and 'message'.
 */
void lambda_answer_failure(const char *message, struct buffer *out);
/* An error of the invocation, which its caller may try again. */
void lambda_answer_error(const char *type, const char *message, struct buffer *out);

#endif
