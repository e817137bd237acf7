/* SPDX-License-Identifier: MIT */
/*
 * principal.h: the principal of a caller, as policies name it.
 *
 * STS says who a caller is by the ARN of the session (arn:aws:sts::...:assumed-role/NAME/SESSION);
 * policies name the role. Sources: "AWS JSON policy elements: Principal" and "IAM identifiers" (IAM
 * User Guide); "Referencing permission sets in resource policies" (IAM Identity Center User Guide),
 * for roles of Identity Center, whose path depends on the region.
 */
#ifndef DOCTOR_PRINCIPAL_H
#define DOCTOR_PRINCIPAL_H

#include "base/buffer.h"

#define PRINCIPAL_ARN_MAX 2048

enum principal_kind {
    PRINCIPAL_UNKNOWN, /* no ARN, or of no known form: 'arn' is "CALLER_ARN" */
    PRINCIPAL_USER,
    PRINCIPAL_ROLE,    /* of a session; its path, if it has one, is not in the session's ARN */
    PRINCIPAL_PATTERN, /* a role of Identity Center: 'arn' is a pattern for ArnLike */
    PRINCIPAL_UNABLE   /* the root user or a federated user: they can't assume roles */
};

struct principal {
    enum principal_kind kind;
    char arn[PRINCIPAL_ARN_MAX];
    char root[128]; /* ARN of the account, for a pattern: "arn:aws:iam::111111111111:root" */
};

/* 'caller_arn': as GetCallerIdentity tells it; may be NULL. */
void principal_of(const char *caller_arn, struct principal *p);

#endif
