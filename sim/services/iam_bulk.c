/* SPDX-License-Identifier: MIT */
/* GetAccountAuthorizationDetails: all users of an account with their tags, groups and policies. */
#include "services/call.h"
#include "services/failure.h"
#include "services/iam.h"
#include "services/page.h"
#include "services/services.h"
#include "services/sim.h"
#include "wire/xml.h"
#include "world/random.h"

#include <stdio.h>
#include <string.h>

/* URL-encoded, as IAM returns policy documents. */
#define INLINE_POLICY                                                                              \
    "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C"  \
    "%22Action%22%3A%22s3%3AGetObject%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D"

static bool wants_users(const struct call *call)
{
    bool filtered = false;
    for (size_t i = 0; i < call->form.count; i++) {
        if (strncmp(call->form.pairs[i].name, "Filter.member.", 14) != 0)
            continue;
        filtered = true;
        if (strcmp(call->form.pairs[i].value, "User") == 0)
            return true;
    }
    return !filtered;
}

static void write_groups(struct buffer *body, const struct user *user)
{
    xml_open(body, "GroupList");
    for (size_t i = 0; i < user->group_count; i++)
        xml_string(body, "member", user->groups[i]);
    xml_close(body, "GroupList");
}

static void write_policies(struct buffer *body, const struct user *user)
{
    xml_open(body, "AttachedManagedPolicies");
    for (size_t i = 0; i < user->attached_policy_count; i++) {
        const char *arn = user->attached_policies[i];
        const char *slash = strrchr(arn, '/');
        xml_open(body, "member");
        xml_string(body, "PolicyName", slash ? slash + 1 : arn);
        xml_string(body, "PolicyArn", arn);
        xml_close(body, "member");
    }
    xml_close(body, "AttachedManagedPolicies");
    if (user->permissions_boundary) {
        xml_open(body, "PermissionsBoundary");
        xml_string(body, "PermissionsBoundaryType", "Policy");
        xml_string(body, "PermissionsBoundaryArn", user->permissions_boundary);
        xml_close(body, "PermissionsBoundary");
    }
}

/* Writes an inline policy for some users, which clients must be able to skip. */
static void write_inline_policy(struct buffer *body, const struct user *user)
{
    if (random_of_bytes(5, user->id, strlen(user->id)) % 40 != 0)
        return;
    xml_open(body, "UserPolicyList");
    xml_open(body, "member");
    xml_string(body, "PolicyName", "inline");
    xml_string(body, "PolicyDocument", INLINE_POLICY);
    xml_close(body, "member");
    xml_close(body, "UserPolicyList");
}

void iam_get_account_authorization_details(struct call *call)
{
    struct page page;
    struct arena arena = {0};
    struct buffer *body = &call->http.reply.body;
    size_t count = wants_users(call) ? call->account.user_count : 0;
    if (page_read(call, &page) != 0)
        return;
    iam_begin(call);
    xml_open(body, "UserDetailList");
    size_t index = page.offset < count ? page.offset : count;
    for (size_t taken = 0; index < count && taken < page.limit; index++) {
        struct user user;
        arena_clear(&arena);
        world_user(&call->sim->world, &call->account, index, &arena, &user);
        if (iam_user_hidden(call, &user))
            continue;
        taken++;
        xml_open(body, "member");
        iam_write_user(call, &user);
        write_inline_policy(body, &user);
        write_groups(body, &user);
        write_policies(body, &user);
        iam_write_tags(call, &user, 0, user.tag_count);
        xml_close(body, "member");
    }
    xml_close(body, "UserDetailList");
    buffer_add_text(body, "<GroupDetailList/><RoleDetailList/><Policies/>");
    page_write(call, &page, index < count, index);
    iam_end(call);
    arena_release(&arena);
}
