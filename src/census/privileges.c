/* SPDX-License-Identifier: MIT */
#include "census/privileges.h"

#include "api/iam.h"
#include "api/policy_document.h"
#include "census/roster.h"
#include "census/sources_list.h"

#include <stdlib.h>

struct known_policy {
    struct view name; /* the ARN; of an inline policy its name */
    bool is_inline;
    enum policy_grant grant;
    struct known_policy *next;
};

struct known_group {
    struct view name;
    struct known_policy *policies; /* ascending */
    bool grants_all, may_grant_all, unsure;
    struct known_group *next;
};

/* ---- collecting ---- */

static enum policy_grant grant_of_versions(const struct iam_policy *policy)
{
    FOR_EACH (struct iam_policy_version, version, policy->versions)
        if (version->is_default ||
            (version->id.len > 0 && view_equal(version->id, policy->default_version)))
            return policy_document_grant(version->document);
    return POLICY_CANNOT_BE_READ;
}

static struct known_policy *new_policy(struct arena *arena, struct view name, bool is_inline,
                                       enum policy_grant grant)
{
    struct known_policy *policy = arena_alloc(arena, sizeof(*policy));
    *policy = (struct known_policy){arena_copy(arena, name), is_inline, grant, NULL};
    return policy;
}

static void insert_policy(struct known_policy **list, struct known_policy *policy)
{
    while (*list && view_compare((*list)->name, policy->name) <= 0)
        list = &(*list)->next;
    policy->next = *list;
    *list = policy;
}

static void take_group(struct privileges *p, struct arena *arena, const struct iam_group *item)
{
    struct known_group *group = arena_alloc(arena, sizeof(*group));
    *group = (struct known_group){.name = arena_copy(arena, item->name), .next = p->groups};
    /* What an attached policy grants is looked up when all of them are known. */
    FOR_EACH (struct xml_text, arn, item->policies)
        insert_policy(&group->policies, new_policy(arena, arn->text, false, POLICY_CANNOT_BE_READ));
    FOR_EACH (struct iam_inline_policy, policy, item->inlines)
        insert_policy(&group->policies, new_policy(arena, policy->name, true,
                                                   policy_document_grant(policy->document)));
    p->groups = group;
    p->group_count++;
}

int privileges_take(struct privileges *p, struct arena *arena, const struct iam_users *page,
                    struct error *e)
{
    FOR_EACH (struct iam_policy, item, page->policies) {
        if (item->arn.len == 0)
            return error_set(e, ERROR_PROTOCOL, "the answer holds a policy without ARN");
        struct known_policy *policy = new_policy(arena, item->arn, false, grant_of_versions(item));
        policy->next = p->policies;
        p->policies = policy;
        p->policy_count++;
    }
    FOR_EACH (struct iam_group, item, page->groups) {
        if (item->name.len == 0)
            return error_set(e, ERROR_PROTOCOL, "the answer holds a group without name");
        take_group(p, arena, item);
    }
    return 0;
}

void privileges_drop(struct privileges *p)
{
    *p = (struct privileges){0};
}

/* ---- what a user has ---- */

static void add_way(struct arena *arena, struct user *user, const char *prefix, struct view what)
{
    struct buffer text;
    struct name *name = arena_alloc(arena, sizeof(*name));
    buffer_init(&text, XML_TEXT_MAX_BYTES + 64);
    buffer_add_text(&text, prefix);
    buffer_add_view(&text, what);
    name->text = arena_copy(arena, buffer_view(&text));
    buffer_release(&text);
    names_insert(&user->admin_via, name);
}

static void take_grant(struct arena *arena, struct user *user, struct view policy,
                       enum policy_grant grant)
{
    switch (grant) {
    case POLICY_GRANTS_ALL:
        user->is_admin = true;
        add_way(arena, user, "", policy);
        break;
    case POLICY_MAY_GRANT_ALL:
        add_way(arena, user, "maybe:", policy);
        break;
    case POLICY_CANNOT_BE_READ:
        listed_user_of(user)->admin_unsure = true;
        break;
    case POLICY_GRANTS_LESS:
        break;
    }
}

void privileges_take_inline(struct arena *arena, struct user *user, const struct iam_user *item)
{
    FOR_EACH (struct iam_inline_policy, policy, item->inlines)
        take_grant(arena, user, policy->name, policy_document_grant(policy->document));
}

/* ---- looking up ---- */

/* Sorted arrays, since a linked list would make large accounts slow. */
struct index {
    const struct known_policy **policies;
    struct known_group **groups;
    size_t policy_count, group_count;
};

static int compare_policies(const void *left, const void *right)
{
    const struct known_policy *const *a = left, *const *b = right;
    return view_compare((*a)->name, (*b)->name);
}

static int compare_groups(const void *left, const void *right)
{
    const struct known_group *const *a = left, *const *b = right;
    return view_compare((*a)->name, (*b)->name);
}

