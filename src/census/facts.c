#include "census/facts.h"

#include "api/iam.h"
#include "base/json_writer.h"
#include "census/sources.h"

#define P USED_BY_PER_USER
#define B USED_BY_BULK
#define L USED_BY_LATER

#define REPORT_FACTS                                                                               \
    (FACT_BIT(FACT_PASSWORD_AGE) | FACT_BIT(FACT_PASSWORD) | FACT_BIT(FACT_PASSWORD_USED) |        \
     FACT_BIT(FACT_PASSWORD_CHANGED) | FACT_BIT(FACT_MFA) | FACT_BIT(FACT_KEYS_USED))

const struct source census_sources[SOURCE_COUNT] = {
    [SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS] =
        {
            .operation = &iam_get_account_authorization_details,
            .permission = "iam:GetAccountAuthorizationDetails",
            .scope = SCOPE_ACCOUNT,
            .used_by = B,
            .facts = FACT_BIT(FACT_USERS) | FACT_BIT(FACT_TAGS) | FACT_BIT(FACT_GROUPS) |
                     FACT_BIT(FACT_BOUNDARY) | FACT_BIT(FACT_POLICIES),
            .page = source_details_page,
        },
    [SOURCE_GENERATE_CREDENTIAL_REPORT] =
        {
            .operation = &iam_generate_credential_report,
            .permission = "iam:GenerateCredentialReport",
            .scope = SCOPE_REPORT,
            .used_by = B,
            .facts = REPORT_FACTS,
        },
    [SOURCE_GET_CREDENTIAL_REPORT] =
        {
            .operation = &iam_get_credential_report,
            .permission = "iam:GetCredentialReport",
            .scope = SCOPE_REPORT,
            .used_by = B,
            .facts = REPORT_FACTS,
        },
    [SOURCE_LIST_USERS] =
        {
            .operation = &iam_list_users,
            .permission = "iam:ListUsers",
            .scope = SCOPE_ACCOUNT,
            .used_by = P | L,
            .facts = FACT_BIT(FACT_USERS) | FACT_BIT(FACT_PASSWORD_USED),
            .page = source_users_page,
        },
    [SOURCE_LIST_ACCOUNT_ALIASES] =
        {
            .operation = &iam_list_account_aliases,
            .permission = "iam:ListAccountAliases",
            .scope = SCOPE_ACCOUNT,
            .used_by = B | P,
            .facts = FACT_BIT(FACT_ALIAS),
            .page = source_alias_page,
            .discard = source_alias_discard,
        },
    [SOURCE_LIST_USER_TAGS] =
        {
            .operation = &iam_list_user_tags,
            .permission = "iam:ListUserTags",
            .scope = SCOPE_USER,
            .used_by = P,
            .facts = FACT_BIT(FACT_TAGS),
            .page = source_tags_page,
            .discard = source_tags_discard,
        },
    [SOURCE_LIST_GROUPS_FOR_USER] =
        {
            .operation = &iam_list_groups_for_user,
            .permission = "iam:ListGroupsForUser",
            .scope = SCOPE_USER,
            .used_by = P,
            .facts = FACT_BIT(FACT_GROUPS),
            .page = source_groups_page,
            .discard = source_groups_discard,
        },
    [SOURCE_GET_LOGIN_PROFILE] =
        {
            .operation = &iam_get_login_profile,
            .permission = "iam:GetLoginProfile",
            .scope = SCOPE_USER,
            .used_by = P | L,
            .facts = FACT_BIT(FACT_PASSWORD_AGE) | FACT_BIT(FACT_PASSWORD),
            .page = source_login_profile_page,
            .absent = source_login_profile_absent,
        },
    [SOURCE_LIST_MFA_DEVICES] =
        {
            .operation = &iam_list_mfa_devices,
            .permission = "iam:ListMFADevices",
            .scope = SCOPE_USER,
            .used_by = P | L,
            .asked_of = USERS_WITH_MFA,
            .facts = FACT_BIT(FACT_MFA) | FACT_BIT(FACT_MFA_DEVICES),
            .page = source_mfa_devices_page,
            .whole = source_mfa_devices_whole,
            .discard = source_mfa_devices_discard,
        },
    [SOURCE_LIST_ACCESS_KEYS] =
        {
            .operation = &iam_list_access_keys,
            .permission = "iam:ListAccessKeys",
            .scope = SCOPE_USER,
            .used_by = B | P,
            .asked_of = USERS_WITH_KEYS,
            .facts = FACT_BIT(FACT_KEYS),
            .page = source_access_keys_page,
            .discard = source_access_keys_discard,
        },
    [SOURCE_GET_ACCESS_KEY_LAST_USED] =
        {
            .operation = &iam_get_access_key_last_used,
            .permission = "iam:GetAccessKeyLastUsed",
            .scope = SCOPE_KEY,
            .used_by = P | L,
            .facts = FACT_BIT(FACT_KEYS_USED),
            .page = source_key_use_page,
        },
    [SOURCE_LIST_SIGNING_CERTIFICATES] =
        {
            .operation = &iam_list_signing_certificates,
            .permission = "iam:ListSigningCertificates",
            .scope = SCOPE_USER,
            .used_by = B | P,
            .asked_of = USERS_WITH_CERTIFICATES,
            .facts = FACT_BIT(FACT_CERTIFICATES),
            .page = source_certificates_page,
            .discard = source_certificates_discard,
        },
};

