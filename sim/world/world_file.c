/* SPDX-License-Identifier: MIT */
#include "world/world_file.h"

#include "base/alloc.h"
#include "wire/moment.h"
#include "wire/text.h"
#include "world/action.h"
#include "world/world_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPORT_AGE_DEFAULT 3600

struct file_account {
    struct account account;
    struct user *users; /* users that only the report has come last */
    size_t *by_name;    /* indices of listed users, ascending by name */
    struct user root;
    struct entities entities;
};

/* Where an access key is. The table is sorted by id. */
struct file_key {
    const char *id;
    size_t account;
    size_t user;
    size_t slot;
};

struct world_file {
    struct arena arena;
    struct file_account *accounts; /* ascending by id */
    size_t account_count;
    struct unit *units;
    size_t unit_count;
    struct file_key *keys;
    size_t key_count;
};

static int order_users(const void *a, const void *b, void *context)
{
    const struct user *users = context;
    return strcmp(users[*(const size_t *)a].name, users[*(const size_t *)b].name);
}

static void read_users(struct reading *reading, const json_t *object, struct file_account *entry)
{
    const json_t *list;
    struct arena *arena = reading->arena;
    size_t count = read_list(reading, object, "users", &list);
    entry->users = arena_alloc(arena, count * sizeof(*entry->users) + 1);
    /* Two passes, so that users that only the report has come after all others. */
    for (int ghosts = 0; ghosts <= 1; ghosts++) {
        for (size_t i = 0; i < count && !reading->failed; i++) {
            const json_t *user = json_array_get(list, i);
            if (json_is_true(json_object_get(user, "deleted_after_report")) != ghosts)
                continue;
            size_t place = entry->account.user_count + entry->account.report_only_count;
            world_read_user(reading, user, entry->account.id, &entry->users[place]);
            if (ghosts)
                entry->account.report_only_count++;
            else
                entry->account.user_count++;
        }
    }
    entry->by_name = arena_alloc(arena, count * sizeof(size_t) + 1);
    for (size_t i = 0; i < entry->account.user_count; i++)
        entry->by_name[i] = i;
    qsort_r(entry->by_name, entry->account.user_count, sizeof(size_t), order_users, entry->users);
    for (size_t i = 1; i < entry->account.user_count; i++)
        if (strcmp(entry->users[entry->by_name[i - 1]].name,
                   entry->users[entry->by_name[i]].name) == 0)
            reading_fail(reading, entry->users[entry->by_name[i]].name, "appears twice");
}

static void read_role(struct reading *reading, const json_t *object, struct account *account)
{
    static const char *const known[] = {"name", "external_id", "allowed_actions", NULL};
    const json_t *role = json_object_get(object, "role");
    account->allowed = reading->world->shape.allowed;
    if (!role || json_is_null(role))
        return;
    reading_check_names(reading, role, known);
    account->role_name = read_string(reading, role, "name", NULL);
    account->external_id = read_string(reading, role, "external_id", NULL);
    if (!json_object_get(role, "allowed_actions"))
        return;
    size_t count;
    const char **patterns = read_strings(reading, role, "allowed_actions", &count);
    account->allowed = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t matched = action_match(patterns[i]);
        if (matched == 0)
            reading_fail(reading, patterns[i], "matches no action");
        account->allowed |= matched;
    }
}

static void read_denial(struct reading *reading, const json_t *object, struct denial *denial)
{
    static const char *const known[] = {"actions", "policy",     "explicit", "arn",
                                        "link",    "permission", "resource", NULL};
    size_t count;
    const char **patterns = read_strings(reading, object, "actions", &count);
    const char *policy = read_needed(reading, object, "policy");
    reading_check_names(reading, object, known);
    *denial = (struct denial){.kind = denial_kind_find(policy),
                              .is_explicit = json_is_true(json_object_get(object, "explicit")),
                              .link = json_is_true(json_object_get(object, "link")),
                              .arn = read_string(reading, object, "arn", NULL),
                              .permission = read_string(reading, object, "permission", NULL),
                              .resource = read_string(reading, object, "resource", NULL)};
    if (!denial->kind)
        reading_fail(reading, policy, "is not a kind of policy");
    for (size_t i = 0; i < count; i++) {
        uint64_t matched = action_match(patterns[i]);
        if (matched == 0)
            reading_fail(reading, patterns[i], "matches no action");
        denial->actions |= matched;
    }
}

