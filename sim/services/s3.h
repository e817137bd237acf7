/* SPDX-License-Identifier: MIT */
/* s3.h: what the answers of S3 have in common. */
#ifndef SERVICES_S3_H
#define SERVICES_S3_H

#include "services/s3_store.h"

struct call;

/* Begins an XML body with its declaration and root element. */
void s3_begin(struct call *call, const char *root);

/* Adds an element to the error that is about to be answered; does nothing if 'value' is NULL. */
void s3_detail(struct call *call, const char *element, const char *value);

/* The upload that uploadId names, or NULL after making the call's reply. */
struct s3_object *s3_find_upload(struct call *call);

/*
 * The object made by the completed upload that uploadId names; NULL if there is none, or if the
 * bucket forgets completed uploads.
 */
struct s3_object *s3_completed_upload(struct call *call);

/* Checks the request's encryption headers. Returns 0, or -1 after making the call's reply. */
int s3_check_encryption(struct call *call);

/* Stores the request's headers that describe the object. */
void s3_keep_headers(struct call *call, struct s3_object *object);

/* Adds the object's encryption headers to the reply, as answers to uploads have them. */
void s3_answer_encryption(struct call *call, const struct s3_object *object);

/* The value in quotes, in the call's arena. */
const char *s3_quoted(struct call *call, const char *value);

/* A whole number in the query string, at most 'most'; 'otherwise' if it is missing. */
size_t s3_number(struct call *call, const char *name, size_t otherwise, size_t most);

/* A key as the request wants it: URL-encoded if there is encoding-type=url. */
const char *s3_listed_key(struct call *call, const char *key);

#endif
