/* SPDX-License-Identifier: MIT */
#include "world/world_dump.h"

#include "wire/json_text.h"
#include "wire/moment.h"
#include "wire/text.h"
#include "world/action.h"
#include "world/world_dump_parts.h"

#include <inttypes.h>
#include <stdio.h>

static void dump_tags(struct buffer *out, const struct user *user)
{
    json_put_name(out, "tags");
    buffer_add_char(out, '[');
    for (size_t i = 0; i < user->tag_count; i++) {
        json_put_comma(out);
        buffer_add_char(out, '{');
        json_put_string(out, "key", user->tags[i].key);
        json_put_string(out, "value", user->tags[i].value);
        buffer_add_char(out, '}');
    }
    buffer_add_char(out, ']');
}

static void dump_keys(struct buffer *out, const struct user *user)
{
    json_put_name(out, "keys");
    buffer_add_char(out, '[');
    for (size_t i = 0; i < user->key_count; i++) {
        const struct access_key *key = &user->keys[i];
        json_put_comma(out);
        buffer_add_char(out, '{');
        json_put_string(out, "id", key->id);
        json_put_string(out, "status", key->status);
        json_put_moment(out, "created", key->created);
        json_put_moment(out, "last_used", key->last_used);
        json_put_string(out, "last_used_service", key->last_used_service);
        json_put_string(out, "last_used_region", key->last_used_region);
        if (key->created_after_report)
            json_put_bool(out, "created_after_report", true);
        if (key->deleted_after_report)
            json_put_bool(out, "deleted_after_report", true);
        buffer_add_char(out, '}');
    }
    buffer_add_char(out, ']');
}

static void dump_devices(struct buffer *out, const struct user *user)
{
    json_put_name(out, "mfa");
    buffer_add_char(out, '[');
    for (size_t i = 0; i < user->mfa_count; i++) {
        json_put_comma(out);
        buffer_add_char(out, '{');
        json_put_string(out, "serial", user->mfa[i].serial);
        json_put_moment(out, "enabled", user->mfa[i].enabled);
        json_put_bool(out, "virtual", user->mfa[i].is_virtual);
        buffer_add_char(out, '}');
    }
    buffer_add_char(out, ']');
}

static void dump_certificates(struct buffer *out, const char *name,
                              const struct certificate *certificates, size_t count)
{
    json_put_name(out, name);
    buffer_add_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        json_put_comma(out);
        buffer_add_char(out, '{');
        json_put_string(out, "id", certificates[i].id);
        json_put_string(out, "status", certificates[i].status);
        json_put_moment(out, "uploaded", certificates[i].uploaded);
        buffer_add_char(out, '}');
    }
    buffer_add_char(out, ']');
}

static void dump_service_credentials(struct buffer *out, const struct user *user)
{
    json_put_name(out, "service_credentials");
    buffer_add_char(out, '[');
    for (size_t i = 0; i < user->service_credential_count; i++) {
        const struct service_credential *credential = &user->service_credentials[i];
        json_put_comma(out);
        buffer_add_char(out, '{');
        json_put_string(out, "id", credential->id);
        json_put_string(out, "service", credential->service);
        json_put_string(out, "status", credential->status);
        json_put_string(out, "user_name", credential->user_name);
        json_put_string(out, "alias", credential->alias);
        json_put_moment(out, "created", credential->created);
        json_put_moment(out, "expires", credential->expires);
        buffer_add_char(out, '}');
    }
    buffer_add_char(out, ']');
}

static void dump_password(struct buffer *out, const struct user *user)
{
    json_put_name(out, "password");
    if (user->has_password) {
        buffer_add_char(out, '{');
        json_put_moment(out, "created", user->password_created);
        json_put_moment(out, "last_changed", user->password_last_changed);
        if (user->report_last_changed)
            json_put_string(out, "report_last_changed", user->report_last_changed);
        if (user->report_last_used)
            json_put_string(out, "report_last_used", user->report_last_used);
        buffer_add_char(out, '}');
    } else {
        buffer_add_text(out, "null");
    }
    json_put_moment(out, "password_last_used", user->password_last_used);
}

static void dump_root(const struct world *world, const struct account *account, struct buffer *out,
                      struct arena *arena)
{
    struct user root;
    world_root_user(world, account, arena, &root);
    json_put_name(out, "root");
    buffer_add_char(out, '{');
    dump_password(out, &root);
    dump_keys(out, &root);
    dump_devices(out, &root);
    dump_certificates(out, "certificates", root.certificates, root.certificate_count);
    buffer_add_char(out, '}');
}

static void dump_user(struct buffer *out, const struct user *user)
{
    buffer_add_char(out, '{');
    json_put_string(out, "name", user->name);
    json_put_string(out, "path", user->path);
    json_put_string(out, "id", user->id);
    json_put_moment(out, "created", user->created);
    dump_tags(out, user);
    dump_strings(out, "groups", user->groups, user->group_count);
    dump_keys(out, user);
    dump_password(out, user);
    dump_devices(out, user);
    dump_certificates(out, "certificates", user->certificates, user->certificate_count);
    json_put_string(out, "permissions_boundary", user->permissions_boundary);
    dump_strings(out, "attached_policies", user->attached_policies, user->attached_policy_count);
    dump_inline_policies(out, user->inline_policies, user->inline_policy_count);
    dump_service_credentials(out, user);
    dump_certificates(out, "ssh_keys", user->ssh_keys, user->ssh_key_count);
    json_put_bool(out, "created_after_report", user->created_after_report);
    json_put_bool(out, "deleted_after_report", user->deleted_after_report);
    buffer_add_char(out, '}');
}

