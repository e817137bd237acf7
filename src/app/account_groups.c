/* SPDX-License-Identifier: MIT */
#include "app/account_groups.h"

#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>

static const char others[] = "other causes";

static struct account_group *find(struct account_groups *groups, const char *shared)
{
    for (size_t i = 0; i < groups->count; i++)
        if (strcmp(groups->items[i].shared, shared) == 0)
            return &groups->items[i];
    return NULL;
}

static struct account_group *find_or_add(struct account_groups *groups, const char *shared,
                                         const char *detail)
{
    struct account_group *found = find(groups, shared);
    if (!found && groups->count >= ACCOUNT_GROUPS_MAX - 1) {
        shared = others;
        detail = "";
        found = find(groups, shared);
    }
    if (found)
        return found;
    groups->items = xrealloc(groups->items, (groups->count + 1) * sizeof(*groups->items));
    found = &groups->items[groups->count++];
    *found = (struct account_group){.shared = xstrdup(shared), .detail = xstrdup(detail)};
    return found;
}

struct account_group *account_groups_add(struct account_groups *groups, const char *shared,
                                         struct view id, const char *detail)
{
    struct account_group *group = find_or_add(groups, shared, detail);
    if (group->count < ACCOUNT_GROUP_IDS)
        snprintf(group->ids[group->count], sizeof(group->ids[0]), "%.*s", VIEW_ARG(id));
    group->count++;
    return group;
}

void account_groups_release(struct account_groups *groups)
{
    for (size_t i = 0; i < groups->count; i++) {
        free(groups->items[i].shared);
        free(groups->items[i].detail);
    }
    free(groups->items);
    *groups = (struct account_groups){0};
}

static int compare(const void *a, const void *b)
{
    const struct account_group *left = a;
    const struct account_group *right = b;
    if (left->count != right->count)
        return left->count > right->count ? -1 : 1;
    return strcmp(left->ids[0], right->ids[0]);
}

void account_groups_sort(struct account_groups *groups)
{
    if (groups->count > 0)
        qsort(groups->items, groups->count, sizeof(*groups->items), compare);
}

void account_group_write_ids(const struct account_group *group, size_t skip, struct buffer *out)
{
    size_t shown = group->count <= ACCOUNT_GROUP_IDS ? group->count : ACCOUNT_GROUP_IDS - 1 + skip;
    for (size_t i = skip; i < shown; i++)
        buffer_addf(out, "%s%s", i > skip ? ", " : "", group->ids[i]);
    if (shown < group->count)
        buffer_addf(out, ", ... %zu more", group->count - shown);
}
