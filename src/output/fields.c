/* SPDX-License-Identifier: MIT */
#include "output/fields.h"

#include "census/kind.h"

static struct value time_or_unknown(int64_t seconds)
{
    return seconds == TIMESTAMP_NONE ? value_unknown() : value_time_or_none(seconds);
}

static struct value age_or_unknown(const struct row *row, int64_t then_s)
{
    if (then_s == TIMESTAMP_NONE)
        return value_unknown();
    return value_number(timestamp_age_days(then_s, row->options->started_s));
}

static struct value list_of(const struct name *names)
{
    return (struct value){.kind = VALUE_NAMES, .names = names};
}

static struct value account_id(const struct row *row)
{
    return value_text_or_none(view_of(row->account->id));
}

static struct value account_alias(const struct row *row)
{
    return value_text_or_none(row->account->alias);
}

static struct value account_name(const struct row *row)
{
    return value_text_or_none(row->account->name);
}

static struct value user_name(const struct row *row)
{
    return value_text_or_none(row->user->name);
}

static struct value user_id(const struct row *row)
{
    return value_text_or_none(row->user->id);
}

static struct value path(const struct row *row)
{
    return value_text_or_none(row->user->path);
}

static struct value arn(const struct row *row)
{
    return value_text_or_none(row->user->arn);
}

static struct value tags(const struct row *row)
{
    return (struct value){.kind = VALUE_TAGS, .tags = row->user->tags};
}

static struct value created(const struct row *row)
{
    return time_or_unknown(row->user->created_s);
}

static struct value created_age(const struct row *row)
{
    return age_or_unknown(row, row->user->created_s);
}

static struct value groups(const struct row *row)
{
    return list_of(row->user->groups);
}

static struct value mfa(const struct row *row)
{
    return value_truth(row->user->has_mfa);
}

static struct value mfa_devices(const struct row *row)
{
    return list_of(row->user->mfa_devices);
}

/* Unknown if the last use of any key is unknown: it might be the latest. */
static struct value last_activity(const struct row *row)
{
    if (user_key_use_unknown(row->user))
        return value_unknown();
    return value_time_or_none(user_last_activity_s(row->user));
}

static struct value console_access(const struct row *row)
{
    return value_truth(row->user->has_password);
}

/* The age of a password without a date is unknown. */
static struct value password_age(const struct row *row)
{
    return row->user->has_password ? age_or_unknown(row, row->user->password_set_s) : value_none();
}

/* Empty if the user has no password, even if the date could not be read. */
static struct value password_changed(const struct row *row)
{
    if (!row->user->has_password && !row_lacks(row, FACT_PASSWORD))
        return value_none();
    if (row_lacks(row, FACT_PASSWORD_CHANGED))
        return value_unknown();
    return time_or_unknown(row->user->password_changed_s);
}

static struct value console_sign_in(const struct row *row)
{
    return value_time_or_none(row->user->password_used_s);
}

static struct value id_of(const struct access_key *key)
{
    return key ? value_text_or_none(key->id) : value_none();
}

static struct value age_of(const struct row *row, const struct access_key *key)
{
    return key ? age_or_unknown(row, key->created_s) : value_none();
}

static struct value use_of(const struct access_key *key)
{
    if (!key)
        return value_none();
    return key->use_unknown ? value_unknown() : value_time_or_none(key->last_used_s);
}

static struct value key_id(const struct row *row)
{
    return id_of(row->first);
}

static struct value key_age(const struct row *row)
{
    return age_of(row, row->first);
}

static struct value key_used(const struct row *row)
{
    return use_of(row->first);
}

static struct value key2_id(const struct row *row)
{
    return id_of(row->second);
}

static struct value key2_age(const struct row *row)
{
    return age_of(row, row->second);
}

static struct value key2_used(const struct row *row)
{
    return use_of(row->second);
}

static struct value place_or_unknown(const struct access_key *key, struct view place)
{
    return key->use_place_unknown ? value_unknown() : value_text_or_none(place);
}