/* The names of a set of actions, in brackets. */
static void dump_actions(struct buffer *out, const char *name, uint64_t actions)
{
    json_put_name(out, name);
    buffer_add_char(out, '[');
    for (int i = 0; i < ACTION_COUNT; i++) {
        if (!(actions & action_bit((enum action)i)))
            continue;
        char text[96];
        snprintf(text, sizeof(text), "%s:%s", service_name(action_row((enum action)i)->service),
                 action_row((enum action)i)->name);
        json_put_comma(out);
        json_put_quoted(out, text);
    }
    buffer_add_char(out, ']');
}

static void dump_denials(struct buffer *out, const struct account *account)
{
    if (account->denial_count == 0)
        return;
    json_put_name(out, "denials");
    buffer_add_char(out, '[');
    for (unsigned i = 0; i < account->denial_count; i++) {
        const struct denial *denial = &account->denials[i];
        json_put_comma(out);
        buffer_add_char(out, '{');
        dump_actions(out, "actions", denial->actions);
        json_put_string(out, "policy", denial->kind->name);
        json_put_bool(out, "explicit", denial->is_explicit);
        json_put_string(out, "arn", denial->arn);
        json_put_bool(out, "link", denial->link);
        json_put_string(out, "permission", denial->permission);
        json_put_string(out, "resource", denial->resource);
        buffer_add_char(out, '}');
    }
    buffer_add_char(out, ']');
}

static void dump_role(struct buffer *out, const struct account *account)
{
    json_put_name(out, "role");
    buffer_add_char(out, '{');
    json_put_string(out, "name", account->role_name);
    json_put_string(out, "external_id", account->external_id);
    dump_actions(out, "allowed_actions", account->allowed);
    buffer_add_char(out, '}');
}

static int dump_flush(struct buffer *out, FILE *file)
{
    int result = fwrite(out->data, 1, out->len, file) == out->len ? 0 : -1;
    buffer_clear(out);
    return result;
}

static int dump_account(const struct world *world, size_t index, struct buffer *out,
                        struct arena *arena, FILE *file)
{
    struct account account;
    struct entities entities;
    struct unit unit;
    char id[64];
    world_account(world, index, arena, &account);
    if (account.unit != WORLD_ROOT)
        world_unit(world, account.unit, arena, &unit);
    snprintf(id, sizeof(id), "%s", account.unit == WORLD_ROOT ? world->root_id : unit.id);
    buffer_add_text(out, index == 0 ? "\n{" : ",\n{");
    json_put_string(out, "id", account.id);
    json_put_string(out, "name", account.name);
    json_put_string(out, "email", account.email);
    json_put_string(out, "alias", account.alias);
    json_put_string(out, "state", account.state);
    json_put_moment(out, "joined", account.joined);
    json_put_string(out, "parent", id);
    json_put_moment(out, "report_generated", account.report_time);
    if (account.report_forms != REPORT_FORMS_UNSET)
        json_put_string(out, "report_forms", report_forms_name(account.report_forms));
    if (account.password_policy.max_age_days > 0)
        json_put_number(out, "max_password_age_days", account.password_policy.max_age_days);
    dump_password_policy(out, &account.password_policy);
    json_put_bool(out, "root_mfa", account.root_has_mfa);
    dump_root(world, &account, out, arena);
    dump_strings(out, "summary_lacks", account.summary_lacks, account.summary_lack_count);
    if (account.ignores_all_users)
        json_put_bool(out, "all_users_credentials", false);
    dump_role(out, &account);
    dump_denials(out, &account);
    world_entities(world, &account, arena, &entities);
    dump_entities(out, &entities);
    json_put_name(out, "users");
    buffer_add_char(out, '[');
    size_t count = account.user_count + account.report_only_count;
    for (size_t i = 0; i < count; i++) {
        struct user user;
        arena_clear(arena);
        world_user(world, &account, i, arena, &user);
        buffer_add_text(out, i == 0 ? "\n" : ",\n");
        dump_user(out, &user);
        if (dump_flush(out, file) != 0)
            return -1;
    }
    buffer_add_text(out, "]}");
    arena_clear(arena);
    return dump_flush(out, file);
}

static void dump_organization(const struct world *world, struct buffer *out, struct arena *arena)
{
    struct account management;
    world_account(world, world->management, arena, &management);
    buffer_add_char(out, '{');
    json_put_string(out, "organization_id", world->organization_id);
    json_put_string(out, "root_id", world->root_id);
    json_put_string(out, "partition", world->shape.partition);
    json_put_string(out, "management_account_id", management.id);
    json_put_moment(out, "now", world->shape.now);
    json_put_name(out, "organizational_units");
    buffer_add_char(out, '[');
    for (size_t i = 0; i < world->unit_count; i++) {
        struct unit unit;
        struct unit parent = {.id = world->root_id};
        world_unit(world, i, arena, &unit);
        if (unit.parent != WORLD_ROOT)
            world_unit(world, unit.parent, arena, &parent);
        json_put_comma(out);
        buffer_add_char(out, '{');
        json_put_string(out, "id", unit.id);
        json_put_string(out, "name", unit.name);
        json_put_string(out, "parent", parent.id);
        buffer_add_char(out, '}');
    }
    buffer_add_text(out, "],\n\"accounts\":[");
}

int world_dump(const struct world *world, FILE *file)
{
    struct buffer out = {.max = TEXT_MAX};
    struct arena arena = {0};
    dump_organization(world, &out, &arena);
    int result = dump_flush(&out, file);
    for (size_t i = 0; i < world->account_count && result == 0; i++)
        result = dump_account(world, i, &out, &arena, file);
    buffer_add_text(&out, "\n]}\n");
    if (result == 0)
        result = dump_flush(&out, file);
    buffer_release(&out);
    arena_release(&arena);
    return result == 0 && fflush(file) == 0 ? 0 : -1;
}
