/* SPDX-License-Identifier: MIT */
#include "store/comparison.h"

#include <stdlib.h>

struct comparison_item {
    struct comparison_item *next;
    struct difference difference;
};

void comparison_init(struct comparison *c, bool with_use)
{
    *c = (struct comparison){.with_use = with_use};
    arena_init(&c->arena);
}

void comparison_release(struct comparison *c)
{
    arena_release(&c->arena);
}

void comparison_begin(struct comparison *c, const char *account_id)
{
    c->account_id = account_id;
}

bool comparison_knows(struct comparison *c, fact_set unknown, enum fact fact)
{
    if (!(unknown & FACT_BIT(fact)))
        return true;
    c->unknown++;
    return false;
}

struct view comparison_time(struct comparison *c, int64_t seconds)
{
    char text[TIMESTAMP_TEXT_SIZE];
    if (seconds == TIMESTAMP_NONE)
        return VIEW_NONE;
    timestamp_format(seconds, text);
    return arena_copy(&c->arena, view_of(text));
}

void comparison_add(struct comparison *c, enum difference_kind kind, const struct user *user,
                    struct view resource_id, struct view before, struct view after)
{
    struct comparison_item *item = arena_alloc(&c->arena, sizeof(*item));
    item->difference = (struct difference){.kind = kind,
                                           .account_id = c->account_id,
                                           .user_name = user ? user->name : VIEW_NONE,
                                           .user_id = user ? user->id : VIEW_NONE,
                                           .resource_id = resource_id,
                                           .before = before,
                                           .after = after};
    item->next = c->first;
    c->first = item;
    c->kept++;
}

/*
 * Order.
 */

static int compare_differences(const void *a, const void *b)
{
    const struct difference *left = *(const struct difference *const *)a;
    const struct difference *right = *(const struct difference *const *)b;
    int order = view_compare(left->user_name, right->user_name);
    if (order == 0)
        order = view_compare(left->user_id, right->user_id);
    if (order == 0)
        order = (int)left->kind - (int)right->kind;
    if (order == 0)
        order = view_compare(left->resource_id, right->resource_id);
    if (order == 0)
        order = view_compare(left->before, right->before);
    return order != 0 ? order : view_compare(left->after, right->after);
}

void comparison_hand_over(struct comparison *c, difference_taker *take, void *arg)
{
    const struct difference **sorted =
        arena_alloc(&c->arena, (c->kept + 1) * sizeof(struct difference *));
    size_t count = 0;
    for (const struct comparison_item *item = c->first; item; item = item->next)
        sorted[count++] = &item->difference;
    qsort(sorted, count, sizeof(struct difference *), compare_differences);
    for (size_t i = 0; i < count; i++)
        take(arg, sorted[i]);
    c->count += count;
    c->first = NULL;
    c->kept = 0;
    arena_clear(&c->arena);
}

/*
 * The root user.
 */

static struct view truth_text(bool is_true)
{
    return is_true ? VIEW_LITERAL("true") : VIEW_LITERAL("false");
}

static struct view kind_text(enum root_mfa_kind kind)
{
    static const char *const names[] = {
        [ROOT_MFA_NONE] = "none", [ROOT_MFA_VIRTUAL] = "virtual", [ROOT_MFA_HARDWARE] = "hardware"};
    return view_of(names[kind]);
}

static void root_field(struct comparison *c, const char *name, struct view before,
                       struct view after)
{
    if (!view_equal(before, after))
        comparison_add(c, DIFFERENCE_ROOT_CHANGED, NULL, view_of(name), before, after);
}

static void compare_roots(struct comparison *c, const struct account *before,
                          const struct account *after)
{
    const struct root_user *old = &before->root, *new = &after->root;
    fact_set unknown = before->unknown | after->unknown;
    if (comparison_knows(c, unknown, FACT_ROOT_PASSWORD))
        root_field(c, "root_password", truth_text(old->has_password),
                   truth_text(new->has_password));
    if (comparison_knows(c, unknown, FACT_ROOT_MFA))
        root_field(c, "root_mfa", truth_text(old->has_mfa), truth_text(new->has_mfa));
    if (comparison_knows(c, unknown, FACT_ROOT_MFA_KIND))
        root_field(c, "root_mfa_kind", kind_text(old->mfa_kind), kind_text(new->mfa_kind));
    if (comparison_knows(c, unknown, FACT_ROOT_KEYS))
        root_field(c, "root_access_keys", truth_text(old->has_keys), truth_text(new->has_keys));
    if (comparison_knows(c, unknown, FACT_ROOT_CERTIFICATES))
        root_field(c, "root_certificates", truth_text(old->has_certificates),
                   truth_text(new->has_certificates));
    if (c->with_use && comparison_knows(c, unknown, FACT_ROOT_USED))
        root_field(c, "root_last_used", comparison_time(c, old->used_s),
                   comparison_time(c, new->used_s));
}