static void read_denials(struct reading *reading, const json_t *object, struct account *account)
{
    const json_t *list;
    size_t count = read_list(reading, object, "denials", &list);
    account->denials = arena_alloc(reading->arena, count * sizeof(*account->denials) + 1);
    account->denial_count = (unsigned)count;
    for (size_t i = 0; i < count; i++)
        read_denial(reading, json_array_get(list, i), &account->denials[i]);
}

static size_t read_parent(struct reading *reading, const json_t *object)
{
    const char *id = read_string(reading, object, "parent", reading->world->root_id);
    if (strcmp(id, reading->world->root_id) == 0)
        return WORLD_ROOT;
    for (size_t i = 0; i < reading->file->unit_count; i++)
        if (reading->file->units[i].id && strcmp(reading->file->units[i].id, id) == 0)
            return i;
    reading_fail(reading, id, "is not an organizational unit of this file");
    return WORLD_ROOT;
}

/* The accounts are not in their order yet, so their ids tell. */
static bool is_management(const struct reading *reading, const struct account *account)
{
    return strcmp(reading->management_id, account->id) == 0;
}

static void read_report_forms(struct reading *reading, const json_t *object,
                              struct account *account)
{
    const char *name = read_string(reading, object, "report_forms", NULL);
    account->report_forms = name ? report_forms_find(name) : REPORT_FORMS_UNSET;
    if (account->report_forms == REPORT_FORMS_COUNT)
        reading_fail(reading, "report_forms", "is none of today, older, mixed");
}

/* "max_password_age_days" alone is a policy with that age, as older world files have it. */
static void read_password_policy(struct reading *reading, const json_t *object,
                                 struct password_policy *policy)
{
    static const char *const known[] = {
        "minimum_length", "symbols",     "numbers",      "uppercase",        "lowercase",
        "change_allowed", "hard_expiry", "max_age_days", "reuse_prevention", NULL};
    const json_t *given = json_object_get(object, "password_policy");
    const json_t *hard_expiry = json_object_get(given, "hard_expiry");
    unsigned days = read_count(reading, object, "max_password_age_days", 0, 1095, 0);
    if (given && !json_is_null(given))
        reading_check_names(reading, given, known);
    *policy = (struct password_policy){
        .is_set = days > 0 || json_is_object(given),
        .minimum_length = read_count(reading, given, "minimum_length", 6, 128, 6),
        .symbols = json_is_true(json_object_get(given, "symbols")),
        .numbers = json_is_true(json_object_get(given, "numbers")),
        .uppercase = json_is_true(json_object_get(given, "uppercase")),
        .lowercase = json_is_true(json_object_get(given, "lowercase")),
        .change_allowed = json_is_true(json_object_get(given, "change_allowed")),
        .has_hard_expiry = json_is_boolean(hard_expiry),
        .hard_expiry = json_is_true(hard_expiry),
        .max_age_days = read_count(reading, given, "max_age_days", 0, 1095, days),
        .reuse_prevention = read_count(reading, given, "reuse_prevention", 0, 24, 0)};
}

static void read_account(struct reading *reading, const json_t *object, struct file_account *entry)
{
    static const char *const known[] = {"id",
                                        "name",
                                        "email",
                                        "alias",
                                        "state",
                                        "joined",
                                        "role",
                                        "users",
                                        "parent",
                                        "report_generated",
                                        "root_mfa",
                                        "report_forms",
                                        "max_password_age_days",
                                        "root",
                                        "password_policy",
                                        "summary_lacks",
                                        "all_users_credentials",
                                        "groups",
                                        "roles",
                                        "policies",
                                        "spare_mfa",
                                        "denials",
                                        NULL};
    struct account *account = &entry->account;
    int64_t now = reading->now;
    reading_check_names(reading, object, known);
    const char *id = read_needed(reading, object, "id");
    if (strlen(id) != ACCOUNT_ID_SIZE - 1 || strspn(id, "0123456789") != ACCOUNT_ID_SIZE - 1)
        reading_fail(reading, "id", "of an account is not 12 digits");
    else
        memcpy(account->id, id, ACCOUNT_ID_SIZE);
    reading->where = text_format(reading->arena, "account %.12s", id);
    account->name = read_string(reading, object, "name", account->id);
    account->email = read_string(reading, object, "email",
                                 text_format(reading->arena, "aws+%.12s@simulated.example", id));
    account->alias = read_string(reading, object, "alias", NULL);
    account->state = read_string(reading, object, "state", "ACTIVE");
    account->joined = read_moment(reading, object, "joined", now - 1000 * SECONDS_A_DAY);
    account->unit = read_parent(reading, object);
    account->report_time =
        read_moment(reading, object, "report_generated", now - REPORT_AGE_DEFAULT);
    account->ignores_all_users = json_is_false(json_object_get(object, "all_users_credentials"));
    account->summary_lacks =
        read_strings(reading, object, "summary_lacks", &account->summary_lack_count);
    read_password_policy(reading, object, &account->password_policy);
    read_report_forms(reading, object, account);
    read_role(reading, object, account);
    read_denials(reading, object, account);
    world_read_root(reading, object, account, is_management(reading, account), &entry->root);
    account->root_has_mfa = entry->root.mfa_count > 0;
    world_read_entities(reading, object, account, &entry->entities);
    read_users(reading, object, entry);
    for (size_t i = 0; i < account->user_count; i++)
        world_add_groups(reading, account, &entry->users[i], &entry->entities);
}