static struct index make_index(const struct privileges *p, struct arena *arena)
{
    struct index index = {.policy_count = p->policy_count, .group_count = p->group_count};
    size_t i = 0;
    index.policies = arena_alloc(arena, (p->policy_count + 1) * sizeof(struct known_policy *));
    index.groups = arena_alloc(arena, (p->group_count + 1) * sizeof(struct known_group *));
    for (const struct known_policy *policy = p->policies; policy; policy = policy->next)
        index.policies[i++] = policy;
    i = 0;
    for (struct known_group *group = p->groups; group; group = group->next)
        index.groups[i++] = group;
    qsort(index.policies, index.policy_count, sizeof(struct known_policy *), compare_policies);
    qsort(index.groups, index.group_count, sizeof(struct known_group *), compare_groups);
    return index;
}

static bool is_aws_managed(struct view arn)
{
    static const char account[] = ":iam::aws:policy/";
    return view_starts_with(arn, "arn:") &&
           memmem(arn.ptr, arn.len, account, sizeof(account) - 1) != NULL;
}

static bool ends_with(struct view v, const char *end)
{
    size_t len = strlen(end);
    return v.len >= len && memcmp(v.ptr + v.len - len, end, len) == 0;
}

/* Of the policies that AWS manages, these two make an administrator (the contract, section 9). */
static enum policy_grant grant_of_arn(const struct index *index, struct view arn)
{
    const struct known_policy wanted = {.name = arn}, *key = &wanted;
    if (is_aws_managed(arn))
        return ends_with(arn, ":iam::aws:policy/AdministratorAccess") ||
                       ends_with(arn, ":iam::aws:policy/IAMFullAccess")
                   ? POLICY_GRANTS_ALL
                   : POLICY_GRANTS_LESS;
    const struct known_policy **found = bsearch(&key, index->policies, index->policy_count,
                                                sizeof(struct known_policy *), compare_policies);
    return found ? (*found)->grant : POLICY_CANNOT_BE_READ;
}

static struct known_group *find_group(const struct index *index, struct view name)
{
    const struct known_group wanted = {.name = name}, *key = &wanted;
    struct known_group **found = bsearch(&key, index->groups, index->group_count,
                                         sizeof(struct known_group *), compare_groups);
    return found ? *found : NULL;
}

static void settle_groups(const struct index *index)
{
    for (size_t i = 0; i < index->group_count; i++) {
        struct known_group *group = index->groups[i];
        for (struct known_policy *policy = group->policies; policy; policy = policy->next) {
            enum policy_grant grant =
                policy->is_inline ? policy->grant : grant_of_arn(index, policy->name);
            group->grants_all |= grant == POLICY_GRANTS_ALL;
            group->may_grant_all |= grant == POLICY_MAY_GRANT_ALL;
            group->unsure |= grant == POLICY_CANNOT_BE_READ;
        }
    }
}

/* ---- one user ---- */

/* Unknown because IAM's answer did not hold it, and not because a call failed. */
static void not_told(struct user *user, enum fact fact)
{
    user->unknown |= FACT_BIT(fact);
    listed_user_of(user)->sourceless |= FACT_BIT(fact);
}

static void settle_admin(const struct index *index, struct arena *arena, struct user *user)
{
    for (const struct name *policy = user->policies; policy; policy = policy->next)
        take_grant(arena, user, policy->text, grant_of_arn(index, policy->text));
    for (const struct name *name = user->groups; name; name = name->next) {
        const struct known_group *group = find_group(index, name->text);
        if (group && group->grants_all) {
            user->is_admin = true;
            add_way(arena, user, "group:", name->text);
        } else if (group && group->may_grant_all) {
            add_way(arena, user, "maybe:group:", name->text);
        }
        if (!group || group->unsure)
            listed_user_of(user)->admin_unsure = true;
    }
    if (!user->is_admin && listed_user_of(user)->admin_unsure)
        not_told(user, FACT_ADMIN);
}

/* Groups and their policies are in ascending order already. */
static void settle_group_policies(const struct index *index, struct arena *arena, struct user *user)
{
    struct group_policy **end = &user->group_policies;
    for (const struct name *name = user->groups; name; name = name->next) {
        const struct known_group *group = find_group(index, name->text);
        if (!group) {
            not_told(user, FACT_GROUP_POLICIES);
            continue;
        }
        for (const struct known_policy *policy = group->policies; policy; policy = policy->next) {
            struct group_policy *added = arena_alloc(arena, sizeof(*added));
            *added = (struct group_policy){NULL, group->name, policy->name, policy->is_inline};
            *end = added;
            end = &added->next;
        }
    }
}

void privileges_apply(struct privileges *p, struct roster *roster, fact_set wanted)
{
    struct arena *arena = &roster->account->arena;
    if (!p->whole || !(wanted & (FACT_BIT(FACT_ADMIN) | FACT_BIT(FACT_GROUP_POLICIES))))
        return;
    const struct index index = make_index(p, arena);
    settle_groups(&index);
    for (struct user *user = roster->first; user; user = user->next) {
        if (user->superseded)
            continue;
        if (wanted & FACT_BIT(FACT_ADMIN))
            settle_admin(&index, arena, user);
        if (wanted & FACT_BIT(FACT_GROUP_POLICIES))
            settle_group_policies(&index, arena, user);
    }
}
