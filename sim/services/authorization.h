/* SPDX-License-Identifier: MIT */
/*
 * authorization.h: parses the Authorization header of Signature Version 4: who signed, for which
 * scope, and which headers. Only the form is checked here; errors are in AWS's words.
 */
#ifndef SERVICES_AUTHORIZATION_H
#define SERVICES_AUTHORIZATION_H

#include "wire/digest.h"
#include "wire/request.h"
#include "wire/text.h"

#include <stddef.h>

#define AUTHORIZATION_ALGORITHM   "AWS4-HMAC-SHA256"
#define AUTHORIZATION_REGION_SIZE 40

enum authorization_result {
    AUTHORIZATION_READ,
    AUTHORIZATION_MISSING,    /* there is no such header */
    AUTHORIZATION_INCOMPLETE, /* a part is missing, or is not of the form name=value */
    AUTHORIZATION_CREDENTIAL, /* the credential is not keyid/date/region/service/term */
    AUTHORIZATION_TERMINATOR, /* the credential's last element is not aws4_request */
};

/* The content of the header. 'signed_headers' points into it. */
struct sigv4_scope {
    char access_key_id[129];
    char date[9];
    char region[AUTHORIZATION_REGION_SIZE];
    char service[32];
    char signature[SHA256_HEX_SIZE];
    const char *signed_headers;
    size_t signed_headers_len;
};

/*
 * Parses the header. If it is malformed, 'message' (released by the caller) becomes AWS's message,
 * which repeats what was sent, as AWS does.
 */
enum authorization_result authorization_read(const struct request *request,
                                             struct sigv4_scope *scope, struct buffer *message);

#endif