static struct value key_service(const struct row *row)
{
    return row->first ? place_or_unknown(row->first, row->first->last_used_service) : value_none();
}

static struct value key_region(const struct row *row)
{
    return row->first ? place_or_unknown(row->first, row->first->last_used_region) : value_none();
}

/* Empty if the user has no active key, even if tags could not be read. */
static struct value key_description(const struct row *row)
{
    if (!row->first)
        return value_none();
    if (row_lacks(row, FACT_TAGS))
        return value_unknown();
    return value_text_or_none(user_tag(row->user, row->first->id));
}

static struct value keys(const struct row *row)
{
    return (struct value){.kind = VALUE_KEYS, .keys = row->user->keys};
}

static struct value certificates(const struct row *row)
{
    return (struct value){.kind = VALUE_CERTIFICATES, .certificates = row->user->certificates};
}

static struct value boundary(const struct row *row)
{
    return value_text_or_none(row->user->boundary);
}

static struct value policies(const struct row *row)
{
    return list_of(row->user->policies);
}

static struct value account_ou(const struct row *row)
{
    return value_text_or_none(row->account->ou);
}

static struct value kind_of(const struct row *row)
{
    enum user_kind kind = user_kind(row->user, row->unknown);
    return kind == KIND_UNKNOWN ? value_unknown()
                                : value_text_or_none(view_of(user_kind_name(kind)));
}

static struct value mfa_device_kinds(const struct row *row)
{
    return (struct value){.kind = VALUE_DEVICE_KINDS, .names = row->user->mfa_devices};
}

/* Empty if the user has no password, even if the date could not be read. */
static struct value password_rotation(const struct row *row)
{
    if (!row->user->has_password && !row_lacks(row, FACT_PASSWORD))
        return value_none();
    if (row_lacks(row, FACT_PASSWORD_ROTATION))
        return value_unknown();
    return value_time_or_none(row->user->password_rotation_s);
}

static struct value inline_policies(const struct row *row)
{
    return list_of(row->user->inline_policies);
}

static struct value group_policies(const struct row *row)
{
    return (struct value){.kind = VALUE_GROUP_POLICIES,
                          .group_policies = row->user->group_policies};
}

static struct value is_admin(const struct row *row)
{
    return value_truth(row->user->is_admin);
}

static struct value admin_via(const struct row *row)
{
    return list_of(row->user->admin_via);
}

static struct value service_credentials(const struct row *row)
{
    return (struct value){.kind = VALUE_SERVICE_CREDENTIALS,
                          .service_credentials = row->user->service_credentials};
}

static struct value ssh_keys(const struct row *row)
{
    return (struct value){.kind = VALUE_SSH_KEYS, .certificates = row->user->ssh_keys};
}

/* The latest use of any credential; the console's if a key was used in the same second. */
struct use {
    int64_t at_s; /* TIMESTAMP_NONE: never */
    struct view by;
};

/* False if any use is unknown: it might be the latest. */
static bool find_last_use(const struct row *row, struct use *use)
{
    if (row_lacks(row, FACT_PASSWORD_USED) || row_lacks(row, FACT_KEYS) ||
        user_key_use_unknown(row->user))
        return false;
    *use = (struct use){.at_s = row->user->password_used_s, .by = VIEW_LITERAL("console")};
    for (const struct access_key *k = row->user->keys; k; k = k->next)
        if (k->last_used_s != TIMESTAMP_NONE &&
            (use->at_s == TIMESTAMP_NONE || k->last_used_s > use->at_s))
            *use = (struct use){.at_s = k->last_used_s, .by = item_text(k->id)};
    return true;
}

static struct value last_used(const struct row *row)
{
    struct use use;
    return find_last_use(row, &use) ? value_time_or_none(use.at_s) : value_unknown();
}

static struct value last_used_by(const struct row *row)
{
    struct use use;
    if (!find_last_use(row, &use))
        return value_unknown();
    return use.at_s == TIMESTAMP_NONE ? value_none() : value_text_or_none(use.by);
}

