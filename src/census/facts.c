/* SPDX-License-Identifier: MIT */
#include "census/facts.h"

#include "api/iam.h"
#include "base/json_writer.h"
#include "census/sources.h"

#define F(fact)  FACT_BIT(FACT_##fact)
#define BULK     USED_BY_BULK
#define PER_USER USED_BY_PER_USER
#define LATER    USED_BY_LATER

#define REPORT_FACTS                                                                               \
    (F(PASSWORD_AGE) | F(PASSWORD) | F(PASSWORD_USED) | F(PASSWORD_CHANGED) | F(MFA) |             \
     F(KEYS_USED) | F(PASSWORD_ROTATION) | F(ROOT_PASSWORD) | F(ROOT_MFA) | F(ROOT_KEYS) |         \
     F(ROOT_CERTIFICATES) | F(ROOT_USED))

/* clang-format off */
const struct source census_sources[SOURCE_COUNT] = {
    [SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS] = {
        &iam_get_account_authorization_details, "iam:GetAccountAuthorizationDetails", SCOPE_ACCOUNT, BULK, ALL_USERS,
        .facts = F(USERS) | F(TAGS) | F(GROUPS) | F(BOUNDARY) | F(POLICIES) | F(INLINE_POLICIES) | F(GROUP_POLICIES) | F(ADMIN),
        .wide = &iam_get_account_authorization_details_wide, .wide_facts = F(GROUP_POLICIES) | F(ADMIN),
        .page = source_details_page, .whole = source_details_whole, .discard = source_details_discard},
    [SOURCE_GENERATE_CREDENTIAL_REPORT] = {
        &iam_generate_credential_report, "iam:GenerateCredentialReport", SCOPE_REPORT, BULK, ALL_USERS,
        .facts = REPORT_FACTS},
    [SOURCE_GET_CREDENTIAL_REPORT] = {
        &iam_get_credential_report, "iam:GetCredentialReport", SCOPE_REPORT, BULK, ALL_USERS,
        .facts = REPORT_FACTS},
    [SOURCE_LIST_USERS] = {
        &iam_list_users, "iam:ListUsers", SCOPE_ACCOUNT, PER_USER | LATER, ALL_USERS,
        .facts = F(USERS) | F(PASSWORD_USED),
        .page = source_users_page},
    [SOURCE_LIST_ACCOUNT_ALIASES] = {
        &iam_list_account_aliases, "iam:ListAccountAliases", SCOPE_ACCOUNT, BULK | PER_USER, ALL_USERS,
        .facts = F(ALIAS),
        .page = source_alias_page, .discard = source_alias_discard},
    [SOURCE_LIST_USER_TAGS] = {
        &iam_list_user_tags, "iam:ListUserTags", SCOPE_USER, PER_USER, ALL_USERS,
        .facts = F(TAGS),
        .page = source_tags_page, .discard = source_tags_discard},
    [SOURCE_LIST_GROUPS_FOR_USER] = {
        &iam_list_groups_for_user, "iam:ListGroupsForUser", SCOPE_USER, PER_USER, ALL_USERS,
        .facts = F(GROUPS),
        .page = source_groups_page, .discard = source_groups_discard},
    [SOURCE_GET_LOGIN_PROFILE] = {
        &iam_get_login_profile, "iam:GetLoginProfile", SCOPE_USER, PER_USER | LATER, ALL_USERS,
        .facts = F(PASSWORD_AGE) | F(PASSWORD),
        .page = source_login_profile_page, .absent = source_login_profile_absent},
    [SOURCE_LIST_MFA_DEVICES] = {
        &iam_list_mfa_devices, "iam:ListMFADevices", SCOPE_USER, PER_USER | LATER, USERS_WITH_MFA,
        .facts = F(MFA) | F(MFA_DEVICES),
        .page = source_mfa_devices_page, .whole = source_mfa_devices_whole, .discard = source_mfa_devices_discard},
    [SOURCE_LIST_ACCESS_KEYS] = {
        &iam_list_access_keys, "iam:ListAccessKeys", SCOPE_USER, BULK | PER_USER, USERS_WITH_KEYS,
        .facts = F(KEYS),
        .page = source_access_keys_page, .discard = source_access_keys_discard},
    [SOURCE_GET_ACCESS_KEY_LAST_USED] = {
        &iam_get_access_key_last_used, "iam:GetAccessKeyLastUsed", SCOPE_KEY, PER_USER | LATER, ALL_USERS,
        .facts = F(KEYS_USED),
        .page = source_key_use_page},
    [SOURCE_LIST_SIGNING_CERTIFICATES] = {
        &iam_list_signing_certificates, "iam:ListSigningCertificates", SCOPE_USER, BULK | PER_USER, USERS_WITH_CERTIFICATES,
        .facts = F(CERTIFICATES),
        .page = source_certificates_page, .discard = source_certificates_discard},
    [SOURCE_GET_ACCOUNT_SUMMARY] = {
        &iam_get_account_summary, "iam:GetAccountSummary", SCOPE_ACCOUNT, BULK | PER_USER, ALL_USERS,
        .facts = F(ROOT_PASSWORD) | F(ROOT_MFA) | F(ROOT_KEYS) | F(ROOT_CERTIFICATES),
        .page = source_summary_page},
    [SOURCE_GET_ACCOUNT_PASSWORD_POLICY] = {
        &iam_get_account_password_policy, "iam:GetAccountPasswordPolicy", SCOPE_ACCOUNT, BULK | PER_USER, ALL_USERS,
        .facts = F(PASSWORD_POLICY),
        .page = source_password_policy_page, .absent = source_password_policy_absent},
    [SOURCE_LIST_VIRTUAL_MFA_DEVICES] = {
        &iam_list_virtual_mfa_devices, "iam:ListVirtualMFADevices", SCOPE_ACCOUNT, BULK | PER_USER, ALL_USERS,
        .facts = F(ROOT_MFA_KIND),
        .page = source_virtual_devices_page, .whole = source_virtual_devices_whole},
    [SOURCE_LIST_SERVICE_CREDENTIALS] = {
        &iam_list_service_specific_credentials, "iam:ListServiceSpecificCredentials", SCOPE_ACCOUNT, BULK | PER_USER, ALL_USERS,
        .facts = F(SERVICE_CREDENTIALS),
        .page = source_service_credentials_page, .discard = source_service_credentials_discard},
    [SOURCE_LIST_SERVICE_CREDENTIALS_OF_USER] = {
        &iam_list_service_specific_credentials_of_user, "iam:ListServiceSpecificCredentials", SCOPE_USER, BULK | PER_USER, ALL_USERS,
        .facts = F(SERVICE_CREDENTIALS),
        .page = source_service_credentials_page, .discard = source_service_credentials_discard},
    [SOURCE_LIST_SSH_PUBLIC_KEYS] = {
        &iam_list_ssh_public_keys, "iam:ListSSHPublicKeys", SCOPE_USER, BULK | PER_USER, ALL_USERS,
        .facts = F(SSH_KEYS),
        .page = source_ssh_keys_page, .discard = source_ssh_keys_discard},
};

