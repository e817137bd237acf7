/* SPDX-License-Identifier: MIT */
#include "output/account_fields.h"

#define F(fact) FACT_BIT(FACT_##fact)

static bool was_read(const struct account_row *row)
{
    return !row->skipped && row->account->outcome != OUTCOME_FAILED;
}

static bool lacks(const struct account_row *row, fact_set facts)
{
    return (row->account->unknown & facts) != 0;
}

/* What Organizations says of every account: if there is no text, it was not asked. */
static struct value text_or_unknown(struct view text)
{
    return text.ptr ? value_text_or_none(text) : value_unknown();
}

static struct value id(const struct account_row *row)
{
    return value_text_or_none(view_of(row->account->id));
}

static struct value name(const struct account_row *row)
{
    return text_or_unknown(row->account->name);
}

static struct value alias(const struct account_row *row)
{
    return value_text_or_none(row->account->alias);
}

static struct value ou(const struct account_row *row)
{
    return text_or_unknown(row->account->ou);
}

static struct value state(const struct account_row *row)
{
    return text_or_unknown(row->account->state);
}

static struct value outcome(const struct account_row *row)
{
    static const char *const names[] = {[OUTCOME_SUCCEEDED] = "succeeded",
                                        [OUTCOME_PARTIAL] = "partial",
                                        [OUTCOME_FAILED] = "failed"};
    return value_text_or_none(view_of(row->skipped ? "skipped" : names[row->account->outcome]));
}

static bool has_failed(const struct account_row *row)
{
    return !row->skipped && row->account->outcome == OUTCOME_FAILED;
}

static struct value stage(const struct account_row *row)
{
    return has_failed(row) ? value_text_or_none(view_of(row->account->failed_stage)) : value_none();
}

static struct value code(const struct account_row *row)
{
    return has_failed(row) ? value_text_or_none(view_of(error_code(&row->account->failed)))
                           : value_none();
}

static struct value users(const struct account_row *row)
{
    return value_number((int64_t)row->account->user_count);
}

/* How many of something a user has; -1 if that is unknown, given the facts that are. */
typedef int64_t counted(const struct user *user, fact_set unknown);

static struct value sum(const struct account_row *row, counted *count)
{
    const struct account *account = row->account;
    int64_t total = 0;
    for (size_t i = 0; i < account->user_count; i++) {
        const struct user *user = account->users[i];
        int64_t one = count(user, user->unknown | account->unknown);
        if (one < 0)
            return value_unknown();
        total += one;
    }
    return value_number(total);
}

static int64_t count_password(const struct user *user, fact_set unknown)
{
    return unknown & F(PASSWORD) ? -1 : user->has_password;
}

/* One known fact is enough if it is that there is no password, or that there is MFA. */
static int64_t count_without_mfa(const struct user *user, fact_set unknown)
{
    if (!(unknown & F(PASSWORD)) && !user->has_password)
        return 0;
    if (!(unknown & F(MFA)) && user->has_mfa)
        return 0;
    return unknown & (F(PASSWORD) | F(MFA)) ? -1 : 1;
}

static int64_t count_active_keys(const struct user *user, fact_set unknown)
{
    int64_t count = 0;
    for (const struct access_key *k = user->keys; k; k = k->next)
        count += access_key_is_active(k);
    return unknown & F(KEYS) ? -1 : count;
}

static int64_t count_service_credentials(const struct user *user, fact_set unknown)
{
    int64_t count = 0;
    for (const struct service_credential *c = user->service_credentials; c; c = c->next)
        count++;
    return unknown & F(SERVICE_CREDENTIALS) ? -1 : count;
}

static struct value users_with_password(const struct account_row *row)
{
    return sum(row, count_password);
}

static struct value users_without_mfa(const struct account_row *row)
{
    return sum(row, count_without_mfa);
}

static struct value active_keys(const struct account_row *row)
{
    return sum(row, count_active_keys);
}

static struct value service_credentials(const struct account_row *row)
{
    return sum(row, count_service_credentials);
}

static struct value root_password(const struct account_row *row)
{
    return value_truth(row->account->root.has_password);
}

static struct value root_mfa(const struct account_row *row)
{
    return value_truth(row->account->root.has_mfa);
}

/* Without MFA there is no device, even if devices could not be listed. */
static struct value root_mfa_kind(const struct account_row *row)
{
    static const char *const names[] = {
        [ROOT_MFA_NONE] = "none", [ROOT_MFA_VIRTUAL] = "virtual", [ROOT_MFA_HARDWARE] = "hardware"};
    enum root_mfa_kind kind = row->account->root.mfa_kind;
    if (!lacks(row, F(ROOT_MFA)) && !row->account->root.has_mfa)
        kind = ROOT_MFA_NONE;
    else if (lacks(row, F(ROOT_MFA_KIND)))
        return value_unknown();
    return value_text_or_none(view_of(names[kind]));
}

static struct value root_access_keys(const struct account_row *row)
{
    return value_truth(row->account->root.has_keys);
}