static void read_units(struct reading *reading, const json_t *root)
{
    static const char *const known[] = {"id", "name", "parent", NULL};
    const json_t *list;
    struct world_file *file = reading->file;
    size_t count = read_list(reading, root, "organizational_units", &list);
    reading->where = "organizational_units";
    file->units = arena_alloc(&file->arena, count * sizeof(*file->units) + 1);
    /* A unit's parent must come before it, so that there can be no cycle. */
    for (size_t i = 0; i < count && !reading->failed; i++) {
        const json_t *unit = json_array_get(list, i);
        reading_check_names(reading, unit, known);
        size_t parent = read_parent(reading, unit);
        const char *id = read_needed(reading, unit, "id");
        file->units[file->unit_count++] =
            (struct unit){id, read_string(reading, unit, "name", id), parent};
    }
}

static int order_accounts(const void *a, const void *b)
{
    return strcmp(((const struct file_account *)a)->account.id,
                  ((const struct file_account *)b)->account.id);
}

static int order_keys(const void *a, const void *b)
{
    return strcmp(((const struct file_key *)a)->id, ((const struct file_key *)b)->id);
}

static void index_keys(struct world_file *file)
{
    size_t capacity = 0;
    for (size_t a = 0; a < file->account_count; a++) {
        struct file_account *entry = &file->accounts[a];
        for (size_t u = 0; u < entry->account.user_count; u++) {
            for (size_t slot = 0; slot < entry->users[u].key_count; slot++) {
                if (file->key_count == capacity) {
                    capacity = capacity ? 2 * capacity : 64;
                    file->keys = xrealloc(file->keys, capacity * sizeof(*file->keys));
                }
                file->keys[file->key_count++] =
                    (struct file_key){entry->users[u].keys[slot].id, a, u, slot};
            }
        }
    }
    if (file->key_count > 0)
        qsort(file->keys, file->key_count, sizeof(*file->keys), order_keys);
}

/* The id in "management_account_id" or, without that, the lowest one. */
static const char *find_management(const json_t *root, const json_t *accounts)
{
    const char *found = json_string_value(json_object_get(root, "management_account_id"));
    bool is_given = found != NULL;
    for (size_t i = 0; i < json_array_size(accounts) && !is_given; i++) {
        const char *id = json_string_value(json_object_get(json_array_get(accounts, i), "id"));
        if (id && (!found || strcmp(id, found) < 0))
            found = id;
    }
    return found ? found : "";
}

static void read_accounts(struct reading *reading, const json_t *root)
{
    const json_t *list;
    struct world_file *file = reading->file;
    size_t count = read_list(reading, root, "accounts", &list);
    if (count == 0 || count > WORLD_ACCOUNTS_MAX)
        reading_fail(reading, "accounts", "must hold 1 to 100000 accounts");
    file->accounts = arena_alloc(&file->arena, count * sizeof(*file->accounts) + 1);
    reading->management_id = find_management(root, list);
    for (size_t i = 0; i < count && !reading->failed; i++) {
        reading->where = "accounts";
        read_account(reading, json_array_get(list, i), &file->accounts[file->account_count++]);
    }
    qsort(file->accounts, file->account_count, sizeof(*file->accounts), order_accounts);
    for (size_t i = 0; i < file->account_count; i++) {
        file->accounts[i].account.index = i;
        if (i > 0 && strcmp(file->accounts[i - 1].account.id, file->accounts[i].account.id) == 0)
            reading_fail(reading, file->accounts[i].account.id, "appears twice");
    }
    index_keys(file);
}