static struct value data_as_of(const struct row *row)
{
    return value_time_or_none(row->user->data_as_of_s);
}

#define F(fact)  FACT_BIT(FACT_##fact)
#define STANDARD COLUMNS_STANDARD
#define EXTENDED COLUMNS_EXTENDED
#define FULL     COLUMNS_FULL

/* clang-format off */
const struct field output_fields[FIELD_COUNT] = {
    /*                          CSV                         set       JSON Lines                  unknown with      value */
    [FIELD_ACCOUNT_ID]       = {"AccountID",                STANDARD, "account_id",               0,                .value = account_id},
    [FIELD_ACCOUNT_ALIAS]    = {"AccountAlias",             STANDARD, "account_alias",            F(ALIAS),         .value = account_alias},
    [FIELD_USER_NAME]        = {"UserName",                 STANDARD, "user_name",                F(USERS),         .value = user_name, .guarded = true},
    [FIELD_TAGS]             = {"Tags",                     STANDARD, "tags",                     F(TAGS),          .value = tags},
    [FIELD_CREATED]          = {"CreationDateTime",         STANDARD, "created_at",               F(USERS),         .value = created},
    [FIELD_CREATED_AGE]      = {"CreationAgeInDays",        STANDARD, "age_days",                 F(USERS),         .value = created_age},
    [FIELD_PATH]             = {"Path",                     STANDARD, "path",                     F(USERS),         .value = path},
    [FIELD_GROUPS]           = {"Groups",                   STANDARD, "groups",                   F(GROUPS),        .value = groups},
    [FIELD_MFA]              = {"MFAEnabled",               STANDARD, "mfa_enabled",              F(MFA),           .value = mfa},
    [FIELD_LAST_ACTIVITY]    = {"LastActivity",             STANDARD, "last_activity_at",         F(KEYS),          .value = last_activity, .also = F(KEYS_USED)},
    [FIELD_PASSWORD_AGE]     = {"PasswordAge",              STANDARD, "password_age_days",        F(PASSWORD_AGE),  .value = password_age},
    [FIELD_CONSOLE_SIGN_IN]  = {"ConsoleLastSignIn",        STANDARD, "console_last_sign_in_at",  F(PASSWORD_USED), .value = console_sign_in},
    [FIELD_KEY_ID]           = {"AccessKeyID",              STANDARD, NULL,                       F(KEYS),          .value = key_id},
    [FIELD_KEY_AGE]          = {"ActiveKeyAge",             STANDARD, NULL,                       F(KEYS),          .value = key_age},
    [FIELD_KEY_USED]         = {"AccessKeyLastUsed",        STANDARD, NULL,                       F(KEYS),          .value = key_used, .also = F(KEYS_USED)},
    [FIELD_ARN]              = {"ARN",                      STANDARD, "arn",                      F(USERS),         .value = arn},
    [FIELD_CONSOLE_ACCESS]   = {"ConsoleAccess",            STANDARD, "console_access",           F(PASSWORD),      .value = console_access},
    [FIELD_CERTIFICATES]     = {"SigningCerts",             STANDARD, "signing_certificates",     F(CERTIFICATES),  .value = certificates},
    [FIELD_USER_ID]          = {"UserId",                   EXTENDED, "user_id",                  F(USERS),         .value = user_id},
    [FIELD_ACCOUNT_NAME]     = {"AccountName",              EXTENDED, "account_name",             F(ACCOUNT_NAME),  .value = account_name, .guarded = true},
    [FIELD_KEY2_ID]          = {"AccessKey2ID",             EXTENDED, NULL,                       F(KEYS),          .value = key2_id},
    [FIELD_KEY2_AGE]         = {"AccessKey2Age",            EXTENDED, NULL,                       F(KEYS),          .value = key2_age},
    [FIELD_KEY2_USED]        = {"AccessKey2LastUsed",       EXTENDED, NULL,                       F(KEYS),          .value = key2_used, .also = F(KEYS_USED)},
    [FIELD_INACTIVE_KEYS]    = {"InactiveKeys",             EXTENDED, NULL,                       F(KEYS),          .value = keys, .also = F(KEYS_USED)},
    [FIELD_KEY_SERVICE]      = {"AccessKeyLastUsedService", EXTENDED, NULL,                       F(KEYS),          .value = key_service, .also = F(KEYS_USED)},
    [FIELD_KEY_REGION]       = {"AccessKeyLastUsedRegion",  EXTENDED, NULL,                       F(KEYS),          .value = key_region, .also = F(KEYS_USED)},
    [FIELD_KEY_DESCRIPTION]  = {"AccessKeyDescription",     EXTENDED, NULL,                       F(KEYS),          .value = key_description, .also = F(TAGS), .guarded = true},
    [FIELD_MFA_DEVICES]      = {"MFADevices",               EXTENDED, "mfa_devices",              F(MFA_DEVICES),   .value = mfa_devices},
    [FIELD_PASSWORD_CHANGED] = {"PasswordLastChanged",      EXTENDED, "password_last_changed_at", 0,                .value = password_changed, .also = F(PASSWORD_CHANGED)},
    [FIELD_BOUNDARY]         = {"PermissionsBoundary",      EXTENDED, "permissions_boundary",     F(BOUNDARY),      .value = boundary},
    [FIELD_POLICIES]         = {"AttachedPolicies",         EXTENDED, "attached_policies",        F(POLICIES),      .value = policies},
    [FIELD_DATA_AS_OF]       = {"DataAsOf",                 EXTENDED, "data_as_of",               0,                .value = data_as_of},
    [FIELD_ACCOUNT_OU]           = {"AccountOU",                FULL,     "account_ou",               F(OU),            .value = account_ou},
    [FIELD_KIND]                 = {"Kind",                     FULL,     "kind",                     0,                .value = kind_of, .from = F(PASSWORD) | F(KEYS) | F(SERVICE_CREDENTIALS) | F(CERTIFICATES)},
    [FIELD_MFA_DEVICE_KINDS]     = {"MFADeviceKinds",           FULL,     "mfa_device_kinds",         F(MFA_DEVICES),   .value = mfa_device_kinds},
    [FIELD_PASSWORD_ROTATION]    = {"PasswordNextRotation",     FULL,     "password_next_rotation_at",0,                .value = password_rotation, .also = F(PASSWORD_ROTATION)},
    [FIELD_INLINE_POLICIES]      = {"InlinePolicies",           FULL,     "inline_policies",          F(INLINE_POLICIES),.value = inline_policies},
    [FIELD_GROUP_POLICIES]       = {"GroupPolicies",            FULL,     "group_policies",           F(GROUP_POLICIES),.value = group_policies},
    [FIELD_IS_ADMIN]             = {"IsAdmin",                  FULL,     "is_admin",                 F(ADMIN),         .value = is_admin},
    [FIELD_ADMIN_VIA]            = {"AdminVia",                 FULL,     "admin_via",                F(ADMIN),         .value = admin_via},
    [FIELD_SERVICE_CREDENTIALS]  = {"ServiceCredentials",       FULL,     "service_credentials",      F(SERVICE_CREDENTIALS),.value = service_credentials},
    [FIELD_SSH_KEYS]             = {"SSHPublicKeys",            FULL,     "ssh_public_keys",          F(SSH_KEYS),      .value = ssh_keys},
    [FIELD_LAST_USED]            = {"LastUsed",                 FULL,     "last_used_at",             0,                .value = last_used, .from = F(PASSWORD_USED) | F(KEYS) | F(KEYS_USED)},
    [FIELD_LAST_USED_BY]         = {"LastUsedBy",               FULL,     "last_used_by",             0,                .value = last_used_by, .from = F(PASSWORD_USED) | F(KEYS) | F(KEYS_USED)},
    [FIELD_ACCESS_KEYS]      = {NULL,                       STANDARD, "access_keys",              F(KEYS),          .value = keys, .also = F(KEYS_USED)},
};
/* clang-format on */

