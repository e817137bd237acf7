/* SPDX-License-Identifier: MIT */
#include "world/action.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define PERMISSION_SIZE 96

static const char *const service_names[SERVICE_COUNT] = {"sts", "iam", "organizations", "s3"};

static const struct action_row rows[ACTION_COUNT] = {
    [ACTION_ASSUME_ROLE] = {SERVICE_STS, "AssumeRole", "sts:AssumeRole"},
    [ACTION_GET_CALLER_IDENTITY] = {SERVICE_STS, "GetCallerIdentity", "sts:GetCallerIdentity"},
    [ACTION_LIST_USERS] = {SERVICE_IAM, "ListUsers", "iam:ListUsers"},
    [ACTION_LIST_USER_TAGS] = {SERVICE_IAM, "ListUserTags", "iam:ListUserTags"},
    [ACTION_LIST_ACCESS_KEYS] = {SERVICE_IAM, "ListAccessKeys", "iam:ListAccessKeys"},
    [ACTION_GET_ACCESS_KEY_LAST_USED] = {SERVICE_IAM, "GetAccessKeyLastUsed",
                                         "iam:GetAccessKeyLastUsed"},
    [ACTION_GET_LOGIN_PROFILE] = {SERVICE_IAM, "GetLoginProfile", "iam:GetLoginProfile"},
    [ACTION_LIST_SIGNING_CERTIFICATES] = {SERVICE_IAM, "ListSigningCertificates",
                                          "iam:ListSigningCertificates"},
    [ACTION_LIST_MFA_DEVICES] = {SERVICE_IAM, "ListMFADevices", "iam:ListMFADevices"},
    [ACTION_LIST_VIRTUAL_MFA_DEVICES] = {SERVICE_IAM, "ListVirtualMFADevices",
                                         "iam:ListVirtualMFADevices"},
    [ACTION_LIST_GROUPS_FOR_USER] = {SERVICE_IAM, "ListGroupsForUser", "iam:ListGroupsForUser"},
    [ACTION_LIST_ACCOUNT_ALIASES] = {SERVICE_IAM, "ListAccountAliases", "iam:ListAccountAliases"},
    [ACTION_GET_ACCOUNT_AUTHORIZATION_DETAILS] = {SERVICE_IAM, "GetAccountAuthorizationDetails",
                                                  "iam:GetAccountAuthorizationDetails"},
    [ACTION_GENERATE_CREDENTIAL_REPORT] = {SERVICE_IAM, "GenerateCredentialReport",
                                           "iam:GenerateCredentialReport"},
    [ACTION_GET_CREDENTIAL_REPORT] = {SERVICE_IAM, "GetCredentialReport",
                                      "iam:GetCredentialReport"},
    [ACTION_DESCRIBE_ORGANIZATION] = {SERVICE_ORGANIZATIONS, "DescribeOrganization",
                                      "organizations:DescribeOrganization"},
    [ACTION_LIST_ACCOUNTS] = {SERVICE_ORGANIZATIONS, "ListAccounts", "organizations:ListAccounts"},
    [ACTION_LIST_ACCOUNTS_FOR_PARENT] = {SERVICE_ORGANIZATIONS, "ListAccountsForParent",
                                         "organizations:ListAccountsForParent"},
    [ACTION_LIST_ORGANIZATIONAL_UNITS_FOR_PARENT] =
        {SERVICE_ORGANIZATIONS, "ListOrganizationalUnitsForParent",
         "organizations:ListOrganizationalUnitsForParent"},
    [ACTION_LIST_ROOTS] = {SERVICE_ORGANIZATIONS, "ListRoots", "organizations:ListRoots"},
    [ACTION_PUT_OBJECT] = {SERVICE_S3, "PutObject", "s3:PutObject"},
    [ACTION_CREATE_MULTIPART_UPLOAD] = {SERVICE_S3, "CreateMultipartUpload", "s3:PutObject"},
    [ACTION_UPLOAD_PART] = {SERVICE_S3, "UploadPart", "s3:PutObject"},
    [ACTION_COMPLETE_MULTIPART_UPLOAD] = {SERVICE_S3, "CompleteMultipartUpload", "s3:PutObject"},
    [ACTION_ABORT_MULTIPART_UPLOAD] = {SERVICE_S3, "AbortMultipartUpload",
                                       "s3:AbortMultipartUpload"},
    [ACTION_LIST_PARTS] = {SERVICE_S3, "ListParts", "s3:ListMultipartUploadParts"},
    [ACTION_LIST_MULTIPART_UPLOADS] = {SERVICE_S3, "ListMultipartUploads",
                                       "s3:ListBucketMultipartUploads"},
    [ACTION_GET_OBJECT] = {SERVICE_S3, "GetObject", "s3:GetObject"},
    [ACTION_HEAD_OBJECT] = {SERVICE_S3, "HeadObject", "s3:GetObject"},
    [ACTION_DELETE_OBJECT] = {SERVICE_S3, "DeleteObject", "s3:DeleteObject"},
    [ACTION_LIST_OBJECTS_V2] = {SERVICE_S3, "ListObjectsV2", "s3:ListBucket"},
    [ACTION_HEAD_BUCKET] = {SERVICE_S3, "HeadBucket", "s3:ListBucket"},
    [ACTION_GET_BUCKET_LOCATION] = {SERVICE_S3, "GetBucketLocation", "s3:GetBucketLocation"},
    [ACTION_GET_ACCOUNT_SUMMARY] = {SERVICE_IAM, "GetAccountSummary", "iam:GetAccountSummary"},
    [ACTION_GET_ACCOUNT_PASSWORD_POLICY] = {SERVICE_IAM, "GetAccountPasswordPolicy",
                                            "iam:GetAccountPasswordPolicy"},
    [ACTION_LIST_SERVICE_SPECIFIC_CREDENTIALS] = {SERVICE_IAM, "ListServiceSpecificCredentials",
                                                  "iam:ListServiceSpecificCredentials"},
    [ACTION_LIST_SSH_PUBLIC_KEYS] = {SERVICE_IAM, "ListSSHPublicKeys", "iam:ListSSHPublicKeys"},
    [ACTION_DESCRIBE_ACCOUNT] = {SERVICE_ORGANIZATIONS, "DescribeAccount",
                                 "organizations:DescribeAccount"},
};

