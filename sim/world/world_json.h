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
    const char *where;   /* the account or user that is being read, for errors */
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

/* One user of an account. */
void world_read_user(struct reading *reading, const json_t *object, const char *account_id,
                     struct user *user);

#endif
