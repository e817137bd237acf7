#include "api/iam.h"

#include "base/timestamp.h"

#include <stdio.h>
#include <strings.h>

#define VERSION      "2010-05-08"
#define RULES(rules) (rules), sizeof(rules) / sizeof((rules)[0])
/* The largest page; operations whose lists are short by quota take it too. */
#define MAX_ITEMS VIEW_LITERAL("1000")

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

#define LIST_OF(path, list_struct, field, record_struct, init)                                     \
    {                                                                                              \
        path, XML_RECORD, offsetof(struct list_struct, field), sizeof(struct record_struct), init  \
    }
#define FIELD_OF(path, kind, owner, field)                                                         \
    {                                                                                              \
        path, kind, offsetof(struct owner, field), 0, NULL                                         \
    }

static const struct xml_rule list_users_rules[] = {
    QUERY_PAGE_RULES,
    LIST_OF("Users/member", iam_users, users, iam_user, init_user),
    FIELD_OF("Users/member/UserName", XML_TEXT, iam_user, name),
    FIELD_OF("Users/member/Path", XML_TEXT, iam_user, path),
    FIELD_OF("Users/member/Arn", XML_TEXT, iam_user, arn),
    FIELD_OF("Users/member/UserId", XML_TEXT, iam_user, id),
    FIELD_OF("Users/member/CreateDate", XML_TIME, iam_user, created_s),
    FIELD_OF("Users/member/PasswordLastUsed", XML_TIME, iam_user, password_last_used_s),
};
const struct query_operation iam_list_users = {
    SERVICE_IAM, "ListUsers", VERSION, RULES(list_users_rules), sizeof(struct iam_users), NULL};

static const struct xml_rule list_user_tags_rules[] = {
    QUERY_PAGE_RULES,
    LIST_OF("Tags/member", iam_tags, tags, iam_tag, NULL),
    FIELD_OF("Tags/member/Key", XML_TEXT, iam_tag, key),
    FIELD_OF("Tags/member/Value", XML_TEXT, iam_tag, value),
};
const struct query_operation iam_list_user_tags = {
    SERVICE_IAM, "ListUserTags", VERSION, RULES(list_user_tags_rules), sizeof(struct iam_tags),
    NULL};

static const struct xml_rule list_groups_for_user_rules[] = {
    QUERY_PAGE_RULES,
    FIELD_OF("Groups/member/GroupName", XML_TEXTS, iam_names, names),
};
const struct query_operation iam_list_groups_for_user = {SERVICE_IAM,
                                                         "ListGroupsForUser",
                                                         VERSION,
                                                         RULES(list_groups_for_user_rules),
                                                         sizeof(struct iam_names),
                                                         NULL};

static const struct xml_rule list_access_keys_rules[] = {
    QUERY_PAGE_RULES,
    LIST_OF("AccessKeyMetadata/member", iam_access_keys, keys, iam_access_key, init_access_key),
    FIELD_OF("AccessKeyMetadata/member/AccessKeyId", XML_TEXT, iam_access_key, id),
    FIELD_OF("AccessKeyMetadata/member/Status", XML_TEXT, iam_access_key, status),
    FIELD_OF("AccessKeyMetadata/member/CreateDate", XML_TIME, iam_access_key, created_s),
};
const struct query_operation iam_list_access_keys = {SERVICE_IAM,
                                                     "ListAccessKeys",
                                                     VERSION,
                                                     RULES(list_access_keys_rules),
                                                     sizeof(struct iam_access_keys),
                                                     NULL};

static const struct xml_rule get_access_key_last_used_rules[] = {
    FIELD_OF("AccessKeyLastUsed/LastUsedDate", XML_TIME, iam_key_use, date_s),
    FIELD_OF("AccessKeyLastUsed/ServiceName", XML_TEXT, iam_key_use, service),
    FIELD_OF("AccessKeyLastUsed/Region", XML_TEXT, iam_key_use, region),
};
const struct query_operation iam_get_access_key_last_used = {SERVICE_IAM,
                                                             "GetAccessKeyLastUsed",
                                                             VERSION,
                                                             RULES(get_access_key_last_used_rules),
                                                             sizeof(struct iam_key_use),
                                                             init_key_use};

static const struct xml_rule get_login_profile_rules[] = {
    FIELD_OF("LoginProfile/CreateDate", XML_TIME, iam_login_profile, created_s),
};
const struct query_operation iam_get_login_profile = {SERVICE_IAM,
                                                      "GetLoginProfile",
                                                      VERSION,
                                                      RULES(get_login_profile_rules),
                                                      sizeof(struct iam_login_profile),
                                                      init_login_profile};

static const struct xml_rule list_mfa_devices_rules[] = {
    QUERY_PAGE_RULES,
    FIELD_OF("MFADevices/member/SerialNumber", XML_TEXTS, iam_names, names),
};
const struct query_operation iam_list_mfa_devices = {
    SERVICE_IAM, "ListMFADevices", VERSION, RULES(list_mfa_devices_rules), sizeof(struct iam_names),
    NULL};

