/* SPDX-License-Identifier: MIT */
/* action.h: the table of operations that the simulator answers, and sets of them as bits. */
#ifndef WORLD_ACTION_H
#define WORLD_ACTION_H

#include <stddef.h>
#include <stdint.h>

enum service {
    SERVICE_STS,
    SERVICE_IAM,
    SERVICE_ORGANIZATIONS,
    SERVICE_S3,
    SERVICE_COUNT,
};

enum action {
    ACTION_ASSUME_ROLE,
    ACTION_GET_CALLER_IDENTITY,
    ACTION_LIST_USERS,
    ACTION_LIST_USER_TAGS,
    ACTION_LIST_ACCESS_KEYS,
    ACTION_GET_ACCESS_KEY_LAST_USED,
    ACTION_GET_LOGIN_PROFILE,
    ACTION_LIST_SIGNING_CERTIFICATES,
    ACTION_LIST_MFA_DEVICES,
    ACTION_LIST_VIRTUAL_MFA_DEVICES,
    ACTION_LIST_GROUPS_FOR_USER,
    ACTION_LIST_ACCOUNT_ALIASES,
    ACTION_GET_ACCOUNT_AUTHORIZATION_DETAILS,
    ACTION_GENERATE_CREDENTIAL_REPORT,
    ACTION_GET_CREDENTIAL_REPORT,
    ACTION_DESCRIBE_ORGANIZATION,
    ACTION_LIST_ACCOUNTS,
    ACTION_LIST_ACCOUNTS_FOR_PARENT,
    ACTION_LIST_ORGANIZATIONAL_UNITS_FOR_PARENT,
    ACTION_LIST_ROOTS,
    ACTION_PUT_OBJECT,
    ACTION_CREATE_MULTIPART_UPLOAD,
    ACTION_UPLOAD_PART,
    ACTION_COMPLETE_MULTIPART_UPLOAD,
    ACTION_ABORT_MULTIPART_UPLOAD,
    ACTION_LIST_PARTS,
    ACTION_LIST_MULTIPART_UPLOADS,
    ACTION_GET_OBJECT,
    ACTION_HEAD_OBJECT,
    ACTION_DELETE_OBJECT,
    ACTION_LIST_OBJECTS_V2,
    ACTION_HEAD_BUCKET,
    ACTION_GET_BUCKET_LOCATION,
    /* New actions come last: markers and dice are computed from these numbers. */
    ACTION_GET_ACCOUNT_SUMMARY,
    ACTION_GET_ACCOUNT_PASSWORD_POLICY,
    ACTION_LIST_SERVICE_SPECIFIC_CREDENTIALS,
    ACTION_LIST_SSH_PUBLIC_KEYS,
    ACTION_DESCRIBE_ACCOUNT,
    ACTION_COUNT,
    ACTION_UNKNOWN = ACTION_COUNT,
};

/* A row of the table: the operation's service and name, and the permission that it needs. */
struct action_row {
    enum service service;
    const char *name;
    const char *permission;
};

/* The row of an action below ACTION_COUNT. */
const struct action_row *action_row(enum action action);

/* The name of a service in signatures and permissions: sts, iam, organizations or s3. */
const char *service_name(enum service service);

/* The action of a service with this operation name, or ACTION_UNKNOWN. */
enum action action_find(enum service service, const char *name);

/* The set with only this action. A set of actions has one bit for each. */
uint64_t action_bit(enum action action);

/*
 * The actions whose permission (such as iam:ListUsers) or "service:Operation" matches the pattern;
 * * and ? are wildcards, case is ignored, and "*" alone is every action.
 */
uint64_t action_match(const char *pattern);

/* The actions that a role may do unless the world or the scenario names others. */
uint64_t action_default_role(void);

/* Every action. */
uint64_t action_all(void);

#endif
