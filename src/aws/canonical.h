/* SPDX-License-Identifier: MIT */
/*
 * canonical.h: the canonical form of a request, which is what Signature Version 4 hashes.
 *
 * Source: "Create a signed AWS API request", step 1, in the IAM User Guide
 * (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html). Used by
 * sigv4.c alone.
 */
#ifndef AWS_CANONICAL_H
#define AWS_CANONICAL_H

#include "aws/sigv4.h"

#define SIGV4_OWN_HEADERS 3 /* date, token, content hash: added by signing */

/* Borrows the request, the scope, and what canonical_init is given. */
struct canonical {
    const struct sigv4_request *request;
    const struct sigv4_scope *scope;
    struct sigv4_header headers[SIGV4_HEADERS_MAX + SIGV4_OWN_HEADERS]; /* sorted by name */
    size_t header_count;
};

/*
 * Gathers the headers to sign: the request's and, as far as the scope asks for them, signing's own
 * with 'date' (X-Amz-Date) and 'token' (VIEW_NONE without one). Allocates nothing. Returns 0; -1
 * with ERROR_CONFIG if there are too many, there is no Host, or one has the name of one of
 * signing's own.
 */
int canonical_init(struct canonical *c, const struct sigv4_request *request,
                   const struct sigv4_scope *scope, struct view date, struct view token,
                   struct error *e) MUST_CHECK;
/* Appends the names of the signed headers: "content-type;host;x-amz-date". */
void canonical_write_names(const struct canonical *c, struct buffer *out);
/*
 * Appends the canonical request. 'signed_names' is what canonical_write_names wrote. Returns 0; -1
 * with ERROR_CONFIG if the path or the query is over its bounds, or ERROR_LIMIT if the whole does
 * not fit into 'out'.
 */
int canonical_write(const struct canonical *c, struct view signed_names, struct buffer *out,
                    struct error *e) MUST_CHECK;

#endif