_Static_assert(FIELD_COUNT <= 64, "a row has no bit for every field");

const enum field_id fields_in_json[] = {
    FIELD_ACCOUNT_ID,
    FIELD_ACCOUNT_ALIAS,
    FIELD_ACCOUNT_NAME,
    FIELD_USER_NAME,
    FIELD_USER_ID,
    FIELD_ARN,
    FIELD_PATH,
    FIELD_CREATED,
    FIELD_CREATED_AGE,
    FIELD_TAGS,
    FIELD_GROUPS,
    FIELD_MFA,
    FIELD_MFA_DEVICES,
    FIELD_CONSOLE_ACCESS,
    FIELD_PASSWORD_AGE,
    FIELD_PASSWORD_CHANGED,
    FIELD_CONSOLE_SIGN_IN,
    FIELD_LAST_ACTIVITY,
    FIELD_ACCESS_KEYS,
    FIELD_CERTIFICATES,
    FIELD_BOUNDARY,
    FIELD_POLICIES,
    FIELD_DATA_AS_OF,
    FIELD_ACCOUNT_OU,
    FIELD_KIND,
    FIELD_MFA_DEVICE_KINDS,
    FIELD_PASSWORD_ROTATION,
    FIELD_INLINE_POLICIES,
    FIELD_GROUP_POLICIES,
    FIELD_IS_ADMIN,
    FIELD_ADMIN_VIA,
    FIELD_SERVICE_CREDENTIALS,
    FIELD_SSH_KEYS,
    FIELD_LAST_USED,
    FIELD_LAST_USED_BY,
};
#define JSON_COUNT (sizeof(fields_in_json) / sizeof(fields_in_json[0]))

