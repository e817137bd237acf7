/* SPDX-License-Identifier: MIT */
#include "store/unknown.h"

#include "output/account_fields.h"
#include "output/fields.h"

#include <jansson.h>

/*
 * The columns that say by themselves that a fact is unknown. Others are made from several facts, as
 * 'last_activity_at'; those are in the list too, or follow from the values.
 */
static const struct known_by {
    const char *column;
    enum fact fact;
} of_users[] =
    {
        {"tags", FACT_TAGS},
        {"groups", FACT_GROUPS},
        {"mfa_enabled", FACT_MFA},
        {"mfa_devices", FACT_MFA_DEVICES},
        {"console_access", FACT_PASSWORD},
        {"password_age_days", FACT_PASSWORD_AGE},
        {"password_last_changed_at", FACT_PASSWORD_CHANGED},
        {"password_next_rotation_at", FACT_PASSWORD_ROTATION},
        {"console_last_sign_in_at", FACT_PASSWORD_USED},
        {"access_keys", FACT_KEYS},
        {"access_keys.last_used_at", FACT_KEYS_USED},
        {"signing_certificates", FACT_CERTIFICATES},
        {"permissions_boundary", FACT_BOUNDARY},
        {"attached_policies", FACT_POLICIES},
        {"inline_policies", FACT_INLINE_POLICIES},
        {"group_policies", FACT_GROUP_POLICIES},
        {"is_admin", FACT_ADMIN},
        {"service_credentials", FACT_SERVICE_CREDENTIALS},
        {"ssh_public_keys", FACT_SSH_KEYS},
},
  of_accounts[] = {
      {"account_name", FACT_ACCOUNT_NAME},
      {"account_alias", FACT_ALIAS},
      {"account_ou", FACT_OU},
      {"is_management", FACT_MANAGEMENT},
      {"root_password", FACT_ROOT_PASSWORD},
      {"root_mfa", FACT_ROOT_MFA},
      {"root_mfa_kind", FACT_ROOT_MFA_KIND},
      {"root_access_keys", FACT_ROOT_KEYS},
      {"root_certificates", FACT_ROOT_CERTIFICATES},
      {"root_last_used", FACT_ROOT_USED},
      {"password_policy", FACT_PASSWORD_POLICY},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Handles one name of a list. False if it is not a name that the list may have. */
typedef bool name_taker(void *arg, const char *name);

static int read_list(const struct statement *s, int column, name_taker *take, void *arg,
                     struct error *e)
{
    struct view text = statement_get_text(s, column);
    size_t i;
    json_t *item;
    if (view_is(text, "[]"))
        return 0;
    json_t *list = json_loadb(text.ptr ? text.ptr : "", text.len, 0, NULL);
    bool good = json_is_array(list);
    json_array_foreach (list, i, item)
        good = good && json_is_string(item) && take(arg, json_string_value(item));
    json_decref(list);
    return good ? 0 : statement_bad(s, column, "a list of columns that may be unknown", e);
}

static void add_fact(const struct known_by *table, size_t count, const char *name, fact_set *facts)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(table[i].column, name) == 0)
            *facts |= FACT_BIT(table[i].fact);
}

static bool take_of_user(void *arg, const char *name)
{
    size_t len = strcspn(name, ".");
    add_fact(of_users, COUNT(of_users), name, arg);
    for (size_t i = 0; i < FIELD_COUNT; i++)
        if (output_fields[i].json && view_is((struct view){name, len}, output_fields[i].json))
            return true;
    return false;
}

int unknown_of_user(const struct statement *s, int column, fact_set *facts, struct error *e)
{
    *facts = 0;
    return read_list(s, column, take_of_user, facts, e);
}

static bool take_of_account(void *arg, const char *name)
{
    add_fact(of_accounts, COUNT(of_accounts), name, arg);
    for (size_t i = 0; i < ACCOUNT_FIELD_COUNT; i++)
        if (strcmp(account_fields[i].json, name) == 0)
            return true;
    return strcmp(name, "is_management") == 0;
}

int unknown_of_account(const struct statement *s, int column, fact_set *facts, struct error *e)
{
    *facts = 0;
    return read_list(s, column, take_of_account, facts, e);
}

static bool take_of_key(void *arg, const char *name)
{
    struct access_key *key = arg;
    if (strcmp(name, "last_used_at") == 0)
        key->use_unknown = true;
    else if (strcmp(name, "last_used_service") == 0 || strcmp(name, "last_used_region") == 0)
        key->use_place_unknown = true;
    else
        return strcmp(name, "created_at") == 0 || strcmp(name, "age_days") == 0;
    return true;
}

int unknown_of_key(const struct statement *s, int column, struct access_key *key, struct error *e)
{
    return read_list(s, column, take_of_key, key, e);
}
