/* SPDX-License-Identifier: MIT */
#include "api/iam.h"

#include "base/timestamp.h"

#include <stdio.h>
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

static const struct xml_rule get_account_authorization_details_rules[] = {
    QUERY_PAGE_RULES,
    XML_LIST("UserDetailList/member", iam_users, users, iam_user, init_user),
    XML_FIELD("UserDetailList/member/UserName", XML_TEXT, iam_user, name),
    XML_FIELD("UserDetailList/member/Path", XML_TEXT, iam_user, path),
    XML_FIELD("UserDetailList/member/Arn", XML_TEXT, iam_user, arn),
    XML_FIELD("UserDetailList/member/UserId", XML_TEXT, iam_user, id),
    XML_FIELD("UserDetailList/member/CreateDate", XML_TIME, iam_user, created_s),
    XML_FIELD("UserDetailList/member/GroupList/member", XML_TEXTS, iam_user, groups),
    XML_FIELD("UserDetailList/member/AttachedManagedPolicies/member/PolicyArn", XML_TEXTS, iam_user, policies),
    XML_FIELD("UserDetailList/member/PermissionsBoundary/PermissionsBoundaryArn", XML_TEXT, iam_user, boundary),
    XML_LIST("UserDetailList/member/Tags/member", iam_user, tags, iam_tag, NULL),
    XML_FIELD("UserDetailList/member/Tags/member/Key", XML_TEXT, iam_tag, key),
    XML_FIELD("UserDetailList/member/Tags/member/Value", XML_TEXT, iam_tag, value),
};
const struct query_operation iam_get_account_authorization_details =
    OPERATION("GetAccountAuthorizationDetails", get_account_authorization_details_rules, iam_users, .fixed = "MaxItems=1000&Filter.member.1=User");

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
