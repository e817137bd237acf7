/* SPDX-License-Identifier: MIT */
#include "store/user_loading.h"

#include "store/unknown.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

/* Of what AWS allows a user far less, and of what an account may take in memory. */
#define ROWS_OF_USER_MAX  10000
#define ACCOUNT_BYTES_MAX ((size_t)1024 * 1024 * 1024)
#define SQL_SIZE          512

enum user_column {
    USER_ID,
    USER_NAME,
    USER_ARN,
    USER_PATH,
    USER_CREATED,
    USER_MFA,
    USER_PASSWORD,
    USER_PASSWORD_SET,
    USER_AGE_FROM_CREATION,
    USER_PASSWORD_CHANGED,
    USER_PASSWORD_ROTATION,
    USER_PASSWORD_USED,
    USER_BOUNDARY,
    USER_IS_ADMIN,
    USER_ADMIN_VIA,
    USER_DATA_AS_OF,
    USER_UNKNOWN
};

static const char users_sql[] =
    "SELECT user_id, user_name, arn, path, created_at, mfa_enabled, console_access, "
    "password_set_at, password_age_from_creation, password_last_changed_at, "
    "password_next_rotation_at, console_last_sign_in_at, permissions_boundary, is_admin, "
    "admin_via, data_as_of, unknown "
    "FROM user WHERE run_id = ? AND account_id = ? ORDER BY user_id";

struct view loading_text(const struct statement *s, int column, struct arena *arena)
{
    return arena_copy(arena, statement_get_text(s, column));
}

int loading_truth(const struct statement *s, int column, enum fact fact, bool *truth,
                  fact_set *unknown, struct error *e)
{
    bool known;
    if (statement_get_truth(s, column, truth, &known, e) != 0)
        return -1;
    if (!known)
        *unknown |= FACT_BIT(fact);
    return 0;
}

static struct name *new_name(struct arena *arena, struct view text)
{
    struct name *name = arena_alloc(arena, sizeof(*name));
    name->text = text;
    return name;
}

static int read_admin_via(const struct statement *s, struct user *user, struct arena *arena,
                          struct error *e)
{
    struct view text = statement_get_text(s, USER_ADMIN_VIA);
    size_t i;
    json_t *item;
    if (!text.ptr || view_is(text, "[]"))
        return 0;
    json_t *list = json_loadb(text.ptr, text.len, 0, NULL);
    bool good = json_is_array(list) && json_array_size(list) <= ROWS_OF_USER_MAX;
    if (good) {
        json_array_foreach (list, i, item) {
            good = good && json_is_string(item);
            names_insert(&user->admin_via,
                         new_name(arena, arena_copy(arena, view_of(json_string_value(item)))));
        }
    }
    json_decref(list);
    return good ? 0 : statement_bad(s, USER_ADMIN_VIA, "a list of texts", e);
}

static int read_times(const struct statement *s, struct user *user, struct error *e)
{
    const struct {
        enum user_column column;
        int64_t *at_s;
    } times[] = {
        {USER_CREATED, &user->created_s},
        {USER_PASSWORD_SET, &user->password_set_s},
        {USER_PASSWORD_CHANGED, &user->password_changed_s},
        {USER_PASSWORD_ROTATION, &user->password_rotation_s},
        {USER_PASSWORD_USED, &user->password_used_s},
        {USER_DATA_AS_OF, &user->data_as_of_s},
    };
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        if (statement_get_time(s, (int)times[i].column, times[i].at_s, e) != 0)
            return -1;
    return 0;
}

static int read_user(const struct statement *s, struct user *user, struct arena *arena,
                     struct error *e)
{
    bool known;
    user->id = loading_text(s, USER_ID, arena);
    user->name = loading_text(s, USER_NAME, arena);
    user->arn = loading_text(s, USER_ARN, arena);
    user->path = loading_text(s, USER_PATH, arena);
    user->boundary = loading_text(s, USER_BOUNDARY, arena);
    if (unknown_of_user(s, USER_UNKNOWN, &user->unknown, e) != 0 || read_times(s, user, e) != 0 ||
        loading_truth(s, USER_MFA, FACT_MFA, &user->has_mfa, &user->unknown, e) != 0 ||
        loading_truth(s, USER_PASSWORD, FACT_PASSWORD, &user->has_password, &user->unknown, e) !=
            0 ||
        loading_truth(s, USER_IS_ADMIN, FACT_ADMIN, &user->is_admin, &user->unknown, e) != 0 ||
        statement_get_truth(s, USER_AGE_FROM_CREATION, &user->password_age_from_creation, &known,
                            e) != 0)
        return -1;
    return read_admin_via(s, user, arena, e);
}