const struct fact_row census_facts[FACT_COUNT] = {
    [FACT_USERS]               = {ABOUT_ACCOUNT, {SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS, SOURCE_LIST_USERS}},
    [FACT_ALIAS]               = {ABOUT_ACCOUNT, {SOURCE_LIST_ACCOUNT_ALIASES}},
    [FACT_TAGS]                = {ABOUT_USER,    {SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS, SOURCE_LIST_USER_TAGS}},
    [FACT_GROUPS]              = {ABOUT_USER,    {SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS, SOURCE_LIST_GROUPS_FOR_USER}},
    [FACT_PASSWORD_AGE]        = {ABOUT_USER,    {SOURCE_GET_CREDENTIAL_REPORT, SOURCE_GET_LOGIN_PROFILE}},
    [FACT_PASSWORD]            = {ABOUT_USER,    {SOURCE_GET_CREDENTIAL_REPORT, SOURCE_GET_LOGIN_PROFILE}},
    [FACT_PASSWORD_USED]       = {ABOUT_USER,    {SOURCE_GET_CREDENTIAL_REPORT, SOURCE_LIST_USERS}},
    [FACT_PASSWORD_CHANGED]    = {ABOUT_USER,    {SOURCE_GET_CREDENTIAL_REPORT}},
    [FACT_MFA]                 = {ABOUT_USER,    {SOURCE_GET_CREDENTIAL_REPORT, SOURCE_LIST_MFA_DEVICES}},
    [FACT_MFA_DEVICES]         = {ABOUT_USER,    {SOURCE_LIST_MFA_DEVICES}},
    [FACT_KEYS]                = {ABOUT_USER,    {SOURCE_LIST_ACCESS_KEYS}},
    [FACT_KEYS_USED]           = {ABOUT_KEY,     {SOURCE_GET_CREDENTIAL_REPORT, SOURCE_GET_ACCESS_KEY_LAST_USED}},
    [FACT_CERTIFICATES]        = {ABOUT_USER,    {SOURCE_LIST_SIGNING_CERTIFICATES}},
    [FACT_BOUNDARY]            = {ABOUT_USER,    {SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS}},
    [FACT_POLICIES]            = {ABOUT_USER,    {SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS}},
    [FACT_ACCOUNT_NAME]        = {ABOUT_ACCOUNT, {SOURCE_NONE}}, /* comes with the list of accounts */
    [FACT_PASSWORD_ROTATION]   = {ABOUT_USER,    {SOURCE_GET_CREDENTIAL_REPORT}},
    [FACT_INLINE_POLICIES]     = {ABOUT_USER,    {SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS}},
    [FACT_GROUP_POLICIES]      = {ABOUT_USER,    {SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS}},
    [FACT_ADMIN]               = {ABOUT_USER,    {SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS}},
    [FACT_SERVICE_CREDENTIALS] = {ABOUT_USER,    {SOURCE_LIST_SERVICE_CREDENTIALS, SOURCE_LIST_SERVICE_CREDENTIALS_OF_USER}},
    [FACT_SSH_KEYS]            = {ABOUT_USER,    {SOURCE_LIST_SSH_PUBLIC_KEYS}},
    [FACT_OU]                  = {ABOUT_ACCOUNT, {SOURCE_NONE}}, /* so do these */
    [FACT_MANAGEMENT]          = {ABOUT_ACCOUNT, {SOURCE_NONE}},
    [FACT_ROOT_PASSWORD]       = {ABOUT_ACCOUNT, {SOURCE_GET_ACCOUNT_SUMMARY, SOURCE_GET_CREDENTIAL_REPORT}},
    [FACT_ROOT_MFA]            = {ABOUT_ACCOUNT, {SOURCE_GET_ACCOUNT_SUMMARY, SOURCE_GET_CREDENTIAL_REPORT}},
    [FACT_ROOT_MFA_KIND]       = {ABOUT_ACCOUNT, {SOURCE_LIST_VIRTUAL_MFA_DEVICES}}, /* needs FACT_ROOT_MFA too */
    [FACT_ROOT_KEYS]           = {ABOUT_ACCOUNT, {SOURCE_GET_ACCOUNT_SUMMARY, SOURCE_GET_CREDENTIAL_REPORT}},
    [FACT_ROOT_CERTIFICATES]   = {ABOUT_ACCOUNT, {SOURCE_GET_ACCOUNT_SUMMARY, SOURCE_GET_CREDENTIAL_REPORT}},
    [FACT_ROOT_USED]           = {ABOUT_ACCOUNT, {SOURCE_GET_CREDENTIAL_REPORT}},
    [FACT_PASSWORD_POLICY]     = {ABOUT_ACCOUNT, {SOURCE_GET_ACCOUNT_PASSWORD_POLICY}},
};
/* clang-format on */

