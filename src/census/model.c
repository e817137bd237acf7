/* SPDX-License-Identifier: MIT */
#include "census/model.h"

void tags_insert(struct tag **list, struct tag *tag)
{
    while (*list && view_compare((*list)->key, tag->key) <= 0)
        list = &(*list)->next;
    tag->next = *list;
    *list = tag;
}

void names_insert(struct name **list, struct name *name)
{
    while (*list && view_compare((*list)->text, name->text) <= 0)
        list = &(*list)->next;
    name->next = *list;
    *list = name;
}

static int key_compare(const struct access_key *a, const struct access_key *b)
{
    if (a->created_s != b->created_s)
        return a->created_s < b->created_s ? -1 : 1;
    return view_compare(a->id, b->id);
}

void access_keys_insert(struct access_key **list, struct access_key *key)
{
    while (*list && key_compare(*list, key) <= 0)
        list = &(*list)->next;
    key->next = *list;
    *list = key;
}

void certificates_insert(struct certificate **list, struct certificate *certificate)
{
    while (*list && view_compare((*list)->id, certificate->id) <= 0)
        list = &(*list)->next;
    certificate->next = *list;
    *list = certificate;
}

void service_credentials_insert(struct service_credential **list,
                                struct service_credential *credential)
{
    while (*list && view_compare((*list)->id, credential->id) <= 0)
        list = &(*list)->next;
    credential->next = *list;
    *list = credential;
}

bool access_key_is_active(const struct access_key *key)
{
    return view_is(key->status, "Active");
}

const struct access_key *user_active_key(const struct user *u, unsigned nth)
{
    for (const struct access_key *k = u->keys; k; k = k->next)
        if (access_key_is_active(k) && nth-- == 0)
            return k;
    return NULL;
}

int64_t user_last_activity_s(const struct user *u)
{
    int64_t latest_s = TIMESTAMP_NONE;
    for (const struct access_key *k = u->keys; k; k = k->next)
        if (k->last_used_s > latest_s)
            latest_s = k->last_used_s;
    return latest_s;
}

bool user_key_use_unknown(const struct user *u)
{
    for (const struct access_key *k = u->keys; k; k = k->next)
        if (k->use_unknown)
            return true;
    return false;
}

void user_remove_key(struct user *u, const struct access_key *key)
{
    struct access_key **place = &u->keys;
    while (*place && *place != key)
        place = &(*place)->next;
    if (*place)
        *place = key->next;
}

struct view user_tag(const struct user *u, struct view key)
{
    for (const struct tag *t = u->tags; t; t = t->next)
        if (view_equal(t->key, key))
            return t->value;
    return VIEW_NONE;
}
