/* SPDX-License-Identifier: MIT */
/*
 * call.h: one call of an AWS operation: what is known about it, and its reply.
 *
 * A call is the services' side of an exchange. It is filled in step by step: who signed it and for
 * which service (verify.c), which operation it asks for (operation.c), which fault happens to it
 * (faults/), and the reply (the service's own file). serve.c puts these steps in order. Whatever a
 * call points to lives in its exchange's arena, unless its comment says otherwise.
 */
#ifndef SERVICES_CALL_H
#define SERVICES_CALL_H

#include "faults/error_form.h"
#include "faults/fault.h"
#include "services/session.h"
#include "services/sigv4.h"
#include "wire/exchange.h"
#include "wire/form.h"
#include "world/action.h"
#include "world/world.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define REQUEST_ID_SIZE 37

struct sim;
struct s3_upload;

/* What a request is for: an AWS service, the simulator's control, or Lambda's Runtime API. */
enum call_kind { CALL_AWS, CALL_CONTROL, CALL_LAMBDA };

struct call {
    struct exchange http;
    struct sim *sim;
    enum call_kind kind;
    bool counted; /* it has been counted as answered */
    char request_id[REQUEST_ID_SIZE];

    enum service service;
    enum action action;
    struct sigv4_scope scope;
    struct identity identity;
    struct account account; /* the caller's account */
    size_t charged_account; /* the account that the call is about, whose faults apply */
    uint64_t key;           /* identifies the call: a retry has the same key */
    const char *user_name;  /* the user that the call is about, or NULL */

    struct form form;           /* for STS, IAM, and the query string of S3 */
    json_t *json;               /* Organizations; owned */
    const char *bucket;         /* S3 */
    const char *object;         /* S3: the key, decoded */
    const char *error_details;  /* S3: XML for the inside of an error; NULL: none */
    enum error_form error_form; /* how an error of this call is written */
    struct s3_upload *upload;   /* S3: where the body goes; owned, or NULL */

    struct fault_plan plan; /* which fault happens to the call */
};

/* Gives an empty call its request id. */
void call_open(struct call *call, struct sim *sim);

/* Frees everything that the call owns and empties it; its arena keeps a block for the next call. */
void call_close(struct call *call);

/* Adds a header to the reply; does nothing if 'value' is NULL. The strings are borrowed. */
void call_header(struct call *call, const char *name, const char *value);

/* True if the call has its reply already, because it failed. */
bool call_failed(const struct call *call);

/* The caller's ARN, in the call's arena. */
const char *call_principal(struct call *call);

/* A parameter of the query protocol or of the S3 query string; NULL if it is missing. */
const char *call_parameter(const struct call *call, const char *name);

/* The subject of the call, for faults and changes. Points into the call. */
struct subject call_subject(const struct call *call);

#endif
