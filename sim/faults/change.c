/* SPDX-License-Identifier: MIT */
#include "faults/change.h"

#include "faults/scenario_json.h"
#include "world/random.h"

#include <string.h>

#define CHANGES_MAX 256
#define SALT_CHANGE 601

static const char *const names[CHANGE_COUNT] = {
    [CHANGE_DELETE_USER] = "delete_user",
    [CHANGE_CREATE_USER] = "create_user",
    [CHANGE_DELETE_KEYS] = "delete_keys",
    [CHANGE_CREATE_KEYS] = "create_keys",
};

static int read_kind(const json_t *object, struct change *change, struct error *error)
{
    const char *name = json_string_value(json_object_get(object, "change"));
    int kind = 0;
    while (kind < CHANGE_COUNT && (!name || strcmp(names[kind], name) != 0))
        kind++;
    if (kind == CHANGE_COUNT)
        return error_set(error, ERROR_CONFIG,
                         "'change': '%s' is none of delete_user, create_user, delete_keys, "
                         "create_keys",
                         name ? name : "");
    change->kind = (enum change_kind)kind;
    return 0;
}

static int read_one(struct arena *arena, const json_t *object, struct change *change,
                    struct error *error)
{
    static const char *const known[] = {"change", "accounts", "users", "keys", "probability",
                                        "after",  "calls",    "note",  NULL};
    if (!json_is_object(object))
        return error_set(error, ERROR_CONFIG, "a change must be an object");
    if (scenario_check_names(object, known, "change", error) != 0 ||
        read_kind(object, change, error) != 0 ||
        scenario_selection(arena, object, &change->about, error) != 0 ||
        scenario_strings(arena, object, "keys", &change->keys, &change->key_count, error) != 0 ||
        scenario_actions(arena, object, "after", &change->after, error) != 0)
        return -1;
    change->probability = scenario_number(object, "probability", 1);
    change->calls = (uint32_t)scenario_number(object, "calls", 1);
    if (change->after == 0 || change->calls < 1)
        return error_set(error, ERROR_CONFIG,
                         "a change comes 'after' at least one call of an action");
    return 0;
}

int change_read(struct changes *changes, struct arena *arena, const json_t *list,
                struct error *error)
{
    size_t count = json_array_size(list);
    if (count > CHANGES_MAX)
        return error_set(error, ERROR_CONFIG, "too many changes: at most %d are allowed",
                         CHANGES_MAX);
    changes->items = arena_alloc(arena, count * sizeof(*changes->items) + 1);
    for (; changes->count < count; changes->count++) {
        if (read_one(arena, json_array_get(list, changes->count), &changes->items[changes->count],
                     error) != 0)
            return error_prefix(error, "change %zu", changes->count);
    }
    return 0;
}

/*
 * The key under which answers are counted: those about one user or, if 'user' is NULL, those about
 * the whole account.
 */
static uint64_t answers_key(size_t number, size_t account, const char *user)
{
    uint64_t key = random_mix(random_mix(SALT_CHANGE, number), account);
    return user ? random_of_bytes(key, user, strlen(user)) : key;
}

void change_note(struct changes *changes, const struct world *world, const struct subject *subject)
{
    for (size_t i = 0; i < changes->count; i++)
        if ((changes->items[i].after & action_bit(subject->action)) != 0 &&
            selection_has_account(&changes->items[i].about, world, subject->account))
            tally_add(&changes->answered, answers_key(i, subject->account, subject->user));
}

static bool is_about(const struct changes *changes, const struct world *world, size_t number,
                     size_t account, const char *user)
{
    const struct change *change = &changes->items[number];
    uint64_t roll = random_of_bytes(
        random_mix(random_mix(changes->seed, account), SALT_CHANGE + number), user, strlen(user));
    return selection_has_account(&change->about, world, account) &&
           selection_has_user(&change->about, user) &&
           random_fraction(random_mix(roll, 1)) < change->probability;
}

static bool has_happened(const struct changes *changes, size_t number, size_t account,
                         const char *user)
{
    uint32_t calls = changes->items[number].calls;
    return tally_get(&changes->answered, answers_key(number, account, user)) >= calls ||
           tally_get(&changes->answered, answers_key(number, account, NULL)) >= calls;
}

bool change_hides_user(const struct changes *changes, const struct world *world, size_t account,
                       const char *user)
{
    for (size_t i = 0; i < changes->count; i++) {
        enum change_kind kind = changes->items[i].kind;
        if ((kind == CHANGE_DELETE_USER || kind == CHANGE_CREATE_USER) &&
            is_about(changes, world, i, account, user) &&
            has_happened(changes, i, account, user) == (kind == CHANGE_DELETE_USER))
            return true;
    }
    return false;
}

static bool names_key(const struct change *change, const char *key_id)
{
    for (size_t i = 0; i < change->key_count; i++)
        if (strcmp(change->keys[i], key_id) == 0)
            return true;
    return change->key_count == 0;
}

bool change_hides_key(const struct changes *changes, const struct world *world, size_t account,
                      const char *user, const char *key_id)
{
    for (size_t i = 0; i < changes->count; i++) {
        const struct change *change = &changes->items[i];
        if ((change->kind == CHANGE_DELETE_KEYS || change->kind == CHANGE_CREATE_KEYS) &&
            names_key(change, key_id) && is_about(changes, world, i, account, user) &&
            has_happened(changes, i, account, user) == (change->kind == CHANGE_DELETE_KEYS))
            return true;
    }
    return false;
}

void change_reset(struct changes *changes)
{
    tally_release(&changes->answered);
}