/*
 * The users: those of the same id are one; of the others, those of the same name were made again.
 */

typedef int user_order(const struct user *a, const struct user *b);

static int by_id(const struct user *a, const struct user *b)
{
    return view_compare(a->id, b->id);
}

static int by_name(const struct user *a, const struct user *b)
{
    return view_compare(a->name, b->name);
}

static int sort_by_id(const void *a, const void *b)
{
    return by_id(*(const struct user *const *)a, *(const struct user *const *)b);
}

static int sort_by_name(const void *a, const void *b)
{
    return by_name(*(const struct user *const *)a, *(const struct user *const *)b);
}

struct users {
    const struct user **items;
    size_t count;
};

static struct users users_of(struct comparison *c, const struct account *a)
{
    struct users u = {arena_alloc(&c->arena, (a->user_count + 1) * sizeof(struct user *)),
                      a->user_count};
    for (size_t i = 0; i < a->user_count; i++)
        u.items[i] = a->users[i];
    qsort(u.items, u.count, sizeof(struct user *), sort_by_id);
    return u;
}

/*
 * Walks both sorted lists, calls same(arg, before, after) for the users whom 'order' finds equal,
 * and keeps the others in their lists.
 */
static void match(struct users *before, struct users *after, user_order *order,
                  void (*same)(void *arg, const struct user *before, const struct user *after),
                  void *arg)
{
    size_t b = 0, a = 0, left_before = 0, left_after = 0;
    while (b < before->count || a < after->count) {
        int which = b == before->count  ? 1
                    : a == after->count ? -1
                                        : order(before->items[b], after->items[a]);
        if (which == 0)
            same(arg, before->items[b++], after->items[a++]);
        else if (which < 0)
            before->items[left_before++] = before->items[b++];
        else
            after->items[left_after++] = after->items[a++];
    }
    before->count = left_before;
    after->count = left_after;
}

struct pairing {
    struct comparison *c;
    fact_set unknown; /* of the accounts */
};

static void comparison_on_same_id(void *arg, const struct user *before, const struct user *after)
{
    const struct pairing *pairing = arg;
    const struct user_pair p = {.c = pairing->c,
                                .before = before,
                                .after = after,
                                .unknown = pairing->unknown | before->unknown | after->unknown};
    comparison_user(&p);
}

static void comparison_on_same_name(void *arg, const struct user *before, const struct user *after)
{
    const struct pairing *pairing = arg;
    comparison_add(pairing->c, DIFFERENCE_USER_RECREATED, after, after->arn, before->id, after->id);
}

static void compare_users(struct comparison *c, const struct account *before,
                          const struct account *after)
{
    struct users old = users_of(c, before), new = users_of(c, after);
    struct pairing pairing = {.c = c, .unknown = before->unknown | after->unknown};
    match(&old, &new, by_id, comparison_on_same_id, &pairing);
    qsort(old.items, old.count, sizeof(struct user *), sort_by_name);
    qsort(new.items, new.count, sizeof(struct user *), sort_by_name);
    match(&old, &new, by_name, comparison_on_same_name, &pairing);
    for (size_t i = 0; i < old.count; i++)
        comparison_add(c, DIFFERENCE_USER_REMOVED, old.items[i], old.items[i]->arn,
                       old.items[i]->id, VIEW_NONE);
    for (size_t i = 0; i < new.count; i++)
        comparison_add(c, DIFFERENCE_USER_ADDED, new.items[i], new.items[i]->arn, VIEW_NONE,
                       new.items[i]->id);
}

void comparison_accounts(struct comparison *c, const struct account *before,
                         const struct account *after)
{
    compare_roots(c, before, after);
    compare_users(c, before, after);
}
