/* SPDX-License-Identifier: MIT */
/*
 * world_json.h: reads the values in the objects of a world file.
 *
 * Only the first mistake is reported, with the account or user that it is in; reading continues
 * with a harmless value and fails at the end.
 */
#ifndef WORLD_WORLD_JSON_H
#define WORLD_WORLD_JSON_H

#include "base/arena.h"
#include "base/error.h"
#include "world/model.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct world_file;

struct reading {
    struct world *world;
    struct world_file *file;
    struct arena *arena; /* the file's: holds strings and lists */
    int64_t now;         /* the world's clock */
    const char *management_id;
    const char *where; /* the account or user that is being read, for errors */
    struct error *error;
    bool failed;
};

/* Reports what is wrong with a value, unless a mistake was reported before. */
void reading_fail(struct reading *reading, const char *name, const char *problem);

/* Fails if the value is not an object, or has a name that is not in the list. */
void reading_check_names(struct reading *reading, const json_t *object, const char *const *known);

/* A string. If it is absent or null, read_string returns 'otherwise', and read_needed fails. */
const char *read_string(struct reading *reading, const json_t *object, const char *name,
                        const char *otherwise);
const char *read_needed(struct reading *reading, const json_t *object, const char *name);

/* A moment; 'otherwise' if it is absent or null. */
int64_t read_moment(struct reading *reading, const json_t *object, const char *name,
                    int64_t otherwise);

/* The length of a list, and in '*list' the list itself; 0 and NULL if it is absent. */
size_t read_list(struct reading *reading, const json_t *object, const char *name,
                 const json_t **list);

/* A list of strings. */
const char **read_strings(struct reading *reading, const json_t *object, const char *name,
                          size_t *count);

/* A whole number from 'least' to 'most'; 'otherwise' if it is absent or null. */
unsigned read_count(struct reading *reading, const json_t *object, const char *name, unsigned least,
                    unsigned most, unsigned otherwise);

/*
 * A policy document: an object, which is written without blanks, or any text. NULL if it is absent.
 */
const char *read_document(struct reading *reading, const json_t *object, const char *name);

/* The list "inline_policies" of a user, group or role. */
struct inline_policy *read_inline_policies(struct reading *reading, const json_t *object,
                                           size_t *count);

/* The groups, roles and policies of an account, and its devices that nobody has. */
void world_read_entities(struct reading *reading, const json_t *object,
                         const struct account *account, struct entities *entities);

/* Adds the groups that the user is in and that are not there yet. */
void world_add_groups(struct reading *reading, const struct account *account,
                      const struct user *user, struct entities *entities);

/* The credentials of the account's root user. */
void world_read_root(struct reading *reading, const json_t *object, const struct account *account,
                     bool is_management, struct user *root);

/* One user of an account. */
void world_read_user(struct reading *reading, const json_t *object, const char *account_id,
                     struct user *user);

#endif
