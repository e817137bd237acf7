/* SPDX-License-Identifier: MIT */
/*
 * answer.h: the answer to a call, as it comes in. A success goes to the decoder, anything else to
 * the reader of refusals (service_error.h), whose texts are passed on without the secrets of the
 * request. Used by call.c alone.
 */
#ifndef AWS_ANSWER_H
#define AWS_ANSWER_H

#include "aws/call.h"

/* Takes a piece of the body. -1 with the decoder's error. */
int answer_add(struct aws_call *call, const struct http_response *response, struct view piece,
               struct error *e) MUST_CHECK;
/*
 * The answer is complete. 0, or -1 with 'e' if the service has refused, or the answer can't be
 * read.
 */
int answer_end(struct aws_call *call, const struct http_response *response,
               struct error *e) MUST_CHECK;
/* Frees what has come in of a refusal, if anything has. */
void answer_drop(struct aws_call *call);
/*
 * Every error of an attempt goes through this, whatever its kind: it notes request id and status,
 * and blanks the secrets of the request wherever the error repeats them.
 */
void answer_complete_error(const struct aws_call *call, const struct http_response *response,
                           struct error *e);

#endif
