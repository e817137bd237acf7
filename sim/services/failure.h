/* SPDX-License-Identifier: MIT */
/* failure.h: the errors of AWS: status, code and message, for each of its three protocols. */
#ifndef SERVICES_FAILURE_H
#define SERVICES_FAILURE_H

struct call;

enum failure {
    FAILURE_MISSING_TOKEN,
    FAILURE_INCOMPLETE_SIGNATURE,
    FAILURE_SIGNATURE,
    FAILURE_UNKNOWN_KEY,
    FAILURE_INVALID_TOKEN,
    FAILURE_EXPIRED_TOKEN,
    FAILURE_SKEWED,
    FAILURE_NOT_SIGNED,
    FAILURE_ACCESS_DENIED,
    FAILURE_INVALID_ACTION,
    FAILURE_VALIDATION,
    FAILURE_NO_SUCH_ENTITY,
    FAILURE_THROTTLED,
    FAILURE_INTERNAL,
    FAILURE_UNAVAILABLE,
    FAILURE_LIMIT_EXCEEDED,
    FAILURE_MALFORMED_POLICY,
    FAILURE_PACKED_POLICY,
    FAILURE_REPORT_NOT_PRESENT,
    FAILURE_REPORT_IN_PROGRESS,
    FAILURE_REPORT_EXPIRED,
    FAILURE_PARENT_NOT_FOUND,
    FAILURE_NO_SUCH_BUCKET,
    FAILURE_NO_SUCH_UPLOAD,
    FAILURE_COUNT,
};

/*
 * Answers the call with this error in its service's protocol. If 'format' is NULL, the message is
 * AWS's usual one.
 */
void failure_answer(struct call *call, enum failure failure, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Answers the call with an error of any status, code (borrowed) and message. */
void failure_custom(struct call *call, int status, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * Answers with AWS's AccessDenied. 'by_policy' names the kind of policy that did not allow the
 * call.
 */
void failure_denied(struct call *call, const char *by_policy);

struct denial;
/*
 * Answers with AWS's AccessDenied for a call that 'denial' denies, in AWS's words for that kind of
 * policy. 'resource' is what the message names; NULL: the call's own.
 */
void failure_denied_by(struct call *call, const struct denial *denial, const char *resource);

#endif