static struct value root_certificates(const struct account_row *row)
{
    return value_truth(row->account->root.has_certificates);
}

static struct value root_last_used(const struct account_row *row)
{
    return value_time_or_none(row->account->root.used_s);
}

static struct value root_last_used_by(const struct account_row *row)
{
    return value_text_or_none(row->account->root.used_by);
}

static struct value password_policy(const struct account_row *row)
{
    return text_or_unknown(row->account->password_policy.text);
}

static struct value report_at(const struct account_row *row)
{
    return was_read(row) ? value_time_or_none(row->account->report_at_s) : value_none();
}

/* clang-format off */
const struct account_field account_fields[ACCOUNT_FIELD_COUNT] = {
    /*                                     CSV                   database                unknown with           value */
    [ACCOUNT_FIELD_ID]                  = {"AccountID",          "account_id",           0,                    .value = id, .before_read = true},
    [ACCOUNT_FIELD_NAME]                = {"AccountName",        "account_name",         F(ACCOUNT_NAME),      .value = name, .before_read = true, .guarded = true},
    [ACCOUNT_FIELD_ALIAS]               = {"AccountAlias",       "account_alias",        F(ALIAS),             .value = alias},
    [ACCOUNT_FIELD_OU]                  = {"AccountOU",          "account_ou",           F(OU),                .value = ou, .before_read = true},
    [ACCOUNT_FIELD_STATE]               = {"State",              "state",                0,                    .value = state, .before_read = true},
    [ACCOUNT_FIELD_OUTCOME]             = {"Outcome",            "outcome",              0,                    .value = outcome, .before_read = true},
    [ACCOUNT_FIELD_STAGE]               = {"Stage",              "stage",                0,                    .value = stage, .before_read = true},
    [ACCOUNT_FIELD_CODE]                = {"Code",               "code",                 0,                    .value = code, .before_read = true},
    [ACCOUNT_FIELD_USERS]               = {"Users",              "users",                F(USERS),             .value = users},
    [ACCOUNT_FIELD_USERS_WITH_PASSWORD] = {"UsersWithPassword",  "users_with_password",  0,                    .value = users_with_password, .also = F(PASSWORD)},
    [ACCOUNT_FIELD_USERS_WITHOUT_MFA]   = {"UsersWithoutMFA",    "users_without_mfa",    0,                    .value = users_without_mfa, .also = F(PASSWORD) | F(MFA)},
    [ACCOUNT_FIELD_ACTIVE_KEYS]         = {"ActiveKeys",         "active_keys",          0,                    .value = active_keys, .also = F(KEYS)},
    [ACCOUNT_FIELD_SERVICE_CREDENTIALS] = {"ServiceCredentials", "service_credentials",  0,                    .value = service_credentials, .also = F(SERVICE_CREDENTIALS)},
    [ACCOUNT_FIELD_ROOT_PASSWORD]       = {"RootPassword",       "root_password",        F(ROOT_PASSWORD),     .value = root_password},
    [ACCOUNT_FIELD_ROOT_MFA]            = {"RootMFA",            "root_mfa",             F(ROOT_MFA),          .value = root_mfa},
    [ACCOUNT_FIELD_ROOT_MFA_KIND]       = {"RootMFAKind",        "root_mfa_kind",        0,                    .value = root_mfa_kind, .also = F(ROOT_MFA_KIND)},
    [ACCOUNT_FIELD_ROOT_ACCESS_KEYS]    = {"RootAccessKeys",     "root_access_keys",     F(ROOT_KEYS),         .value = root_access_keys},
    [ACCOUNT_FIELD_ROOT_CERTIFICATES]   = {"RootCertificates",   "root_certificates",    F(ROOT_CERTIFICATES), .value = root_certificates},
    [ACCOUNT_FIELD_ROOT_LAST_USED]      = {"RootLastUsed",       "root_last_used",       F(ROOT_USED),         .value = root_last_used},
    [ACCOUNT_FIELD_ROOT_LAST_USED_BY]   = {"RootLastUsedBy",     "root_last_used_by",    F(ROOT_USED),         .value = root_last_used_by},
    [ACCOUNT_FIELD_PASSWORD_POLICY]     = {"PasswordPolicy",     "password_policy",      F(PASSWORD_POLICY),   .value = password_policy},
    [ACCOUNT_FIELD_REPORT_AT]           = {"ReportAt",           "report_at",            0,                    .value = report_at, .before_read = true},
};
/* clang-format on */

struct value account_row_value(struct account_row *row, enum account_field_id field)
{
    const struct account_field *f = &account_fields[field];
    bool is_known = (f->before_read || was_read(row)) && !lacks(row, f->facts);
    struct value value = is_known ? f->value(row) : value_unknown();
    if (value.kind == VALUE_UNKNOWN)
        row->lost |= UINT64_C(1) << field;
    return value;
}

fact_set account_fields_wanted(void)
{
    fact_set facts = 0;
    for (size_t i = 0; i < ACCOUNT_FIELD_COUNT; i++)
        facts |= account_fields[i].facts | account_fields[i].also;
    return facts;
}
