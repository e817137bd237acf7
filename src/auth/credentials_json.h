/* SPDX-License-Identifier: MIT */
/*
 * credentials_json.h: the JSON in which programs and local services hand out credentials.
 *
 * The three forms differ in the name of the token and in the other members. Jansson keeps copies of
 * the values while it parses, and frees them without wiping: that much of a secret may stay in
 * freed memory.
 */
#ifndef AUTH_CREDENTIALS_JSON_H
#define AUTH_CREDENTIALS_JSON_H

#include "aws/credentials.h"
#include "base/error.h"

#define CREDENTIALS_JSON_MAX ((size_t)64 * 1024) /* bytes */

enum credentials_json {
    JSON_PROCESS,   /* Version 1, SessionToken and Expiration may be missing */
    JSON_CONTAINER, /* Token and Expiration may be missing (EKS, and local stand-ins) */
    JSON_IMDS,      /* Code is "Success"; Token and Expiration */
};

/*
 * Reads 'text' into '*c' (zero, or filled before). Returns 0; -1 with ERROR_CREDENTIALS, whose text
 * says what is wrong and never quotes a secret.
 */
int credentials_json_read(struct view text, enum credentials_json form, struct credentials *c,
                          struct error *e) MUST_CHECK;

#endif
