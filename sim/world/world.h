/* SPDX-License-Identifier: MIT */
/*
 * world.h: the simulated organization: its accounts and their users.
 *
 * It is either computed from a seed (nothing is stored, so a large world costs no memory) or read
 * from a file. The same functions serve both, so that no service knows which it is.
 */
#ifndef WORLD_WORLD_H
#define WORLD_WORLD_H

#include "base/arena.h"
#include "base/error.h"
#include "world/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Prepares a world that is computed. The shape is copied; its strings must outlive the world. */
void world_generate(struct world *world, const struct world_shape *shape);

/*
 * Reads a world file (docs/simulator.md). The shape gives whatever the file leaves out. Returns 0,
 * or -1 with the place and reason in 'error'.
 */
int world_load(struct world *world, const struct world_shape *shape, const char *path,
               struct error *error);

/* Frees what world_load has allocated. */
void world_release(struct world *world);

/* Fills in the account with this index (below account_count). Accounts ascend by id. */
void world_account(const struct world *world, size_t index, struct arena *arena,
                   struct account *account);

/* The index of the account with these 12 digits, or WORLD_NOT_FOUND. */
size_t world_account_find(const struct world *world, const char *id);

/* Fills in a user by index, below user_count + report_only_count. */
void world_user(const struct world *world, const struct account *account, size_t index,
                struct arena *arena, struct user *user);

/* Fills in the user with this name. Returns false if the API has no such user. */
bool world_user_find(const struct world *world, const struct account *account, const char *name,
                     struct arena *arena, struct user *user);

/* Fills in the credentials of the account's root user. */
void world_root_user(const struct world *world, const struct account *account, struct arena *arena,
                     struct user *root);

/* Fills in the account's groups, roles, managed policies and devices that nobody has. */
void world_entities(const struct world *world, const struct account *account, struct arena *arena,
                    struct entities *entities);

/* Fills in the group with this name; every group that a user is in exists. */
bool world_group_find(const struct world *world, const struct account *account, const char *name,
                      struct arena *arena, struct group *group);

/*
 * Fills in the user of an access key, and the key's index in the user's list. Returns false if
 * there is no such key.
 */
bool world_key_find(const struct world *world, const struct account *account, const char *key_id,
                    struct arena *arena, struct user *user, size_t *slot);

/* Fills in the organizational unit with this index (below unit_count). */
void world_unit(const struct world *world, size_t index, struct arena *arena, struct unit *unit);

/* The index of a unit by its id, or WORLD_NOT_FOUND. */
size_t world_unit_find(const struct world *world, const char *id);

#endif
