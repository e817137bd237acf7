/* One call of an AWS operation, from its headers to its answer. */
#ifndef SIM_CALL_H
#define SIM_CALL_H

#include "faults/error_form.h"
#include "faults/fault.h"
#include "services/session.h"
#include "services/sigv4.h"
#include "wire/arena.h"
#include "wire/form.h"
#include "wire/reply.h"
#include "wire/request.h"
#include "world/action.h"
#include "world/world.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define REQUEST_ID_SIZE 37

struct sim;
struct s3_upload;

struct call {
    struct sim *sim;
    struct request request;
    struct arena arena; /* everything that lives as long as the call */
    char request_id[REQUEST_ID_SIZE];

    enum service service;
    enum action action;
    struct sigv4_scope scope;
    struct identity identity;
    struct account account; /* the caller's */
    size_t charged_account; /* whose faults and rate apply: the one that is asked about */
    uint64_t key;           /* the same for the same call made again */
    const char *user_name;  /* whom the call is about, or NULL */

    struct form form;           /* STS, IAM, and the query string of S3 */
    json_t *json;               /* Organizations; owned */
    const char *bucket;         /* S3 */
    const char *object;         /* S3: the key, decoded */
    const char *error_details;  /* S3: XML for the inside of an error; NULL: none */
    enum error_form error_form; /* how an error of this call is written */
    struct s3_upload *upload;   /* S3: where the body goes; owned, or NULL */

    struct fault_plan plan;
    struct reply reply;
};

/* Prepares a call for a request whose target and method are known. */
void call_open(struct call *call, struct sim *sim);

/* The headers are there: finds the service, and verifies requests to S3. */
void call_begin(struct call *call);

/* Takes in a piece of the body. */
void call_receive(struct call *call, const char *bytes, size_t length);

/* The body is there: verifies, authorizes, and decides which faults apply (call->plan). */
void call_decide(struct call *call);

/* Fills in the reply, after whatever delay the plan asked for. */
void call_answer(struct call *call);

/* Frees what the call owns; its arena keeps a block for the next one. */
void call_close(struct call *call);

/* Adds a header to the reply; a NULL value adds none. The strings are borrowed. */
void call_header(struct call *call, const char *name, const char *value);

/* Whether the call's reply stands already (it failed). */
bool call_failed(const struct call *call);

/* The ARN of who calls, in the call's arena. */
const char *call_principal(struct call *call);

/* A parameter of the query protocol or of the S3 query string; NULL where it is not given. */
const char *call_parameter(const struct call *call, const char *name);

#endif
