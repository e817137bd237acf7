/* SPDX-License-Identifier: MIT */
#include "census/roster.h"

void roster_init(struct roster *r, struct account *account)
{
    *r = (struct roster){.account = account};
    r->end = &r->first;
}

void roster_forget(struct roster *r)
{
    roster_init(r, r->account);
}

struct user *roster_add(struct roster *r, struct view name)
{
    struct listed_user *added = arena_alloc(&r->account->arena, sizeof(*added));
    struct user *user = &added->user;
    user->name = arena_copy(&r->account->arena, name);
    user->created_s = TIMESTAMP_NONE;
    user->password_set_s = user->password_changed_s = user->password_used_s = TIMESTAMP_NONE;
    user->password_rotation_s = TIMESTAMP_NONE;
    user->data_as_of_s = r->account->read_at_s;
    *r->end = user;
    r->end = &user->next;
    if (!r->next)
        r->next = user;
    r->count++;
    return user;
}

struct user *roster_take(struct roster *r)
{
    struct user *user = r->next;
    if (user)
        r->next = user->next;
    return user;
}

/*
 * FNV-1a, 64 bits. Collisions made on purpose are no threat: an account's own administrators choose
 * its names, and their number is bounded.
 */
static size_t hash(struct view name)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < name.len; i++)
        h = (h ^ (unsigned char)name.ptr[i]) * 0x100000001b3u;
    return (size_t)(h ^ (h >> 32));
}

/* The place of the user with this name, or the empty place where that user would go. */
static struct user **place_of(const struct roster *r, struct view name)
{
    size_t i = hash(name) & r->mask;
    while (r->places[i] && !view_equal(r->places[i]->name, name))
        i = (i + 1) & r->mask;
    return &r->places[i];
}

void roster_close(struct roster *r)
{
    size_t size = 8;
    while (size < 2 * r->count)
        size *= 2;
    r->mask = size - 1;
    r->places = arena_alloc(&r->account->arena, size * sizeof(struct user *));
    for (struct user *u = r->first; u; u = u->next) {
        struct user **place = place_of(r, u->name);
        struct user *other = *place;
        bool later = !other || u->created_s > other->created_s;
        if (other)
            (later ? other : u)->superseded = true;
        if (later)
            *place = u;
    }
    r->closed = true;
}

struct user *roster_find(const struct roster *r, struct view name)
{
    return r->closed ? *place_of(r, name) : NULL;
}

struct user *roster_find_again(const struct roster *r, struct view name, int64_t created_s)
{
    struct user *user = roster_find(r, name);
    if (!user || user->created_s != created_s)
        return NULL;
    listed_user_of(user)->listed_again = true;
    return user;
}
