/* SPDX-License-Identifier: MIT */
/*
 * GetAccountAuthorizationDetails: the users, groups, roles and policies of an account, as one list
 * that one marker pages through.
 */
#include "services/call.h"
#include "services/failure.h"
#include "services/iam.h"
#include "services/iam_policy.h"
#include "services/page.h"
#include "services/services.h"
#include "services/sim.h"
#include "wire/xml.h"

#include <string.h>

enum kind { KIND_USER, KIND_GROUP, KIND_ROLE, KIND_LOCAL_POLICY, KIND_AWS_POLICY, KIND_COUNT };

static const char *const kind_names[KIND_COUNT] = {"User", "Group", "Role", "LocalManagedPolicy",
                                                   "AWSManagedPolicy"};

/* The list, and how far it is written. */
struct listing {
    struct call *call;
    struct page page;
    bool wanted[KIND_COUNT];
    size_t first; /* the place of the first item of the kind that is being written */
    size_t place; /* the place of the next item */
    size_t taken;
    struct arena arena; /* for one user at a time */
    struct entities entities;
    struct policy_uses uses;
};

/* Reads the filter; without one, every kind is wanted. Returns 0, or -1 after making the reply. */
static int read_filter(struct call *call, bool *wanted)
{
    bool filtered = false;
    for (size_t i = 0; i < call->form.count; i++) {
        const struct form_pair *pair = &call->form.pairs[i];
        if (strncmp(pair->name, "Filter.member.", 14) != 0)
            continue;
        size_t kind = 0;
        while (kind < KIND_COUNT && strcmp(kind_names[kind], pair->value) != 0)
            kind++;
        if (kind == KIND_COUNT) {
            failure_answer(call, FAILURE_VALIDATION,
                           "1 validation error detected: Value '[%s]' at 'filter' failed to "
                           "satisfy constraint: Member must satisfy constraint: [Member must "
                           "satisfy enum value set: [Role, AWSManagedPolicy, User, Group, "
                           "LocalManagedPolicy]]",
                           pair->value);
            return -1;
        }
        wanted[kind] = true;
        filtered = true;
    }
    for (size_t kind = 0; kind < KIND_COUNT && !filtered; kind++)
        wanted[kind] = true;
    return 0;
}

static void write_group_names(struct buffer *body, const struct user *user)
{
    xml_open(body, "GroupList");
    for (size_t i = 0; i < user->group_count; i++)
        xml_string(body, "member", user->groups[i]);
    xml_close(body, "GroupList");
}

/* Returns false if the user is not there at this moment. */
static bool write_user(struct listing *listing, size_t index)
{
    struct call *call = listing->call;
    struct buffer *body = &call->http.reply.body;
    struct user user;
    arena_clear(&listing->arena);
    world_user(&call->sim->world, &call->account, index, &listing->arena, &user);
    if (iam_user_hidden(call, &user))
        return false;
    xml_open(body, "member");
    iam_write_user(call, &user);
    if (user.inline_policy_count > 0)
        iam_policy_write_inline(body, "UserPolicyList", user.inline_policies,
                                user.inline_policy_count);
    write_group_names(body, &user);
    iam_policy_write_attached(body, user.attached_policies, user.attached_policy_count);
    if (user.permissions_boundary) {
        xml_open(body, "PermissionsBoundary");
        xml_string(body, "PermissionsBoundaryType", "Policy");
        xml_string(body, "PermissionsBoundaryArn", user.permissions_boundary);
        xml_close(body, "PermissionsBoundary");
    }
    iam_write_tags(call, &user, 0, user.tag_count);
    xml_close(body, "member");
    return true;
}

static bool write_group(struct listing *listing, size_t index)
{
    struct buffer *body = &listing->call->http.reply.body;
    const struct group *group = &listing->entities.groups[index];
    xml_open(body, "member");
    iam_write_group(listing->call, group);
    iam_policy_write_inline(body, "GroupPolicyList", group->inline_policies,
                            group->inline_policy_count);
    iam_policy_write_attached(body, group->attached_policies, group->attached_policy_count);
    xml_close(body, "member");
    return true;
}