static const struct xml_rule list_signing_certificates_rules[] = {
    QUERY_PAGE_RULES,
    LIST_OF("Certificates/member", iam_certificates, certificates, iam_certificate,
            init_certificate),
    FIELD_OF("Certificates/member/CertificateId", XML_TEXT, iam_certificate, id),
    FIELD_OF("Certificates/member/Status", XML_TEXT, iam_certificate, status),
    FIELD_OF("Certificates/member/UploadDate", XML_TIME, iam_certificate, uploaded_s),
};
const struct query_operation iam_list_signing_certificates = {
    SERVICE_IAM,
    "ListSigningCertificates",
    VERSION,
    RULES(list_signing_certificates_rules),
    sizeof(struct iam_certificates),
    NULL};

static const struct xml_rule list_account_aliases_rules[] = {
    QUERY_PAGE_RULES,
    FIELD_OF("AccountAliases/member", XML_TEXTS, iam_names, names),
};
const struct query_operation iam_list_account_aliases = {SERVICE_IAM,
                                                         "ListAccountAliases",
                                                         VERSION,
                                                         RULES(list_account_aliases_rules),
                                                         sizeof(struct iam_names),
                                                         NULL};

static const struct xml_rule get_account_authorization_details_rules[] = {
    QUERY_PAGE_RULES,
    LIST_OF("UserDetailList/member", iam_users, users, iam_user, init_user),
    FIELD_OF("UserDetailList/member/UserName", XML_TEXT, iam_user, name),
    FIELD_OF("UserDetailList/member/Path", XML_TEXT, iam_user, path),
    FIELD_OF("UserDetailList/member/Arn", XML_TEXT, iam_user, arn),
    FIELD_OF("UserDetailList/member/UserId", XML_TEXT, iam_user, id),
    FIELD_OF("UserDetailList/member/CreateDate", XML_TIME, iam_user, created_s),
    FIELD_OF("UserDetailList/member/GroupList/member", XML_TEXTS, iam_user, groups),
    FIELD_OF("UserDetailList/member/AttachedManagedPolicies/member/PolicyArn", XML_TEXTS, iam_user,
             policies),
    FIELD_OF("UserDetailList/member/PermissionsBoundary/PermissionsBoundaryArn", XML_TEXT, iam_user,
             boundary),
    LIST_OF("UserDetailList/member/Tags/member", iam_user, tags, iam_tag, NULL),
    FIELD_OF("UserDetailList/member/Tags/member/Key", XML_TEXT, iam_tag, key),
    FIELD_OF("UserDetailList/member/Tags/member/Value", XML_TEXT, iam_tag, value),
};
const struct query_operation iam_get_account_authorization_details = {
    SERVICE_IAM,
    "GetAccountAuthorizationDetails",
    VERSION,
    RULES(get_account_authorization_details_rules),
    sizeof(struct iam_users),
    NULL};

static const struct xml_rule generate_credential_report_rules[] = {
    FIELD_OF("State", XML_TEXT, iam_report_state, state),
};
const struct query_operation iam_generate_credential_report = {
    SERVICE_IAM,
    "GenerateCredentialReport",
    VERSION,
    RULES(generate_credential_report_rules),
    sizeof(struct iam_report_state),
    NULL};

static void init_credential_report(void *answer)
{
    ((struct iam_credential_report *)answer)->generated_s = TIMESTAMP_NONE;
}

static const struct xml_rule get_credential_report_rules[] = {
    {"Content", XML_TEXT, offsetof(struct iam_credential_report, content), XML_DOCUMENT_MAX_BYTES,
     NULL},
    FIELD_OF("GeneratedTime", XML_TIME, iam_credential_report, generated_s),
};
const struct query_operation iam_get_credential_report = {SERVICE_IAM,
                                                          "GetCredentialReport",
                                                          VERSION,
                                                          RULES(get_credential_report_rules),
                                                          sizeof(struct iam_credential_report),
                                                          init_credential_report};

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

static bool is_list(const struct query_operation *operation)
{
    return strncmp(operation->action, "List", 4) == 0;
}

struct query *iam_start_account(const struct aws_target *target,
                                const struct query_operation *operation,
                                const struct query_handler *handler, void *arg)
{
    bool details = operation == &iam_get_account_authorization_details;
    const struct query_param params[] = {
        {"MaxItems", details || is_list(operation) ? MAX_ITEMS : VIEW_NONE},
        {"Filter.member.1", details ? VIEW_LITERAL("User") : VIEW_NONE},
    };
    return query_start(target, operation, params, sizeof(params) / sizeof(params[0]), handler, arg);
}

struct query *iam_start_user(const struct aws_target *target,
                             const struct query_operation *operation, struct view user_name,
                             const struct query_handler *handler, void *arg)
{
    const struct query_param params[] = {
        {"UserName", user_name},
        {"MaxItems", is_list(operation) ? MAX_ITEMS : VIEW_NONE},
    };
    return query_start(target, operation, params, 2, handler, arg);
}

struct query *iam_start_key(const struct aws_target *target,
                            const struct query_operation *operation, struct view access_key_id,
                            const struct query_handler *handler, void *arg)
{
    const struct query_param params[] = {{"AccessKeyId", access_key_id}};
    return query_start(target, operation, params, 1, handler, arg);
}
