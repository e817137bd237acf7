/* SPDX-License-Identifier: MIT */
/*
 * generate.h: the generated world: every fact is a function of the seed, the account's index and
 * the user's index. world.h describes the functions.
 */
#ifndef WORLD_GENERATE_H
#define WORLD_GENERATE_H

#include "base/arena.h"
#include "world/model.h"

void generate_organization(struct world *world);
void generate_account(const struct world *world, size_t index, struct arena *arena,
                      struct account *account);
size_t generate_account_find(const struct world *world, const char *id);
void generate_unit(const struct world *world, size_t index, struct arena *arena, struct unit *unit);
void generate_user(const struct world *world, const struct account *account, size_t index,
                   struct arena *arena, struct user *user);
bool generate_user_find(const struct world *world, const struct account *account, const char *name,
                        struct arena *arena, struct user *user);
bool generate_key_find(const struct world *world, const struct account *account, const char *key_id,
                       struct arena *arena, struct user *user, size_t *slot);

/* The groups of every generated account. */
#define GENERATED_GROUPS 8
extern const char *const generate_group_names[GENERATED_GROUPS];

bool generate_group_find(const struct world *world, const struct account *account, const char *name,
                         struct arena *arena, struct group *group);
void generate_entities(const struct world *world, const struct account *account,
                       struct arena *arena, struct entities *entities);

/* Adds inline policies, service-specific credentials and SSH public keys to a generated user. */
void generate_credentials(const struct world *world, const struct account *account, size_t index,
                          struct arena *arena, struct user *user);
void generate_root_user(const struct world *world, const struct account *account,
                        struct arena *arena, struct user *root);

/* Fills in the password policy, whose max_age_days is there already. */
void generate_password_policy(const struct world *world, size_t index,
                              struct password_policy *policy);

#endif
