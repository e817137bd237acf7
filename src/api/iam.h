/* SPDX-License-Identifier: MIT */
/*
 * iam.h: the operations of AWS Identity and Access Management that a census reads.
 *
 * Source: IAM API Reference, version 2010-05-08. Each list is paged to its end with the largest
 * page that the API allows. A handler's 'page' gets the response's struct below (named at each
 * function), borrowed for the callback; 'done' comes once, last.
 */
#ifndef API_IAM_H
#define API_IAM_H

#include "aws/query.h"

/* The longest text of a policy, percent-encoded. */
#define IAM_DOCUMENT_MAX_BYTES ((size_t)3 * 131072)

struct iam_tag {
    struct xml_record link;
    struct view key, value;
};

struct iam_user {
    struct xml_record link;
    struct view name, path, arn, id;
    int64_t created_s;
    int64_t password_last_used_s; /* TIMESTAMP_NONE: the API gave none */
    /* GetAccountAuthorizationDetails only: */
    struct xml_list tags;     /* of struct iam_tag */
    struct xml_list groups;   /* of struct xml_text */
    struct xml_list policies; /* of struct xml_text: ARNs of attached managed policies */
    struct xml_list inlines;  /* of struct iam_inline_policy */
    struct view boundary;     /* ARN of the permissions boundary, VIEW_NONE if there is none */
};

struct iam_inline_policy {
    struct xml_record link;
    struct view name;
    struct view document; /* percent-encoded; VIEW_NONE if it was not asked for */
};

struct iam_group {
    struct xml_record link;
    struct view name;
    struct xml_list policies; /* of struct xml_text: ARNs of attached managed policies */
    struct xml_list inlines;  /* of struct iam_inline_policy */
};

struct iam_policy_version {
    struct xml_record link;
    struct view id;
    bool is_default;
    struct view document; /* percent-encoded */
};

struct iam_policy { /* a customer-managed policy */
    struct xml_record link;
    struct view arn, default_version;
    struct xml_list versions; /* of struct iam_policy_version */
};

struct iam_users { /* ListUsers, GetAccountAuthorizationDetails */
    struct query_page page;
    struct xml_list users; /* of struct iam_user; name, arn and creation date are there */
    /* GetAccountAuthorizationDetails of everything only: */
    struct xml_list groups;   /* of struct iam_group */
    struct xml_list policies; /* of struct iam_policy */
};

struct iam_tags { /* ListUserTags */
    struct query_page page;
    struct xml_list tags; /* of struct iam_tag */
};

struct iam_names { /* ListGroupsForUser: group names; ListMFADevices: serial numbers;
                      ListAccountAliases; ListVirtualMFADevices: ARNs of the users */
    struct query_page page;
    struct xml_list names; /* of struct xml_text */
};

struct iam_access_key {
    struct xml_record link;
    struct view id, status;
    int64_t created_s;
};

struct iam_access_keys { /* ListAccessKeys */
    struct query_page page;
    struct xml_list keys; /* of struct iam_access_key */
};

struct iam_key_use { /* GetAccessKeyLastUsed */
    struct query_page page;
    int64_t date_s;              /* TIMESTAMP_NONE: never */
    struct view service, region; /* "N/A" if it was never used */
};

struct iam_login_profile { /* GetLoginProfile */
    struct query_page page;
    int64_t created_s;
};

struct iam_certificate {
    struct xml_record link;
    struct view id, status;
    int64_t uploaded_s;
};

struct iam_certificates { /* ListSigningCertificates, ListSSHPublicKeys */
    struct query_page page;
    struct xml_list certificates; /* of struct iam_certificate */
};

struct iam_service_credential {
    struct xml_record link;
    struct view user, id, service, status;
    int64_t created_s, expires_s; /* TIMESTAMP_NONE: the API gave none */
};

struct iam_service_credentials { /* ListServiceSpecificCredentials */
    struct query_page page;
    struct xml_list credentials; /* of struct iam_service_credential */
};

struct iam_summary_entry {
    struct xml_record link;
    struct view key, value; /* "AccountMFAEnabled", "1" */
};