static bool write_role(struct listing *listing, size_t index)
{
    struct call *call = listing->call;
    struct buffer *body = &call->http.reply.body;
    const struct role *role = &listing->entities.roles[index];
    xml_open(body, "member");
    xml_string(body, "Path", role->path);
    xml_string(body, "RoleName", role->name);
    xml_string(body, "RoleId", role->id);
    xml_string(body, "Arn",
               text_format(&call->http.arena, "arn:%s:iam::%s:role%s%s",
                           call->sim->world.shape.partition, call->account.id, role->path,
                           role->name));
    xml_moment(body, "CreateDate", role->created);
    iam_policy_write_document(body, "AssumeRolePolicyDocument", role->trust);
    buffer_add_text(body, "<InstanceProfileList/>");
    iam_policy_write_inline(body, "RolePolicyList", role->inline_policies,
                            role->inline_policy_count);
    iam_policy_write_attached(body, role->attached_policies, role->attached_policy_count);
    buffer_add_text(body, "<Tags/><RoleLastUsed/>");
    xml_close(body, "member");
    return true;
}

static bool write_local_policy(struct listing *listing, size_t index)
{
    iam_policy_write(listing->call, &listing->entities.policies[index], &listing->uses);
    return true;
}

static bool write_aws_policy(struct listing *listing, size_t index)
{
    iam_policy_write_of_aws(listing->call, &listing->uses, index);
    return true;
}

static size_t count_items(const struct listing *listing, enum kind kind)
{
    const size_t counts[KIND_COUNT] = {
        [KIND_USER] = listing->call->account.user_count,
        [KIND_GROUP] = listing->entities.group_count,
        [KIND_ROLE] = listing->entities.role_count,
        [KIND_LOCAL_POLICY] = listing->entities.policy_count,
        [KIND_AWS_POLICY] = listing->uses.of_aws,
    };
    return listing->wanted[kind] ? counts[kind] : 0;
}

/* Writes what the page has of one kind. */
static void write_kind(struct listing *listing, enum kind kind)
{
    static bool (*const writers[KIND_COUNT])(struct listing *, size_t) = {
        [KIND_USER] = write_user,
        [KIND_GROUP] = write_group,
        [KIND_ROLE] = write_role,
        [KIND_LOCAL_POLICY] = write_local_policy,
        [KIND_AWS_POLICY] = write_aws_policy,
    };
    size_t end = listing->first + count_items(listing, kind);
    for (; listing->place < end && listing->taken < listing->page.limit; listing->place++)
        listing->taken += writers[kind](listing, listing->place - listing->first);
    listing->first = end;
}

static void write_list(struct listing *listing, const char *name, enum kind kind)
{
    xml_open(&listing->call->http.reply.body, name);
    write_kind(listing, kind);
    xml_close(&listing->call->http.reply.body, name);
}

static void write_lists(struct listing *listing)
{
    struct call *call = listing->call;
    struct buffer *body = &call->http.reply.body;
    write_list(listing, "UserDetailList", KIND_USER);
    /* What comes after the users is looked at only if the page may reach it. */
    bool reached = listing->place >= listing->first;
    if (reached)
        world_entities(&call->sim->world, &call->account, &call->http.arena, &listing->entities);
    write_list(listing, "GroupDetailList", KIND_GROUP);
    write_list(listing, "RoleDetailList", KIND_ROLE);
    if (reached && (listing->wanted[KIND_LOCAL_POLICY] || listing->wanted[KIND_AWS_POLICY]))
        policy_uses_count(call, &listing->entities, &listing->uses);
    xml_open(body, "Policies");
    write_kind(listing, KIND_LOCAL_POLICY);
    write_kind(listing, KIND_AWS_POLICY);
    xml_close(body, "Policies");
}

void iam_get_account_authorization_details(struct call *call)
{
    struct listing listing = {.call = call};
    if (read_filter(call, listing.wanted) != 0 || page_read(call, &listing.page) != 0)
        return;
    listing.place = listing.page.offset;
    iam_begin(call);
    write_lists(&listing);
    page_write(call, &listing.page, listing.place < listing.first, listing.place);
    iam_end(call);
    arena_release(&listing.arena);
}
