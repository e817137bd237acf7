/* SPDX-License-Identifier: MIT */
/*
 * answer.h: the answer to a call, as it comes in: to the decoder if it is a success, else to the
 * reader of refusals, whose words are told without the secrets of the request. Used by call.c
 * alone.
 */
#ifndef AWS_ANSWER_H
#define AWS_ANSWER_H

#include "aws/call.h"

/* A piece of the body. -1 with the decoder's error. */
int answer_add(struct aws_call *call, const struct http_response *response, struct view piece,
               struct error *e) MUST_CHECK;
/* The answer is whole. 0, or -1 with 'e': the service has refused, or it can't be read. */
int answer_end(struct aws_call *call, const struct http_response *response,
               struct error *e) MUST_CHECK;
/* Forgets what has come in of a refusal. */
void answer_drop(struct aws_call *call);
/*
 * What every error of an attempt goes through, whatever its kind: notes request id and status, and
 * blanks the secrets that went out with the request in all that it repeats.
 */
void answer_complete_error(const struct aws_call *call, const struct http_response *response,
                           struct error *e);

#endif
