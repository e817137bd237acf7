/* SPDX-License-Identifier: MIT */
/*
 * policy_document.h: whether an IAM policy grants everything.
 *
 * Source: IAM User Guide, "Grammar of the IAM JSON policy language". This is no evaluation of
 * policies: it recognizes the statement that makes an administrator, as the CIS benchmarks describe
 * it.
 */
#ifndef API_POLICY_DOCUMENT_H
#define API_POLICY_DOCUMENT_H

#include "base/view.h"

enum policy_grant {
    POLICY_GRANTS_LESS,   /* no statement grants everything */
    POLICY_MAY_GRANT_ALL, /* a statement does, but has a condition, or NotAction */
    POLICY_GRANTS_ALL,    /* Allow, Action * or *:*, Resource *, and no condition */
    POLICY_CANNOT_BE_READ /* it is not a policy document */
};

/* What the document grants. It is percent-encoded (RFC 3986), as IAM's answers hold it. */
enum policy_grant policy_document_grant(struct view encoded);

#endif
