/* SPDX-License-Identifier: MIT */
#include "api/iam.h"

#include "base/timestamp.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/*
 * An operation: its name, its rules, the struct that they fill; then other members that are not
 * zero.
 */
#define OPERATION(action_, rules_, answer, ...)                                                    \
    {                                                                                              \
        .service = SERVICE_IAM, .action = (action_), .version = "2010-05-08", .rules = (rules_),   \
        .rule_count = sizeof(rules_) / sizeof((rules_)[0]), .answer_size = sizeof(struct answer),  \
        __VA_ARGS__                                                                                \
    }
/*
 * A policy's text. IAM does not count white space against its quotas, so that a document may have
 * up to 131,072 characters, each of which may be written as three (IAM API, CreatePolicy).
 */
#define DOCUMENT_FIELD(path_, owner)                                                               \
    {                                                                                              \
        .path = (path_), .kind = XML_TEXT, .offset = offsetof(struct owner, document),             \
        .size = IAM_DOCUMENT_MAX_BYTES                                                             \
    }

/* Asks for the largest page; operations whose lists a quota keeps short accept it too. */
#define LIST .fixed = "MaxItems=1000"

static void init_user(void *record)
{
    struct iam_user *user = record;
    user->created_s = TIMESTAMP_NONE;
    user->password_last_used_s = TIMESTAMP_NONE;
}

static void init_access_key(void *record)
{
    ((struct iam_access_key *)record)->created_s = TIMESTAMP_NONE;
}

static void init_certificate(void *record)
{
    ((struct iam_certificate *)record)->uploaded_s = TIMESTAMP_NONE;
}

static void init_service_credential(void *record)
{
    struct iam_service_credential *credential = record;
    credential->created_s = TIMESTAMP_NONE;
    credential->expires_s = TIMESTAMP_NONE;
}

static void init_key_use(void *answer)
{
    ((struct iam_key_use *)answer)->date_s = TIMESTAMP_NONE;
}

static void init_login_profile(void *answer)
{
    ((struct iam_login_profile *)answer)->created_s = TIMESTAMP_NONE;
}

static void init_credential_report(void *answer)
{
    ((struct iam_credential_report *)answer)->generated_s = TIMESTAMP_NONE;
}

/* clang-format off */

static const struct xml_rule list_users_rules[] = {
    QUERY_PAGE_RULES,
    XML_LIST("Users/member", iam_users, users, iam_user, init_user),
    XML_FIELD("Users/member/UserName", XML_TEXT, iam_user, name),
    XML_FIELD("Users/member/Path", XML_TEXT, iam_user, path),
    XML_FIELD("Users/member/Arn", XML_TEXT, iam_user, arn),
    XML_FIELD("Users/member/UserId", XML_TEXT, iam_user, id),
    XML_FIELD("Users/member/CreateDate", XML_TIME, iam_user, created_s),
    XML_FIELD("Users/member/PasswordLastUsed", XML_TIME, iam_user, password_last_used_s),
};
const struct query_operation iam_list_users =
    OPERATION("ListUsers", list_users_rules, iam_users, LIST);

static const struct xml_rule list_user_tags_rules[] = {
    QUERY_PAGE_RULES,
    XML_LIST("Tags/member", iam_tags, tags, iam_tag, NULL),
    XML_FIELD("Tags/member/Key", XML_TEXT, iam_tag, key),
    XML_FIELD("Tags/member/Value", XML_TEXT, iam_tag, value),
};
const struct query_operation iam_list_user_tags =
    OPERATION("ListUserTags", list_user_tags_rules, iam_tags, LIST);

static const struct xml_rule list_groups_for_user_rules[] = {
    QUERY_PAGE_RULES,
    XML_FIELD("Groups/member/GroupName", XML_TEXTS, iam_names, names),
};
const struct query_operation iam_list_groups_for_user =
    OPERATION("ListGroupsForUser", list_groups_for_user_rules, iam_names, LIST);

static const struct xml_rule list_access_keys_rules[] = {
    QUERY_PAGE_RULES,
    XML_LIST("AccessKeyMetadata/member", iam_access_keys, keys, iam_access_key, init_access_key),
    XML_FIELD("AccessKeyMetadata/member/AccessKeyId", XML_TEXT, iam_access_key, id),
    XML_FIELD("AccessKeyMetadata/member/Status", XML_TEXT, iam_access_key, status),
    XML_FIELD("AccessKeyMetadata/member/CreateDate", XML_TIME, iam_access_key, created_s),
};
const struct query_operation iam_list_access_keys =
    OPERATION("ListAccessKeys", list_access_keys_rules, iam_access_keys, LIST);