static void read_root(struct reading *reading, const json_t *root)
{
    static const char *const known[] = {
        "organization_id",      "root_id",  "partition", "now", "note", "management_account_id",
        "organizational_units", "accounts", NULL};
    struct world *world = reading->world;
    reading->where = "world";
    reading_check_names(reading, root, known);
    if (reading->failed)
        return;
    snprintf(world->organization_id, sizeof(world->organization_id), "%.34s",
             read_string(reading, root, "organization_id", "o-simulated01"));
    snprintf(world->root_id, sizeof(world->root_id), "%.34s",
             read_string(reading, root, "root_id", "r-sim1"));
    world->shape.partition = read_string(reading, root, "partition", world->shape.partition);
    world->shape.now = read_moment(reading, root, "now", world->shape.now);
    reading->now = world->shape.now;
    read_units(reading, root);
    if (!reading->failed)
        read_accounts(reading, root);
    world->account_count = reading->file->account_count;
    world->unit_count = reading->file->unit_count;
    const char *management = read_string(reading, root, "management_account_id", NULL);
    if (management && !reading->failed) {
        world->management = world_file_account_find(reading->file, management);
        if (world->management == WORLD_NOT_FOUND)
            reading_fail(reading, "management_account_id", "is none of the accounts");
    }
}

struct world_file *world_file_load(struct world *world, const char *path, struct error *error)
{
    json_error_t place;
    struct reading reading = {.world = world, .error = error};
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &place);
    if (!root) {
        error_set(error, ERROR_CONFIG, "%.200s: line %d: %s", path, place.line, place.text);
        return NULL;
    }
    reading.file = xcalloc(1, sizeof(*reading.file));
    reading.arena = &reading.file->arena;
    read_root(&reading, root);
    json_decref(root);
    if (!reading.failed)
        return reading.file;
    world_file_free(reading.file);
    return NULL;
}

void world_file_free(struct world_file *file)
{
    if (!file)
        return;
    arena_release(&file->arena);
    free(file->keys);
    free(file);
}

void world_file_account(const struct world_file *file, size_t index, struct account *account)
{
    *account = file->accounts[index].account;
}

size_t world_file_account_find(const struct world_file *file, const char *id)
{
    struct file_account wanted = {0};
    if (strlen(id) != ACCOUNT_ID_SIZE - 1)
        return WORLD_NOT_FOUND;
    memcpy(wanted.account.id, id, ACCOUNT_ID_SIZE);
    const struct file_account *found = bsearch(&wanted, file->accounts, file->account_count,
                                               sizeof(*file->accounts), order_accounts);
    return found ? found->account.index : WORLD_NOT_FOUND;
}

void world_file_user(const struct world_file *file, size_t account, size_t index, struct user *user)
{
    *user = file->accounts[account].users[index];
}

bool world_file_user_find(const struct world_file *file, const struct account *account,
                          const char *name, struct user *user)
{
    const struct file_account *entry = &file->accounts[account->index];
    size_t low = 0;
    size_t high = account->user_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct user *candidate = &entry->users[entry->by_name[middle]];
        int order = strcmp(candidate->name, name);
        if (order == 0) {
            *user = *candidate;
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

bool world_file_key_find(const struct world_file *file, const struct account *account,
                         const char *key_id, struct user *user, size_t *slot)
{
    struct file_key wanted = {.id = key_id};
    const struct file_key *found =
        file->key_count == 0
            ? NULL
            : bsearch(&wanted, file->keys, file->key_count, sizeof(*file->keys), order_keys);
    if (!found || found->account != account->index)
        return false;
    *user = file->accounts[found->account].users[found->user];
    *slot = found->slot;
    return true;
}

void world_file_root_user(const struct world_file *file, size_t account, struct user *root)
{
    *root = file->accounts[account].root;
}

void world_file_entities(const struct world_file *file, size_t account, struct entities *entities)
{
    *entities = file->accounts[account].entities;
}

void world_file_unit(const struct world_file *file, size_t index, struct unit *unit)
{
    *unit = file->units[index];
}