const struct query_operation *source_operation(const struct source *source, fact_set wanted)
{
    return source->wide && (source->wide_facts & wanted) ? source->wide : source->operation;
}

bool source_used_by(const struct source *source, enum strategy strategy)
{
    static const unsigned uses[] = {
        [STRATEGY_AUTO] = BULK | PER_USER, [STRATEGY_BULK] = BULK, [STRATEGY_PER_USER] = PER_USER};
    return (source->used_by & uses[strategy]) != 0;
}

/* Includes sources that 'bulk' uses only to fill gaps of the report. */
static bool may_be_called(const struct source *source, enum strategy strategy)
{
    return source_used_by(source, strategy) ||
           (strategy == STRATEGY_BULK && (source->used_by & LATER) != 0);
}

fact_set facts_about(enum fact_about about)
{
    fact_set facts = 0;
    for (enum fact fact = 0; fact < FACT_COUNT; fact++)
        if (census_facts[fact].about == about)
            facts |= FACT_BIT(fact);
    return facts;
}

fact_set facts_with_source(enum strategy strategy)
{
    fact_set facts = 0;
    for (size_t fact = 0; fact < FACT_COUNT; fact++)
        for (const enum source_id *s = census_facts[fact].sources; *s != SOURCE_NONE; s++)
            if (may_be_called(&census_sources[*s], strategy))
                facts |= FACT_BIT(fact);
    return facts;
}

bool source_needed(enum source_id id, enum strategy strategy, fact_set wanted)
{
    return may_be_called(&census_sources[id], strategy) && (census_sources[id].facts & wanted);
}

/* Two sources may have the same operation; its permission is written once. */
static bool is_permitted_before(enum source_id id, enum strategy strategy, fact_set wanted)
{
    for (enum source_id i = SOURCE_NONE + 1; i < id; i++)
        if (source_needed(i, strategy, wanted) &&
            strcmp(census_sources[i].permission, census_sources[id].permission) == 0)
            return true;
    return false;
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
    for (enum source_id i = SOURCE_NONE + 1; i < SOURCE_COUNT; i++)
        if (source_needed(i, strategy, wanted) && !is_permitted_before(i, strategy, wanted))
            json_text(&w, view_of(census_sources[i].permission));
    json_array_end(&w);
    json_key(&w, "Resource");
    json_text(&w, VIEW_LITERAL("*"));
    json_object_end(&w);
    json_array_end(&w);
    json_object_end(&w);
}
