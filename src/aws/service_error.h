/* SPDX-License-Identifier: MIT */
/*
 * service_error.h: what a service says when it refuses, in whatever form: the one place where its
 * words become a 'struct error'.
 *
 * It reads XML with any root (ErrorResponse of IAM and STS, Error of S3, Response/Errors/Error, and
 * the roots of gateways, whose name is the code: <AccessDeniedException>), JSON (code as __type,
 * code or Code), and the header x-amzn-ErrorType. An answer that is none of these has no code: its
 * status decides.
 */
#ifndef AWS_SERVICE_ERROR_H
#define AWS_SERVICE_ERROR_H

#include "base/blanks.h"
#include "net/http.h"

/* The rest of a longer error answer is dropped. */
#define SERVICE_ERROR_MAX_BYTES ((size_t)64 * 1024)

/* A member is VIEW_NONE if the service does not say. */
struct service_error {
    struct view code, message, request_id;
    struct view region, endpoint; /* of S3, if the bucket is in another region */
    bool cut;                     /* it begins as a service's error, and is not whole: no code */
};

struct service_answer; /* the body of an answer that is an error, as it comes in */

/* An empty one. Never NULL. */
struct service_answer *service_answer_new(void);
/* Frees it; 'a' may be NULL. */
void service_answer_free(struct service_answer *a);
/* Adds a piece of the body; what is over the bound is dropped. */
void service_answer_add(struct service_answer *a, struct view piece);
/*
 * The body is complete: sets '*told' to what it and the headers say. That is borrowed from both, so
 * good until the next http_response_header or the end of the answer.
 */
void service_answer_read(struct service_answer *a, const struct http_response *response,
                         struct service_error *told);

/*
 * Makes the error of kind ERROR_SERVICE; ERROR_PROTOCOL, which is worth another attempt, if the
 * answer was cut: nobody knows what it would have said. Its texts are those of the service, in
 * which the secrets are blanked before anything is cut to its bound; of SignatureDoesNotMatch,
 * whose message goes on to repeat the whole request, only the first sentence is taken.
 */
void service_error_make(struct error *e, int http_status, const struct service_error *told,
                        const struct blanks *secrets);

#endif