size_t fields_in_csv(enum column_set set)
{
    size_t count = 0;
    while (output_fields[count].column && output_fields[count].set <= set)
        count++;
    return count;
}

size_t fields_in_json_count(enum column_set set)
{
    size_t count = JSON_COUNT;
    while (set != COLUMNS_FULL && output_fields[fields_in_json[count - 1]].set == COLUMNS_FULL)
        count--;
    return count;
}

fact_set field_wants(enum field_id field)
{
    const struct field *f = &output_fields[field];
    return f->facts | f->also | f->from;
}

/*
 * The facts that the field is about: those in 'also' if there are any, otherwise those in 'facts'.
 * A key's last use, for example, needs the key too, but is not about it.
 */
static fact_set tells(enum field_id field)
{
    const struct field *f = &output_fields[field];
    return f->also ? f->also : f->facts;
}

bool field_stands_for(enum field_id field, enum fact fact)
{
    if (!output_fields[field].column || !(tells(field) & FACT_BIT(fact)))
        return false;
    for (enum field_id id = 0; output_fields[id].column; id++)
        if (output_fields[id].set < output_fields[field].set && (tells(id) & FACT_BIT(fact)))
            return false;
    return true;
}

void row_init(struct row *row, const struct writer_options *options, const struct account *account,
              const struct user *user)
{
    *row = (struct row){.options = options,
                        .account = account,
                        .user = user,
                        .unknown = user->unknown | account->unknown,
                        .first = user_active_key(user, 0),
                        .second = user_active_key(user, 1)};
}

bool row_lacks(const struct row *row, enum fact fact)
{
    return (row->unknown & FACT_BIT(fact)) != 0;
}

struct value row_value(struct row *row, enum field_id field)
{
    const struct field *f = &output_fields[field];
    struct value value = row->unknown & f->facts ? value_unknown() : f->value(row);
    if (value.kind == VALUE_UNKNOWN)
        row->lost |= FIELD_BIT(field);
    return value;
}

void names_write(const struct name *names, struct json_writer *w)
{
    for (; names; names = names->next)
        json_text(w, item_text(names->text));
}

void device_kinds_write(const struct name *serials, struct json_writer *w)
{
    for (; serials; serials = serials->next)
        json_text(w, view_of(mfa_device_kind(serials->text)));
}