/* clang-format off */
const enum source_id census_facts[FACT_COUNT][FACT_SOURCES_MAX + 1] = {
    [FACT_USERS]            = {SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS, SOURCE_LIST_USERS},
    [FACT_ALIAS]            = {SOURCE_LIST_ACCOUNT_ALIASES},
    [FACT_TAGS]             = {SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS, SOURCE_LIST_USER_TAGS},
    [FACT_GROUPS]           = {SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS, SOURCE_LIST_GROUPS_FOR_USER},
    [FACT_PASSWORD_AGE]     = {SOURCE_GET_CREDENTIAL_REPORT, SOURCE_GET_LOGIN_PROFILE},
    [FACT_PASSWORD]         = {SOURCE_GET_CREDENTIAL_REPORT, SOURCE_GET_LOGIN_PROFILE},
    [FACT_PASSWORD_USED]    = {SOURCE_GET_CREDENTIAL_REPORT, SOURCE_LIST_USERS},
    [FACT_PASSWORD_CHANGED] = {SOURCE_GET_CREDENTIAL_REPORT},
    [FACT_MFA]              = {SOURCE_GET_CREDENTIAL_REPORT, SOURCE_LIST_MFA_DEVICES},
    [FACT_MFA_DEVICES]      = {SOURCE_LIST_MFA_DEVICES},
    [FACT_KEYS]             = {SOURCE_LIST_ACCESS_KEYS},
    [FACT_KEYS_USED]        = {SOURCE_GET_CREDENTIAL_REPORT, SOURCE_GET_ACCESS_KEY_LAST_USED},
    [FACT_CERTIFICATES]     = {SOURCE_LIST_SIGNING_CERTIFICATES},
    [FACT_BOUNDARY]         = {SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS},
    [FACT_POLICIES]         = {SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS},
    [FACT_ACCOUNT_NAME]     = {SOURCE_NONE}, /* comes with the list of accounts */
};
/* clang-format on */

bool source_used_by(const struct source *source, enum strategy strategy)
{
    static const unsigned uses[] = {
        [STRATEGY_AUTO] = B | P, [STRATEGY_BULK] = B, [STRATEGY_PER_USER] = P};
    return (source->used_by & uses[strategy]) != 0;
}

/* Includes sources that 'bulk' uses only for what the report does not tell. */
static bool may_be_called(const struct source *source, enum strategy strategy)
{
    return source_used_by(source, strategy) ||
           (strategy == STRATEGY_BULK && (source->used_by & L) != 0);
}

fact_set facts_with_source(enum strategy strategy)
{
    fact_set facts = 0;
    for (size_t fact = 0; fact < FACT_COUNT; fact++)
        for (const enum source_id *s = census_facts[fact]; *s != SOURCE_NONE; s++)
            if (may_be_called(&census_sources[*s], strategy))
                facts |= FACT_BIT(fact);
    return facts;
}

void facts_write_policy(enum strategy strategy, fact_set wanted, struct buffer *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_begin(&w);
    json_key(&w, "Version");
    json_text(&w, VIEW_LITERAL("2012-10-17"));
    json_key(&w, "Statement");
    json_array_begin(&w);
    json_object_begin(&w);
    json_key(&w, "Effect");
    json_text(&w, VIEW_LITERAL("Allow"));
    json_key(&w, "Action");
    json_array_begin(&w);
    for (size_t i = SOURCE_NONE + 1; i < SOURCE_COUNT; i++)
        if (may_be_called(&census_sources[i], strategy) && (census_sources[i].facts & wanted))
            json_text(&w, view_of(census_sources[i].permission));
    json_array_end(&w);
    json_key(&w, "Resource");
    json_text(&w, VIEW_LITERAL("*"));
    json_object_end(&w);
    json_array_end(&w);
    json_object_end(&w);
}