static const struct xml_rule get_access_key_last_used_rules[] = {
    XML_FIELD("AccessKeyLastUsed/LastUsedDate", XML_TIME, iam_key_use, date_s),
    XML_FIELD("AccessKeyLastUsed/ServiceName", XML_TEXT, iam_key_use, service),
    XML_FIELD("AccessKeyLastUsed/Region", XML_TEXT, iam_key_use, region),
};
const struct query_operation iam_get_access_key_last_used =
    OPERATION("GetAccessKeyLastUsed", get_access_key_last_used_rules, iam_key_use, .init = init_key_use);

static const struct xml_rule get_login_profile_rules[] = {
    XML_FIELD("LoginProfile/CreateDate", XML_TIME, iam_login_profile, created_s),
};
const struct query_operation iam_get_login_profile =
    OPERATION("GetLoginProfile", get_login_profile_rules, iam_login_profile, .init = init_login_profile);

static const struct xml_rule list_mfa_devices_rules[] = {
    QUERY_PAGE_RULES,
    XML_FIELD("MFADevices/member/SerialNumber", XML_TEXTS, iam_names, names),
};
const struct query_operation iam_list_mfa_devices =
    OPERATION("ListMFADevices", list_mfa_devices_rules, iam_names, LIST);

static const struct xml_rule list_signing_certificates_rules[] = {
    QUERY_PAGE_RULES,
    XML_LIST("Certificates/member", iam_certificates, certificates, iam_certificate, init_certificate),
    XML_FIELD("Certificates/member/CertificateId", XML_TEXT, iam_certificate, id),
    XML_FIELD("Certificates/member/Status", XML_TEXT, iam_certificate, status),
    XML_FIELD("Certificates/member/UploadDate", XML_TIME, iam_certificate, uploaded_s),
};
const struct query_operation iam_list_signing_certificates =
    OPERATION("ListSigningCertificates", list_signing_certificates_rules, iam_certificates, LIST);

static const struct xml_rule list_account_aliases_rules[] = {
    QUERY_PAGE_RULES,
    XML_FIELD("AccountAliases/member", XML_TEXTS, iam_names, names),
};
const struct query_operation iam_list_account_aliases =
    OPERATION("ListAccountAliases", list_account_aliases_rules, iam_names, LIST);

/* What both forms of GetAccountAuthorizationDetails take of a user. */
#define USER_DETAIL_RULES \
    QUERY_PAGE_RULES, \
    XML_LIST("UserDetailList/member", iam_users, users, iam_user, init_user), \
    XML_FIELD("UserDetailList/member/UserName", XML_TEXT, iam_user, name), \
    XML_FIELD("UserDetailList/member/Path", XML_TEXT, iam_user, path), \
    XML_FIELD("UserDetailList/member/Arn", XML_TEXT, iam_user, arn), \
    XML_FIELD("UserDetailList/member/UserId", XML_TEXT, iam_user, id), \
    XML_FIELD("UserDetailList/member/CreateDate", XML_TIME, iam_user, created_s), \
    XML_FIELD("UserDetailList/member/GroupList/member", XML_TEXTS, iam_user, groups), \
    XML_FIELD("UserDetailList/member/AttachedManagedPolicies/member/PolicyArn", XML_TEXTS, iam_user, policies), \
    XML_FIELD("UserDetailList/member/PermissionsBoundary/PermissionsBoundaryArn", XML_TEXT, iam_user, boundary), \
    XML_LIST("UserDetailList/member/Tags/member", iam_user, tags, iam_tag, NULL), \
    XML_FIELD("UserDetailList/member/Tags/member/Key", XML_TEXT, iam_tag, key), \
    XML_FIELD("UserDetailList/member/Tags/member/Value", XML_TEXT, iam_tag, value), \
    XML_LIST("UserDetailList/member/UserPolicyList/member", iam_user, inlines, iam_inline_policy, NULL), \
    XML_FIELD("UserDetailList/member/UserPolicyList/member/PolicyName", XML_TEXT, iam_inline_policy, name)

static const struct xml_rule get_account_authorization_details_rules[] = {USER_DETAIL_RULES};
const struct query_operation iam_get_account_authorization_details =
    OPERATION("GetAccountAuthorizationDetails", get_account_authorization_details_rules, iam_users, .fixed = "MaxItems=1000&Filter.member.1=User");