_Static_assert(ACTION_COUNT <= 64, "a set of actions is 64 bits");

const struct action_row *action_row(enum action action)
{
    return &rows[action];
}

const char *service_name(enum service service)
{
    return service_names[service];
}

enum action action_find(enum service service, const char *name)
{
    for (int i = 0; i < ACTION_COUNT; i++)
        if (rows[i].service == service && strcmp(rows[i].name, name) == 0)
            return (enum action)i;
    return ACTION_UNKNOWN;
}

uint64_t action_bit(enum action action)
{
    return (uint64_t)1 << action;
}

uint64_t action_all(void)
{
    return ((uint64_t)1 << ACTION_COUNT) - 1;
}

/*
 * If the rest does not match, goes back to the last star, so that it needs no recursion and no
 * exponential time.
 */
static bool action_glob(const char *pattern, const char *text)
{
    const char *star = NULL;
    const char *retry = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            retry = text;
        } else if (*pattern == '?' || (*pattern && tolower((unsigned char)*pattern) ==
                                                       tolower((unsigned char)*text))) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star;
            text = ++retry;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

uint64_t action_match(const char *pattern)
{
    uint64_t set = 0;
    for (int i = 0; i < ACTION_COUNT; i++) {
        char operation[PERMISSION_SIZE];
        snprintf(operation, sizeof(operation), "%s:%s", service_names[rows[i].service],
                 rows[i].name);
        if (action_glob(pattern, rows[i].permission) || action_glob(pattern, operation))
            set |= action_bit((enum action)i);
    }
    return set;
}

uint64_t action_default_role(void)
{
    uint64_t set = 0;
    for (int i = 0; i < ACTION_COUNT; i++)
        if (rows[i].service == SERVICE_IAM)
            set |= action_bit((enum action)i);
    return set | action_bit(ACTION_GET_CALLER_IDENTITY);
}
