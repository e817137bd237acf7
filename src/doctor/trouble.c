/* SPDX-License-Identifier: MIT */
#include "doctor/trouble.h"

#include "base/alloc.h"

#include <stdlib.h>

/* One account with one cause; entries are sorted so that those of a group are neighbours. */
struct entry {
    const struct account_diagnosis *account;
    struct trouble t; /* without account_ids */
};

struct entries {
    struct entry *items;
    size_t count, room;
};

const char *trouble_action(enum source_id id)
{
    return id == SOURCE_NONE ? "sts:AssumeRole" : census_sources[id].permission;
}

/*
 * "arn:aws:iam::111111111111:policy/b" of that account becomes "arn:aws:iam::*:policy/b". Policies
 * of an organization have the id of the management account, for all accounts the same.
 */
static const char *general_arn(const char *arn, const char *account_id, struct arena *arena)
{
    static const char service[] = ":iam::";
    size_t id_len = strlen(account_id);
    const char *at = strstr(arn, service);
    size_t before = at ? (size_t)(at - arn) + sizeof(service) - 1 : 0;
    if (!at || id_len == 0 || strncmp(arn + before, account_id, id_len) != 0 ||
        arn[before + id_len] != ':')
        return arn;
    size_t len = strlen(arn) - id_len + 1;
    char *general = arena_alloc(arena, len + 1);
    memcpy(general, arn, before);
    general[before] = '*';
    memcpy(general + before + 1, arn + before + id_len, len - before);
    return general;
}

static int compare_causes(const struct trouble *a, const struct trouble *b)
{
    if (a->of != b->of)
        return a->of < b->of ? -1 : 1;
    if (a->result != b->result)
        return a->result < b->result ? -1 : 1;
    if (a->type != b->type)
        return a->type < b->type ? -1 : 1;
    if (a->is_explicit != b->is_explicit)
        return a->is_explicit ? -1 : 1;
    int order = strcmp(a->policy_arn, b->policy_arn);
    return order != 0 ? order : strcmp(a->code, b->code);
}

static int compare_groups(const struct entry *a, const struct entry *b, bool by_actions)
{
    int order = compare_causes(&a->t, &b->t);
    if (order != 0 || !by_actions || a->t.actions == b->t.actions)
        return order;
    return a->t.actions < b->t.actions ? -1 : 1;
}

static int compare_by_cause(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = compare_groups(x, y, false);
    return order != 0 ? order : strcmp(x->account->account.id, y->account->account.id);
}

static int compare_by_actions(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = compare_groups(x, y, true);
    return order != 0 ? order : strcmp(x->account->account.id, y->account->account.id);
}

/* Adds a result to the account's entries, which begin at 'first'. */
static void add(struct entries *all, size_t first, const struct account_diagnosis *a,
                const struct action_result *r, enum source_id id, enum trouble_of of,
                struct arena *arena)
{
    bool denied = r->result == PROBE_DENIED;
    /* A permission that is missing is missing everywhere, not in one policy. */
    bool lacks = denied && r->denial.type == POLICY_IDENTITY && !r->denial.is_explicit;
    const char *arn = denied && !lacks ? r->denial.policy_arn : "";
    const struct trouble t = {.of = of,
                              .result = r->result,
                              .type = denied ? r->denial.type : POLICY_NONE,
                              .is_explicit = denied && r->denial.is_explicit,
                              .policy_arn = general_arn(arn, a->account.id, arena),
                              .code = !denied && r->code ? r->code : "",
                              .actions = SOURCE_BIT(id),
                              .verdict = a->verdict,
                              .message = r->message};
    for (size_t i = first; i < all->count; i++)
        if (compare_causes(&all->items[i].t, &t) == 0) {
            all->items[i].t.actions |= t.actions;
            return;
        }
    if (all->count == all->room) {
        all->room = all->room > 0 ? all->room * 2 : 64;
        all->items = xrealloc(all->items, all->room * sizeof(*all->items));
    }
    all->items[all->count++] = (struct entry){.account = a, .t = t};
}

static bool is_trouble(const struct action_result *r)
{
    return r->result == PROBE_DENIED || r->result == PROBE_FAILED;
}

static void add_account(struct entries *all, const struct diagnosis *d,
                        const struct account_diagnosis *a, struct arena *arena)
{
    size_t first = all->count;
    bool blocked = a->stage && strcmp(a->stage, "AssumeRole") == 0;
    enum trouble_of of = a->own_credentials ? TROUBLE_CALLER : TROUBLE_ROLE;
    /* An account that can be read without the role, the caller's own, has no trouble with it. */
    if (blocked && is_trouble(&a->assume_role))
        add(all, first, a, &a->assume_role, SOURCE_NONE, TROUBLE_ASSUMING, arena);
    for (enum source_id id = SOURCE_NONE + 1; id < SOURCE_COUNT; id++)
        if (source_needed(id, d->strategy, d->wanted) && is_trouble(&a->actions[id]))
            add(all, first, a, &a->actions[id], id, of, arena);
}

/* The entries from 'e' on, 'count' of them, are one group. */
static struct trouble make_trouble(const struct entry *e, size_t count, struct arena *arena)
{
    struct trouble t = e->t;
    t.account_ids = arena_alloc(arena, count * sizeof(*t.account_ids));
    t.account_count = count;
    for (size_t i = 0; i < count; i++) {
        t.account_ids[i] = e[i].account->account.id;
        t.actions |= e[i].t.actions;
        if (e[i].t.verdict > t.verdict)
            t.verdict = e[i].t.verdict;
    }
    return t;
}

static int compare_weights(const void *a, const void *b)
{
    const struct trouble *x = a, *y = b;
    if (x->verdict != y->verdict)
        return x->verdict > y->verdict ? -1 : 1;
    if (x->account_count != y->account_count)
        return x->account_count > y->account_count ? -1 : 1;
    int order = compare_causes(x, y);
    if (order != 0 || x->actions == y->actions)
        return order;
    return x->actions < y->actions ? -1 : 1;
}

void troubles_find(const struct diagnosis *d, bool by_actions, struct arena *arena,
                   struct troubles *out)
{
    struct entries all = {0};
    *out = (struct troubles){0};
    for (size_t i = 0; i < d->account_count; i++)
        add_account(&all, d, &d->accounts[i], arena);
    if (all.count == 0)
        return;
    qsort(all.items, all.count, sizeof(*all.items),
          by_actions ? compare_by_actions : compare_by_cause);
    out->items = arena_alloc(arena, all.count * sizeof(*out->items));
    for (size_t i = 0, end; i < all.count; i = end) {
        for (end = i + 1; end < all.count; end++)
            if (compare_groups(&all.items[i], &all.items[end], by_actions) != 0)
                break;
        out->items[out->count++] = make_trouble(&all.items[i], end - i, arena);
    }
    free(all.items);
    qsort(out->items, out->count, sizeof(*out->items), compare_weights);
}