static const struct xml_rule get_account_authorization_details_wide_rules[] = {
    USER_DETAIL_RULES,
    DOCUMENT_FIELD("UserDetailList/member/UserPolicyList/member/PolicyDocument", iam_inline_policy),
    XML_LIST("GroupDetailList/member", iam_users, groups, iam_group, NULL),
    XML_FIELD("GroupDetailList/member/GroupName", XML_TEXT, iam_group, name),
    XML_FIELD("GroupDetailList/member/AttachedManagedPolicies/member/PolicyArn", XML_TEXTS, iam_group, policies),
    XML_LIST("GroupDetailList/member/GroupPolicyList/member", iam_group, inlines, iam_inline_policy, NULL),
    XML_FIELD("GroupDetailList/member/GroupPolicyList/member/PolicyName", XML_TEXT, iam_inline_policy, name),
    DOCUMENT_FIELD("GroupDetailList/member/GroupPolicyList/member/PolicyDocument", iam_inline_policy),
    XML_LIST("Policies/member", iam_users, policies, iam_policy, NULL),
    XML_FIELD("Policies/member/Arn", XML_TEXT, iam_policy, arn),
    XML_FIELD("Policies/member/DefaultVersionId", XML_TEXT, iam_policy, default_version),
    XML_LIST("Policies/member/PolicyVersionList/member", iam_policy, versions, iam_policy_version, NULL),
    XML_FIELD("Policies/member/PolicyVersionList/member/VersionId", XML_TEXT, iam_policy_version, id),
    XML_FIELD("Policies/member/PolicyVersionList/member/IsDefaultVersion", XML_BOOL, iam_policy_version, is_default),
    DOCUMENT_FIELD("Policies/member/PolicyVersionList/member/Document", iam_policy_version),
};
const struct query_operation iam_get_account_authorization_details_wide =
    OPERATION("GetAccountAuthorizationDetails", get_account_authorization_details_wide_rules, iam_users, .fixed = "MaxItems=250&Filter.member.1=User&Filter.member.2=Group&Filter.member.3=LocalManagedPolicy");

static const struct xml_rule get_account_summary_rules[] = {
    XML_LIST("SummaryMap/entry", iam_summary, entries, iam_summary_entry, NULL),
    XML_FIELD("SummaryMap/entry/key", XML_TEXT, iam_summary_entry, key),
    XML_FIELD("SummaryMap/entry/value", XML_TEXT, iam_summary_entry, value),
};
const struct query_operation iam_get_account_summary =
    OPERATION("GetAccountSummary", get_account_summary_rules, iam_summary, .init = NULL);

static const struct xml_rule get_account_password_policy_rules[] = {
    XML_FIELD("PasswordPolicy/MinimumPasswordLength", XML_TEXT, iam_password_policy, minimum_length),
    XML_FIELD("PasswordPolicy/RequireSymbols", XML_TEXT, iam_password_policy, symbols),
    XML_FIELD("PasswordPolicy/RequireNumbers", XML_TEXT, iam_password_policy, numbers),
    XML_FIELD("PasswordPolicy/RequireUppercaseCharacters", XML_TEXT, iam_password_policy, uppercase),
    XML_FIELD("PasswordPolicy/RequireLowercaseCharacters", XML_TEXT, iam_password_policy, lowercase),
    XML_FIELD("PasswordPolicy/AllowUsersToChangePassword", XML_TEXT, iam_password_policy, users_may_change),
    XML_FIELD("PasswordPolicy/ExpirePasswords", XML_TEXT, iam_password_policy, expires),
    XML_FIELD("PasswordPolicy/MaxPasswordAge", XML_TEXT, iam_password_policy, max_age),
    XML_FIELD("PasswordPolicy/PasswordReusePrevention", XML_TEXT, iam_password_policy, reuse_prevention),
    XML_FIELD("PasswordPolicy/HardExpiry", XML_TEXT, iam_password_policy, hard_expiry),
};
const struct query_operation iam_get_account_password_policy =
    OPERATION("GetAccountPasswordPolicy", get_account_password_policy_rules, iam_password_policy, .init = NULL);

static const struct xml_rule list_virtual_mfa_devices_rules[] = {
    QUERY_PAGE_RULES,
    XML_FIELD("VirtualMFADevices/member/User/Arn", XML_TEXTS, iam_names, names),
};
const struct query_operation iam_list_virtual_mfa_devices =
    OPERATION("ListVirtualMFADevices", list_virtual_mfa_devices_rules, iam_names, .fixed = "MaxItems=1000&AssignmentStatus=Assigned");

