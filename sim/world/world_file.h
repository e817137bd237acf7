/* SPDX-License-Identifier: MIT */
/* world_file.h: a world that is read from a JSON file and kept in memory. */
#ifndef WORLD_WORLD_FILE_H
#define WORLD_WORLD_FILE_H

#include "base/arena.h"
#include "base/error.h"
#include "world/model.h"

#define WORLD_FILE_BYTES_MAX (256L * 1024 * 1024)

struct world_file *world_file_load(struct world *world, const char *path, struct error *error);
void world_file_free(struct world_file *file);
void world_file_account(const struct world_file *file, size_t index, struct account *account);
size_t world_file_account_find(const struct world_file *file, const char *id);
void world_file_user(const struct world_file *file, size_t account, size_t index,
                     struct user *user);
bool world_file_user_find(const struct world_file *file, const struct account *account,
                          const char *name, struct user *user);
bool world_file_key_find(const struct world_file *file, const struct account *account,
                         const char *key_id, struct user *user, size_t *slot);
void world_file_root_user(const struct world_file *file, size_t account, struct user *root);
void world_file_entities(const struct world_file *file, size_t account, struct entities *entities);
void world_file_unit(const struct world_file *file, size_t index, struct unit *unit);

#endif