/* Users as they come: by id, which is the order of the tables of what they have. */
static int read_users(struct user_loading *l, struct account *account, struct error *e)
{
    struct statement *s = &l->users;
    struct user **place, *first = NULL, **last = &first;
    bool row;
    int result;
    statement_text(s, l->run_id);
    statement_text(s, view_of(account->id));
    while ((result = statement_next(s, &row, e)) == 0 && row) {
        struct user *user = arena_alloc(&account->arena, sizeof(*user));
        if (read_user(s, user, &account->arena, e) != 0)
            return -1;
        *last = user;
        last = &user->next;
        account->user_count++;
    }
    if (result != 0)
        return -1;
    account->users =
        arena_alloc(&account->arena, (account->user_count + 1) * sizeof(struct user *));
    place = account->users;
    for (struct user *user = first; user; user = user->next)
        *place++ = user;
    return 0;
}

/* Reads one row of what a user has; its values begin at column 1. */
typedef int row_reader(const struct statement *s, struct user *user, struct arena *arena,
                       struct error *e);

static int read_key(const struct statement *s, struct user *user, struct arena *arena,
                    struct error *e)
{
    struct access_key *k = arena_alloc(arena, sizeof(*k));
    k->id = loading_text(s, 1, arena);
    k->status = loading_text(s, 2, arena);
    k->last_used_service = loading_text(s, 5, arena);
    k->last_used_region = loading_text(s, 6, arena);
    if (statement_get_time(s, 3, &k->created_s, e) != 0 ||
        statement_get_time(s, 4, &k->last_used_s, e) != 0 || unknown_of_key(s, 7, k, e) != 0)
        return -1;
    access_keys_insert(&user->keys, k);
    return 0;
}

static int read_tag(const struct statement *s, struct user *user, struct arena *arena,
                    struct error *e UNUSED)
{
    struct tag *t = arena_alloc(arena, sizeof(*t));
    t->key = loading_text(s, 1, arena);
    t->value = loading_text(s, 2, arena);
    tags_insert(&user->tags, t);
    return 0;
}

static int read_group(const struct statement *s, struct user *user, struct arena *arena,
                      struct error *e UNUSED)
{
    names_insert(&user->groups, new_name(arena, loading_text(s, 1, arena)));
    return 0;
}

static int read_device(const struct statement *s, struct user *user, struct arena *arena,
                       struct error *e UNUSED)
{
    names_insert(&user->mfa_devices, new_name(arena, loading_text(s, 1, arena)));
    return 0;
}

static int read_into(const struct statement *s, struct certificate **list, struct arena *arena,
                     struct error *e)
{
    struct certificate *c = arena_alloc(arena, sizeof(*c));
    c->id = loading_text(s, 1, arena);
    c->status = loading_text(s, 2, arena);
    if (statement_get_time(s, 3, &c->uploaded_s, e) != 0)
        return -1;
    certificates_insert(list, c);
    return 0;
}

static int read_certificate(const struct statement *s, struct user *user, struct arena *arena,
                            struct error *e)
{
    return read_into(s, &user->certificates, arena, e);
}

static int read_ssh_key(const struct statement *s, struct user *user, struct arena *arena,
                        struct error *e)
{
    return read_into(s, &user->ssh_keys, arena, e);
}

/* The rows come in the order of their ids, which is that of the list. */
static int read_service_credential(const struct statement *s, struct user *user,
                                   struct arena *arena, struct error *e)
{
    struct service_credential *c = arena_alloc(arena, sizeof(*c));
    struct service_credential **end = &user->service_credentials;
    c->id = loading_text(s, 1, arena);
    c->service = loading_text(s, 2, arena);
    c->status = loading_text(s, 3, arena);
    if (statement_get_time(s, 4, &c->created_s, e) != 0 ||
        statement_get_time(s, 5, &c->expires_s, e) != 0)
        return -1;
    while (*end)
        end = &(*end)->next;
    *end = c;
    return 0;
}

