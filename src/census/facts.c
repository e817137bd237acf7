#include "census/facts.h"

#include "api/iam.h"
#include "base/json_writer.h"
#include "census/sources.h"

#define P USED_BY_PER_USER
#define B USED_BY_BULK
#define L USED_BY_LATER

#define REPORT_FACTS                                                                               \
    (FACT_BIT(FACT_PASSWORD) | FACT_BIT(FACT_PASSWORD_USED) | FACT_BIT(FACT_PASSWORD_CHANGED) |    \
     FACT_BIT(FACT_MFA) | FACT_BIT(FACT_KEYS_USED))

const struct source census_sources[SOURCE_COUNT] = {
    [SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS] = {&iam_get_account_authorization_details,
                                                  "iam:GetAccountAuthorizationDetails",
                                                  SCOPE_ACCOUNT, B,
                                                  FACT_BIT(FACT_USERS) | FACT_BIT(FACT_TAGS) |
                                                      FACT_BIT(FACT_GROUPS) |
                                                      FACT_BIT(FACT_BOUNDARY) |
                                                      FACT_BIT(FACT_POLICIES),
                                                  source_details_page, NULL, NULL},
    [SOURCE_GENERATE_CREDENTIAL_REPORT] = {&iam_generate_credential_report,
                                           "iam:GenerateCredentialReport", SCOPE_REPORT, B,
                                           REPORT_FACTS, NULL, NULL, NULL},
    [SOURCE_GET_CREDENTIAL_REPORT] = {&iam_get_credential_report, "iam:GetCredentialReport",
                                      SCOPE_REPORT, B, REPORT_FACTS, NULL, NULL, NULL},
    [SOURCE_LIST_USERS] = {&iam_list_users, "iam:ListUsers", SCOPE_ACCOUNT, P | L,
                           FACT_BIT(FACT_USERS) | FACT_BIT(FACT_PASSWORD_USED), source_users_page,
                           NULL, NULL},
    [SOURCE_LIST_ACCOUNT_ALIASES] = {&iam_list_account_aliases, "iam:ListAccountAliases",
                                     SCOPE_ACCOUNT, B | P, FACT_BIT(FACT_ALIAS), source_alias_page,
                                     source_alias_discard, NULL},
    [SOURCE_LIST_USER_TAGS] = {&iam_list_user_tags, "iam:ListUserTags", SCOPE_USER, P,
                               FACT_BIT(FACT_TAGS), source_tags_page, source_tags_discard, NULL},
    [SOURCE_LIST_GROUPS_FOR_USER] = {&iam_list_groups_for_user, "iam:ListGroupsForUser", SCOPE_USER,
                                     P, FACT_BIT(FACT_GROUPS), source_groups_page,
                                     source_groups_discard, NULL},
    [SOURCE_GET_LOGIN_PROFILE] = {&iam_get_login_profile, "iam:GetLoginProfile", SCOPE_USER, P | L,
                                  FACT_BIT(FACT_PASSWORD), source_login_profile_page, NULL,
                                  source_login_profile_absent},
    [SOURCE_LIST_MFA_DEVICES] = {&iam_list_mfa_devices, "iam:ListMFADevices", SCOPE_USER, P | L,
                                 FACT_BIT(FACT_MFA) | FACT_BIT(FACT_MFA_DEVICES),
                                 source_mfa_devices_page, source_mfa_devices_discard, NULL},
    [SOURCE_LIST_ACCESS_KEYS] = {&iam_list_access_keys, "iam:ListAccessKeys", SCOPE_USER, B | P,
                                 FACT_BIT(FACT_KEYS), source_access_keys_page,
                                 source_access_keys_discard, NULL},
    [SOURCE_GET_ACCESS_KEY_LAST_USED] = {&iam_get_access_key_last_used, "iam:GetAccessKeyLastUsed",
                                         SCOPE_KEY, P | L, FACT_BIT(FACT_KEYS_USED),
                                         source_key_use_page, NULL, source_key_absent},
    [SOURCE_LIST_SIGNING_CERTIFICATES] = {&iam_list_signing_certificates,
                                          "iam:ListSigningCertificates", SCOPE_USER, B | P,
                                          FACT_BIT(FACT_CERTIFICATES), source_certificates_page,
                                          source_certificates_discard, NULL},
};

const struct fact_row census_facts[FACT_COUNT] = {
    [FACT_USERS] = {FACT_USERS,
                    {"UserName"},
                    {SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS, SOURCE_LIST_USERS}},
    [FACT_ALIAS] = {FACT_ALIAS, {"AccountAlias"}, {SOURCE_LIST_ACCOUNT_ALIASES}},
    [FACT_TAGS] = {FACT_TAGS,
                   {"Tags"},
                   {SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS, SOURCE_LIST_USER_TAGS}},
    [FACT_GROUPS] = {FACT_GROUPS,
                     {"Groups"},
                     {SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS, SOURCE_LIST_GROUPS_FOR_USER}},
    [FACT_PASSWORD] = {FACT_PASSWORD,
                       {"PasswordAge", "ConsoleAccess"},
                       {SOURCE_GET_CREDENTIAL_REPORT, SOURCE_GET_LOGIN_PROFILE}},
    [FACT_PASSWORD_USED] = {FACT_PASSWORD_USED,
                            {"ConsoleLastSignIn"},
                            {SOURCE_GET_CREDENTIAL_REPORT, SOURCE_LIST_USERS}},
    [FACT_PASSWORD_CHANGED] = {FACT_PASSWORD_CHANGED,
                               {"PasswordLastChanged"},
                               {SOURCE_GET_CREDENTIAL_REPORT}},
    [FACT_MFA] = {FACT_MFA,
                  {"MFAEnabled"},
                  {SOURCE_GET_CREDENTIAL_REPORT, SOURCE_LIST_MFA_DEVICES}},
    [FACT_MFA_DEVICES] = {FACT_MFA_DEVICES, {"MFADevices"}, {SOURCE_LIST_MFA_DEVICES}},
    [FACT_KEYS] = {FACT_KEYS, {"AccessKeyID", "ActiveKeyAge"}, {SOURCE_LIST_ACCESS_KEYS}},
    [FACT_KEYS_USED] = {FACT_KEYS_USED,
                        {"LastActivity", "AccessKeyLastUsed"},
                        {SOURCE_GET_CREDENTIAL_REPORT, SOURCE_GET_ACCESS_KEY_LAST_USED}},
    [FACT_CERTIFICATES] = {FACT_CERTIFICATES, {"SigningCerts"}, {SOURCE_LIST_SIGNING_CERTIFICATES}},
    [FACT_BOUNDARY] = {FACT_BOUNDARY,
                       {"PermissionsBoundary"},
                       {SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS}},
    [FACT_POLICIES] = {FACT_POLICIES,
                       {"AttachedPolicies"},
                       {SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS}},
    [FACT_ACCOUNT_NAME] = {FACT_ACCOUNT_NAME, {"AccountName"}, {SOURCE_NONE}},
};

bool source_used_by(const struct source *source, enum strategy strategy)
{
    static const unsigned uses[] = {
        [STRATEGY_AUTO] = B | P, [STRATEGY_BULK] = B, [STRATEGY_PER_USER] = P};
    return (source->used_by & uses[strategy]) != 0;
}

/* Also what is called only for what came later than the report. */
static bool may_be_called(const struct source *source, enum strategy strategy)
{
    return source_used_by(source, strategy) ||
           (strategy == STRATEGY_BULK && (source->used_by & L) != 0);
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
