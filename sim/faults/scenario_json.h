/* SPDX-License-Identifier: MIT */
/* scenario_json.h: reads the values in the objects of a scenario file. Copies live in the arena. */
#ifndef FAULTS_SCENARIO_JSON_H
#define FAULTS_SCENARIO_JSON_H

#include "base/arena.h"
#include "base/error.h"
#include "faults/selection.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* Fails if the object has a name that is not in the list: a misspelt name must not be ignored. */
int scenario_check_names(const json_t *object, const char *const *known, const char *where,
                         struct error *error);

/* A copy of the string, or NULL if there is none. */
const char *scenario_string(struct arena *arena, const json_t *object, const char *name);

/* The number, or 'otherwise' if there is none. */
double scenario_number(const json_t *object, const char *name, double otherwise);

/* The strings of a list; a single string is a list of one. Returns -1 if it is neither. */
int scenario_strings(struct arena *arena, const json_t *object, const char *name,
                     const char ***strings, size_t *count, struct error *error);

/* The set of actions that match a list of patterns; empty if there is no list. */
int scenario_actions(struct arena *arena, const json_t *object, const char *name, uint64_t *actions,
                     struct error *error);

/* Reads "accounts" and "users". */
int scenario_selection(struct arena *arena, const json_t *object, struct selection *selection,
                       struct error *error);

#endif
