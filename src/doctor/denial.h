/* SPDX-License-Identifier: MIT */
/*
 * denial.h: what AWS says about why it denied a call: by which kind of policy, which one, and
 * whether it says so explicitly.
 *
 * Source: "Troubleshoot access denied error messages" and "... with authorization ID", IAM User
 * Guide; IDs as in GetRequestAuthorizationDetails (IAM Toolbox). A message that fits none of
 * the phrases known there is of the kind 'unknown'. A message may end in a link with an
 * authorization id that differs in each call: messages are never compared or grouped.
 */
#ifndef DOCTOR_DENIAL_H
#define DOCTOR_DENIAL_H

#include "base/error.h"

#define DENIAL_ARN_SIZE 256 /* of a policy */
#define DENIAL_ID_SIZE  257 /* of an authorization id */

enum policy_type {
    POLICY_NONE, /* nothing was denied */
    POLICY_IDENTITY,
    POLICY_RESOURCE, /* a bucket's or key's policy; the trust policy of a role */
    POLICY_SESSION,
    POLICY_BOUNDARY,
    POLICY_SCP,
    POLICY_RCP,
    POLICY_VPC_ENDPOINT,
    POLICY_UNKNOWN, /* the message names no kind that is known */
    POLICY_TYPE_COUNT
};

/* "scp", "permissions_boundary", ...; NULL for POLICY_NONE. */
extern const char *const policy_type_names[POLICY_TYPE_COUNT];

struct denial {
    enum policy_type type;
    bool is_explicit;                      /* a statement denies; otherwise none allows */
    char policy_arn[DENIAL_ARN_SIZE];      /* "" if the message does not name it */
    char authorization_id[DENIAL_ID_SIZE]; /* "" if there is none */
};

/* Reads the message of a service error. A message without a known phrase gives POLICY_UNKNOWN. */
void denial_read(const char *message, struct denial *d);
#define DENIAL_ACTION_SIZE 64
/* Copies the action that the message says was denied, "kms:GenerateDataKey"; "" if it names none.
 */
void denial_action(const char *message, char action[DENIAL_ACTION_SIZE]);
/* True if the error means that a policy denied the call: AccessDenied and its relatives. */
bool denial_is(const struct error *e);

#endif