struct iam_summary { /* GetAccountSummary */
    struct query_page page;
    struct xml_list entries; /* of struct iam_summary_entry */
};

/* The values as IAM writes them, "14" or "true"; VIEW_NONE if it does not write them. */
struct iam_password_policy { /* GetAccountPasswordPolicy */
    struct query_page page;
    struct view minimum_length, symbols, numbers, uppercase, lowercase, users_may_change, expires,
        max_age, reuse_prevention, hard_expiry;
};

struct iam_credential_report { /* GetCredentialReport */
    struct query_page page;
    struct view content; /* base64 of a CSV */
    int64_t generated_s;
};

struct iam_report_state { /* GenerateCredentialReport */
    struct query_page page;
    struct view state; /* "STARTED", "INPROGRESS", "COMPLETE" */
};

/* The operations: a table each. */
extern const struct query_operation iam_list_users;
extern const struct query_operation iam_list_user_tags;
extern const struct query_operation iam_list_groups_for_user;
extern const struct query_operation iam_list_access_keys;
extern const struct query_operation iam_get_access_key_last_used;
extern const struct query_operation iam_get_login_profile;
extern const struct query_operation iam_list_mfa_devices;
extern const struct query_operation iam_list_signing_certificates;
extern const struct query_operation iam_list_account_aliases;
extern const struct query_operation iam_get_account_authorization_details; /* users only */
/*
 * The same of users, groups and customer-managed policies, with the text of policies. Its pages are
 * smaller, since each policy comes with up to five versions.
 */
extern const struct query_operation iam_get_account_authorization_details_wide;
extern const struct query_operation iam_generate_credential_report;
extern const struct query_operation iam_get_credential_report;
extern const struct query_operation iam_get_account_summary;
extern const struct query_operation iam_get_account_password_policy;
extern const struct query_operation iam_list_virtual_mfa_devices; /* those that are assigned */
/* Of all users, or of one: IAM pages the list only if it is about all. */
extern const struct query_operation iam_list_service_specific_credentials;
extern const struct query_operation iam_list_service_specific_credentials_of_user;
extern const struct query_operation iam_list_ssh_public_keys;

#define IAM_FIXED_SIZE 96
/*
 * The same operation with MaxItems=1, for somebody who only wants to know whether it is allowed.
 * 'fixed' holds its parameters, and must live as long as the result.
 */
struct query_operation iam_one_item(const struct query_operation *operation,
                                    char fixed[IAM_FIXED_SIZE]);
/*
 * For the account: ListUsers, ListAccountAliases, GetAccountAuthorizationDetails,
 * GenerateCredentialReport, GetCredentialReport, GetAccountSummary, GetAccountPasswordPolicy,
 * ListVirtualMFADevices, ListServiceSpecificCredentials.
 */
struct query *iam_start_account(const struct aws_target *target,
                                const struct query_operation *operation,
                                const struct query_handler *handler, void *arg);
/* For one user: ListUserTags, ListGroupsForUser, ListAccessKeys, GetLoginProfile, ListMFADevices,
 * ListSigningCertificates, ListSSHPublicKeys, ListServiceSpecificCredentials. */
struct query *iam_start_user(const struct aws_target *target,
                             const struct query_operation *operation, struct view user_name,
                             const struct query_handler *handler, void *arg);
/*
 * True if NoSuchEntity means that the user does not exist, rather than something that belongs to
 * the user. The message tells which: "The user with name NAME cannot be found." against "Login
 * Profile for User NAME cannot be found."
 */
bool iam_user_is_gone(const struct error *e);
/*
 * True if a response of GetAccessKeyLastUsed may mean that the key does not exist: NoSuchEntity,
 * or, since IAM no longer knows whose the key was and so can't allow the call, AccessDenied on
 * "resource: access key ID". A role without the permission may be refused in the same words, so
 * only ListAccessKeys can tell.
 */
bool iam_key_is_gone(const struct error *e, struct view access_key_id);
/* For one access key: GetAccessKeyLastUsed. */
struct query *iam_start_key(const struct aws_target *target,
                            const struct query_operation *operation, struct view access_key_id,
                            const struct query_handler *handler, void *arg);

#endif