static const struct xml_rule list_service_specific_credentials_rules[] = {
    QUERY_PAGE_RULES,
    XML_LIST("ServiceSpecificCredentials/member", iam_service_credentials, credentials, iam_service_credential, init_service_credential),
    XML_FIELD("ServiceSpecificCredentials/member/UserName", XML_TEXT, iam_service_credential, user),
    XML_FIELD("ServiceSpecificCredentials/member/ServiceSpecificCredentialId", XML_TEXT, iam_service_credential, id),
    XML_FIELD("ServiceSpecificCredentials/member/ServiceName", XML_TEXT, iam_service_credential, service),
    XML_FIELD("ServiceSpecificCredentials/member/Status", XML_TEXT, iam_service_credential, status),
    XML_FIELD("ServiceSpecificCredentials/member/CreateDate", XML_TIME, iam_service_credential, created_s),
    XML_FIELD("ServiceSpecificCredentials/member/ExpirationDate", XML_TIME, iam_service_credential, expires_s),
};
const struct query_operation iam_list_service_specific_credentials =
    OPERATION("ListServiceSpecificCredentials", list_service_specific_credentials_rules, iam_service_credentials, .fixed = "MaxItems=1000&AllUsers=true");
const struct query_operation iam_list_service_specific_credentials_of_user =
    OPERATION("ListServiceSpecificCredentials", list_service_specific_credentials_rules, iam_service_credentials, .init = NULL);

static const struct xml_rule list_ssh_public_keys_rules[] = {
    QUERY_PAGE_RULES,
    XML_LIST("SSHPublicKeys/member", iam_certificates, certificates, iam_certificate, init_certificate),
    XML_FIELD("SSHPublicKeys/member/SSHPublicKeyId", XML_TEXT, iam_certificate, id),
    XML_FIELD("SSHPublicKeys/member/Status", XML_TEXT, iam_certificate, status),
    XML_FIELD("SSHPublicKeys/member/UploadDate", XML_TIME, iam_certificate, uploaded_s),
};
const struct query_operation iam_list_ssh_public_keys =
    OPERATION("ListSSHPublicKeys", list_ssh_public_keys_rules, iam_certificates, LIST);

static const struct xml_rule generate_credential_report_rules[] = {
    XML_FIELD("State", XML_TEXT, iam_report_state, state),
};
const struct query_operation iam_generate_credential_report =
    OPERATION("GenerateCredentialReport", generate_credential_report_rules, iam_report_state, .init = NULL);

static const struct xml_rule get_credential_report_rules[] = {
    {"Content", XML_TEXT, offsetof(struct iam_credential_report, content), .size = XML_DOCUMENT_MAX_BYTES},
    XML_FIELD("GeneratedTime", XML_TIME, iam_credential_report, generated_s),
};
const struct query_operation iam_get_credential_report =
    OPERATION("GetCredentialReport", get_credential_report_rules, iam_credential_report, .init = init_credential_report);

/* clang-format on */

bool iam_user_is_gone(const struct error *e)
{
    static const char words[] = "The user with name ";
    return error_is_code(e, "NoSuchEntity") && strncasecmp(e->text, words, sizeof(words) - 1) == 0;
}

bool iam_key_is_gone(const struct error *e, struct view access_key_id)
{
    char resource[192];
    snprintf(resource, sizeof(resource), "resource: access key %.*s", VIEW_ARG(access_key_id));
    return error_is_code(e, "NoSuchEntity") ||
           (error_is_code(e, "AccessDenied") && strstr(e->text, resource));
}

struct query_operation iam_one_item(const struct query_operation *operation,
                                    char fixed[IAM_FIXED_SIZE])
{
    static const char most[] = "MaxItems=";
    struct query_operation one = *operation;
    const char *rest = operation->fixed;
    if (!rest || strncmp(rest, most, sizeof(most) - 1) != 0)
        return one;
    rest += sizeof(most) - 1;
    rest += strspn(rest, "0123456789");
    snprintf(fixed, IAM_FIXED_SIZE, "%s1%s", most, rest);
    one.fixed = fixed;
    return one;
}

struct query *iam_start_account(const struct aws_target *target,
                                const struct query_operation *operation,
                                const struct query_handler *handler, void *arg)
{
    return query_start(target, operation, NULL, 0, handler, arg);
}

struct query *iam_start_user(const struct aws_target *target,
                             const struct query_operation *operation, struct view user_name,
                             const struct query_handler *handler, void *arg)
{
    const struct query_param params[] = {{"UserName", user_name}};
    return query_start(target, operation, params, 1, handler, arg);
}

struct query *iam_start_key(const struct aws_target *target,
                            const struct query_operation *operation, struct view access_key_id,
                            const struct query_handler *handler, void *arg)
{
    const struct query_param params[] = {{"AccessKeyId", access_key_id}};
    return query_start(target, operation, params, 1, handler, arg);
}
