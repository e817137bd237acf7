/* SPDX-License-Identifier: MIT */
/* The groups, roles and policies of an account in a world file. */
#include "wire/text.h"
#include "world/world_json.h"

#include <string.h>

struct inline_policy *read_inline_policies(struct reading *reading, const json_t *object,
                                           size_t *count)
{
    static const char *const known[] = {"name", "document", NULL};
    const json_t *list;
    *count = read_list(reading, object, "inline_policies", &list);
    struct inline_policy *policies = arena_alloc(reading->arena, *count * sizeof(*policies) + 1);
    for (size_t i = 0; i < *count; i++) {
        const json_t *item = json_array_get(list, i);
        reading_check_names(reading, item, known);
        policies[i].name = read_needed(reading, item, "name");
        policies[i].document = read_document(reading, item, "document");
        if (!policies[i].document)
            reading_fail(reading, "document", "of an inline policy is missing");
    }
    return policies;
}

static void read_groups(struct reading *reading, const json_t *object,
                        const struct account *account, struct entities *entities)
{
    static const char *const known[] = {
        "name", "path", "id", "created", "attached_policies", "inline_policies", NULL};
    const json_t *list;
    entities->group_count = read_list(reading, object, "groups", &list);
    entities->groups =
        arena_alloc(reading->arena, entities->group_count * sizeof(*entities->groups) + 1);
    for (size_t i = 0; i < entities->group_count; i++) {
        const json_t *item = json_array_get(list, i);
        struct group *group = &entities->groups[i];
        reading_check_names(reading, item, known);
        *group = (struct group){.name = read_needed(reading, item, "name"),
                                .path = read_string(reading, item, "path", "/"),
                                .id = read_string(reading, item, "id", NULL),
                                .created = read_moment(reading, item, "created", account->joined)};
        group->attached_policies =
            read_strings(reading, item, "attached_policies", &group->attached_policy_count);
        group->inline_policies = read_inline_policies(reading, item, &group->inline_policy_count);
    }
}

void world_add_groups(struct reading *reading, const struct account *account,
                      const struct user *user, struct entities *entities)
{
    for (size_t i = 0; i < user->group_count; i++) {
        size_t at = 0;
        while (at < entities->group_count &&
               strcmp(entities->groups[at].name, user->groups[i]) != 0)
            at++;
        if (at < entities->group_count)
            continue;
        struct group *groups = arena_alloc(reading->arena, (at + 1) * sizeof(*groups));
        if (at > 0)
            memcpy(groups, entities->groups, at * sizeof(*groups));
        groups[at] =
            (struct group){.name = user->groups[i], .path = "/", .created = account->joined};
        entities->groups = groups;
        entities->group_count = at + 1;
    }
}

static void read_roles(struct reading *reading, const json_t *object, const struct account *account,
                       struct entities *entities)
{
    static const char *const known[] = {
        "name", "path", "id", "created", "trust", "attached_policies", "inline_policies", NULL};
    const json_t *list;
    entities->role_count = read_list(reading, object, "roles", &list);
    entities->roles =
        arena_alloc(reading->arena, entities->role_count * sizeof(*entities->roles) + 1);
    for (size_t i = 0; i < entities->role_count; i++) {
        const json_t *item = json_array_get(list, i);
        struct role *role = &entities->roles[i];
        reading_check_names(reading, item, known);
        const char *name = read_needed(reading, item, "name");
        *role =
            (struct role){.name = name,
                          .path = read_string(reading, item, "path", "/"),
                          .id = read_string(reading, item, "id",
                                            unique_id(reading->arena, "AROA", account->id, name)),
                          .created = read_moment(reading, item, "created", account->joined),
                          .trust = read_document(reading, item, "trust")};
        if (!role->trust)
            role->trust = "{\"Version\":\"2012-10-17\",\"Statement\":[]}";
        role->attached_policies =
            read_strings(reading, item, "attached_policies", &role->attached_policy_count);
        role->inline_policies = read_inline_policies(reading, item, &role->inline_policy_count);
    }
}

static void read_versions(struct reading *reading, const json_t *object,
                          struct managed_policy *policy)
{
    static const char *const known[] = {"id", "document", "created", NULL};
    const json_t *list;
    policy->version_count = read_list(reading, object, "versions", &list);
    policy->versions =
        arena_alloc(reading->arena, (policy->version_count + 1) * sizeof(*policy->versions));
    for (size_t i = 0; i < policy->version_count; i++) {
        const json_t *item = json_array_get(list, i);
        reading_check_names(reading, item, known);
        policy->versions[i] = (struct policy_version){
            read_needed(reading, item, "id"), read_document(reading, item, "document"),
            read_moment(reading, item, "created", policy->created)};
        if (!policy->versions[i].document)
            reading_fail(reading, "document", "of a policy's version is missing");
    }
    const char *document = read_document(reading, object, "document");
    if (document)
        policy->versions[policy->version_count++] =
            (struct policy_version){"v1", document, policy->created};
    policy->default_version =
        read_string(reading, object, "default_version",
                    policy->version_count > 0 ? policy->versions[0].id : "v1");
}

/* A policy with one version has "document" in place of "versions". */
static void read_policies(struct reading *reading, const json_t *object,
                          const struct account *account, struct entities *entities)
{
    static const char *const known[] = {"name",        "path",     "id",       "created",
                                        "updated",     "document", "versions", "default_version",
                                        "description", NULL};
    const json_t *list;
    entities->policy_count = read_list(reading, object, "policies", &list);
    entities->policies =
        arena_alloc(reading->arena, entities->policy_count * sizeof(*entities->policies) + 1);
    for (size_t i = 0; i < entities->policy_count; i++) {
        const json_t *item = json_array_get(list, i);
        struct managed_policy *policy = &entities->policies[i];
        reading_check_names(reading, item, known);
        const char *name = read_needed(reading, item, "name");
        const char *path = read_string(reading, item, "path", "/");
        *policy = (struct managed_policy){
            .name = name,
            .path = path,
            .id = read_string(reading, item, "id",
                              unique_id(reading->arena, "ANPA", account->id, name)),
            .arn = text_format(reading->arena, "arn:%s:iam::%s:policy%s%s",
                               reading->world->shape.partition, account->id, path, name),
            .description = read_string(reading, item, "description", NULL),
            .created = read_moment(reading, item, "created", account->joined)};
        policy->updated = read_moment(reading, item, "updated", policy->created);
        read_versions(reading, item, policy);
    }
}

void world_read_entities(struct reading *reading, const json_t *object,
                         const struct account *account, struct entities *entities)
{
    read_groups(reading, object, account, entities);
    read_roles(reading, object, account, entities);
    read_policies(reading, object, account, entities);
    entities->spare_devices =
        read_strings(reading, object, "spare_mfa", &entities->spare_device_count);
}