static void add_group_policy(struct user *user, struct arena *arena, struct view group,
                             struct view policy, bool is_inline)
{
    struct group_policy *p = arena_alloc(arena, sizeof(*p)), **end = &user->group_policies;
    p->group = group;
    p->policy = policy;
    p->is_inline = is_inline;
    while (*end)
        end = &(*end)->next;
    *end = p;
}

/* The rows come in the order of 'position', which is that of the lists. */
static int read_policy(const struct statement *s, struct user *user, struct arena *arena,
                       struct error *e)
{
    struct view kind = statement_get_text(s, 1), arn = loading_text(s, 3, arena);
    struct view name = arn.ptr ? arn : loading_text(s, 2, arena);
    if (view_is(kind, "attached"))
        names_insert(&user->policies, new_name(arena, name));
    else if (view_is(kind, "inline"))
        names_insert(&user->inline_policies, new_name(arena, name));
    else if (view_is(kind, "group"))
        add_group_policy(user, arena, loading_text(s, 4, arena), name, !arn.ptr);
    else
        return statement_bad(s, 1, "'attached', 'inline' or 'group'", e);
    return 0;
}

static const struct list {
    const char *table, *columns, *order;
    row_reader *read;
} lists[USER_LISTS] = {
    {"access_key",
     "id, status, created_at, last_used_at, last_used_service, last_used_region, unknown", "id",
     read_key},
    {"tag", "key, value", "key", read_tag},
    {"group_membership", "group_name", "group_name", read_group},
    {"mfa_device", "serial", "serial", read_device},
    {"signing_certificate", "id, status, uploaded_at", "id", read_certificate},
    {"ssh_public_key", "id, status, uploaded_at", "id", read_ssh_key},
    {"service_credential", "id, service, status, created_at, expires_at", "id",
     read_service_credential},
    {"policy", "kind, name, arn, via", "position", read_policy},
};

int user_loading_init(struct user_loading *l, struct database *d, struct view run_id,
                      struct error *e)
{
    char sql[SQL_SIZE];
    *l = (struct user_loading){.run_id = run_id};
    if (statement_prepare(&l->users, d, "user", users_sql, e) != 0)
        return -1;
    for (size_t i = 0; i < USER_LISTS; i++) {
        snprintf(sql, sizeof(sql),
                 "SELECT user_id, %s FROM %s WHERE run_id = ? AND account_id = ? "
                 "ORDER BY user_id, %s",
                 lists[i].columns, lists[i].table, lists[i].order);
        if (statement_prepare(&l->lists[i], d, lists[i].table, sql, e) != 0)
            return -1;
    }
    return 0;
}

void user_loading_release(struct user_loading *l)
{
    statement_release(&l->users);
    for (size_t i = 0; i < USER_LISTS; i++)
        statement_release(&l->lists[i]);
}

/* Both the users and the rows are in the order of user ids. */
static int read_list(struct user_loading *l, size_t which, struct account *account, struct error *e)
{
    struct statement *s = &l->lists[which];
    struct user **user = account->users;
    size_t count = 0;
    bool row;
    int result;
    statement_text(s, l->run_id);
    statement_text(s, view_of(account->id));
    while ((result = statement_next(s, &row, e)) == 0 && row) {
        struct view id = statement_get_text(s, 0);
        for (; *user && view_compare((*user)->id, id) < 0; user++)
            count = 0;
        if (!*user || !view_equal((*user)->id, id))
            return statement_bad(s, 0, "a user of the run", e);
        if (++count > ROWS_OF_USER_MAX || arena_size(&account->arena) > ACCOUNT_BYTES_MAX)
            return error_set(e, ERROR_LIMIT, "'%s' holds too much of user '%.*s' in table '%s'",
                             s->d->path, VIEW_ARG((*user)->name), s->table);
        if (lists[which].read(s, *user, &account->arena, e) != 0)
            return -1;
    }
    return result;
}

static int compare_names(const void *a, const void *b)
{
    return view_compare((*(struct user *const *)a)->name, (*(struct user *const *)b)->name);
}

int user_loading_fill(struct user_loading *l, struct account *account, struct error *e)
{
    if (read_users(l, account, e) != 0)
        return -1;
    for (size_t i = 0; i < USER_LISTS; i++)
        if (read_list(l, i, account, e) != 0)
            return -1;
    qsort(account->users, account->user_count, sizeof(struct user *), compare_names);
    return 0;
}
