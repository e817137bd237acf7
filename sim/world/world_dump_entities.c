/* SPDX-License-Identifier: MIT */
/* The dump of what an account has beside users: see world_dump.h. */
#include "wire/json_text.h"
#include "world/world.h"
#include "world/world_dump_parts.h"

void dump_strings(struct buffer *out, const char *name, const char *const *strings, size_t count)
{
    json_put_name(out, name);
    buffer_add_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        json_put_comma(out);
        json_put_quoted(out, strings[i]);
    }
    buffer_add_char(out, ']');
}

void dump_inline_policies(struct buffer *out, const struct inline_policy *policies, size_t count)
{
    json_put_name(out, "inline_policies");
    buffer_add_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        json_put_comma(out);
        buffer_add_char(out, '{');
        json_put_string(out, "name", policies[i].name);
        json_put_string(out, "document", policies[i].document);
        buffer_add_char(out, '}');
    }
    buffer_add_char(out, ']');
}

static void dump_groups(struct buffer *out, const struct entities *entities)
{
    json_put_name(out, "groups");
    buffer_add_char(out, '[');
    for (size_t i = 0; i < entities->group_count; i++) {
        const struct group *group = &entities->groups[i];
        json_put_comma(out);
        buffer_add_char(out, '{');
        json_put_string(out, "name", group->name);
        json_put_string(out, "path", group->path);
        json_put_string(out, "id", group->id);
        json_put_moment(out, "created", group->created);
        dump_strings(out, "attached_policies", group->attached_policies,
                     group->attached_policy_count);
        dump_inline_policies(out, group->inline_policies, group->inline_policy_count);
        buffer_add_char(out, '}');
    }
    buffer_add_char(out, ']');
}

static void dump_roles(struct buffer *out, const struct entities *entities)
{
    json_put_name(out, "roles");
    buffer_add_char(out, '[');
    for (size_t i = 0; i < entities->role_count; i++) {
        const struct role *role = &entities->roles[i];
        json_put_comma(out);
        buffer_add_char(out, '{');
        json_put_string(out, "name", role->name);
        json_put_string(out, "path", role->path);
        json_put_string(out, "id", role->id);
        json_put_moment(out, "created", role->created);
        json_put_string(out, "trust", role->trust);
        dump_strings(out, "attached_policies", role->attached_policies,
                     role->attached_policy_count);
        dump_inline_policies(out, role->inline_policies, role->inline_policy_count);
        buffer_add_char(out, '}');
    }
    buffer_add_char(out, ']');
}

static void dump_policies(struct buffer *out, const struct entities *entities)
{
    json_put_name(out, "policies");
    buffer_add_char(out, '[');
    for (size_t i = 0; i < entities->policy_count; i++) {
        const struct managed_policy *policy = &entities->policies[i];
        json_put_comma(out);
        buffer_add_char(out, '{');
        json_put_string(out, "name", policy->name);
        json_put_string(out, "path", policy->path);
        json_put_string(out, "id", policy->id);
        json_put_string(out, "description", policy->description);
        json_put_moment(out, "created", policy->created);
        json_put_moment(out, "updated", policy->updated);
        json_put_string(out, "default_version", policy->default_version);
        json_put_name(out, "versions");
        buffer_add_char(out, '[');
        for (size_t v = 0; v < policy->version_count; v++) {
            json_put_comma(out);
            buffer_add_char(out, '{');
            json_put_string(out, "id", policy->versions[v].id);
            json_put_moment(out, "created", policy->versions[v].created);
            json_put_string(out, "document", policy->versions[v].document);
            buffer_add_char(out, '}');
        }
        buffer_add_text(out, "]}");
    }
    buffer_add_char(out, ']');
}

void dump_entities(struct buffer *out, const struct entities *entities)
{
    dump_groups(out, entities);
    dump_roles(out, entities);
    dump_policies(out, entities);
    dump_strings(out, "spare_mfa", entities->spare_devices, entities->spare_device_count);
}

void dump_password_policy(struct buffer *out, const struct password_policy *policy)
{
    json_put_name(out, "password_policy");
    if (!policy->is_set) {
        buffer_add_text(out, "null");
        return;
    }
    buffer_add_char(out, '{');
    json_put_number(out, "minimum_length", policy->minimum_length);
    json_put_bool(out, "symbols", policy->symbols);
    json_put_bool(out, "numbers", policy->numbers);
    json_put_bool(out, "uppercase", policy->uppercase);
    json_put_bool(out, "lowercase", policy->lowercase);
    json_put_bool(out, "change_allowed", policy->change_allowed);
    if (policy->has_hard_expiry)
        json_put_bool(out, "hard_expiry", policy->hard_expiry);
    json_put_number(out, "max_age_days", policy->max_age_days);
    json_put_number(out, "reuse_prevention", policy->reuse_prevention);
    buffer_add_char(out, '}');
}
