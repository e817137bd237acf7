/* SPDX-License-Identifier: MIT */
#include "world/world.h"

#include "world/generate.h"
#include "world/world_file.h"

#include <string.h>

void world_generate(struct world *world, const struct world_shape *shape)
{
    *world = (struct world){.shape = *shape};
    generate_organization(world);
}

int world_load(struct world *world, const struct world_shape *shape, const char *path,
               struct error *error)
{
    *world = (struct world){.shape = *shape};
    world->file = world_file_load(world, path, error);
    return world->file ? 0 : -1;
}

void world_release(struct world *world)
{
    world_file_free(world->file);
    world->file = NULL;
}

void world_account(const struct world *world, size_t index, struct arena *arena,
                   struct account *account)
{
    if (world->file)
        world_file_account(world->file, index, account);
    else
        generate_account(world, index, arena, account);
}

size_t world_account_find(const struct world *world, const char *id)
{
    return world->file ? world_file_account_find(world->file, id)
                       : generate_account_find(world, id);
}

void world_user(const struct world *world, const struct account *account, size_t index,
                struct arena *arena, struct user *user)
{
    if (world->file)
        world_file_user(world->file, account->index, index, user);
    else
        generate_user(world, account, index, arena, user);
}

bool world_user_find(const struct world *world, const struct account *account, const char *name,
                     struct arena *arena, struct user *user)
{
    return world->file ? world_file_user_find(world->file, account, name, user)
                       : generate_user_find(world, account, name, arena, user);
}

void world_root_user(const struct world *world, const struct account *account, struct arena *arena,
                     struct user *root)
{
    if (world->file)
        world_file_root_user(world->file, account->index, root);
    else
        generate_root_user(world, account, arena, root);
}

void world_entities(const struct world *world, const struct account *account, struct arena *arena,
                    struct entities *entities)
{
    if (world->file)
        world_file_entities(world->file, account->index, entities);
    else
        generate_entities(world, account, arena, entities);
}

bool world_group_find(const struct world *world, const struct account *account, const char *name,
                      struct arena *arena, struct group *group)
{
    struct entities entities;
    if (!world->file)
        return generate_group_find(world, account, name, arena, group);
    world_file_entities(world->file, account->index, &entities);
    for (size_t i = 0; i < entities.group_count; i++) {
        *group = entities.groups[i];
        if (strcmp(group->name, name) == 0)
            return true;
    }
    return false;
}

bool world_key_find(const struct world *world, const struct account *account, const char *key_id,
                    struct arena *arena, struct user *user, size_t *slot)
{
    return world->file ? world_file_key_find(world->file, account, key_id, user, slot)
                       : generate_key_find(world, account, key_id, arena, user, slot);
}

void world_unit(const struct world *world, size_t index, struct arena *arena, struct unit *unit)
{
    if (world->file)
        world_file_unit(world->file, index, unit);
    else
        generate_unit(world, index, arena, unit);
}

size_t world_unit_find(const struct world *world, const char *id)
{
    struct arena arena = {0};
    size_t found = WORLD_NOT_FOUND;
    for (size_t i = 0; i < world->unit_count && found == WORLD_NOT_FOUND; i++) {
        struct unit unit;
        world_unit(world, i, &arena, &unit);
        if (strcmp(unit.id, id) == 0)
            found = i;
    }
    arena_release(&arena);
    return found;
}
