/* SPDX-License-Identifier: MIT */
#include "services/iam_policy.h"

#include "services/call.h"
#include "services/sim.h"
#include "wire/xml.h"
#include "world/aws_policy.h"

#include <stdlib.h>
#include <string.h>

static struct policy_use *find_use(const struct policy_uses *uses, const char *arn)
{
    for (size_t i = 0; i < uses->count; i++)
        if (strcmp(uses->items[i].arn, arn) == 0)
            return &uses->items[i];
    return NULL;
}

static struct policy_use *use_of(struct call *call, struct policy_uses *uses, const char *arn)
{
    struct policy_use *use = find_use(uses, arn);
    if (use)
        return use;
    if (uses->count == uses->room) {
        struct policy_use *items = uses->items;
        uses->room = uses->room ? 2 * uses->room : 32;
        uses->items = arena_alloc(&call->http.arena, uses->room * sizeof(*items));
        if (uses->count > 0)
            memcpy(uses->items, items, uses->count * sizeof(*items));
    }
    use = &uses->items[uses->count++];
    *use = (struct policy_use){.arn = text_copy(&call->http.arena, arn)};
    uses->of_aws += aws_policy_is(arn);
    return use;
}

static void add_attached(struct call *call, struct policy_uses *uses, const char *const *arns,
                         size_t count)
{
    for (size_t i = 0; i < count; i++)
        use_of(call, uses, arns[i])->attachments++;
}

static int order_uses(const void *a, const void *b)
{
    const struct policy_use *one = a;
    const struct policy_use *other = b;
    bool of_aws = aws_policy_is(one->arn);
    if (of_aws != aws_policy_is(other->arn))
        return of_aws ? -1 : 1;
    return strcmp(one->arn, other->arn);
}

void policy_uses_count(struct call *call, const struct entities *entities, struct policy_uses *uses)
{
    struct arena arena = {0};
    *uses = (struct policy_uses){0};
    for (size_t i = 0; i < call->account.user_count; i++) {
        struct user user;
        arena_clear(&arena);
        world_user(&call->sim->world, &call->account, i, &arena, &user);
        add_attached(call, uses, user.attached_policies, user.attached_policy_count);
        if (user.permissions_boundary)
            use_of(call, uses, user.permissions_boundary)->boundaries++;
    }
    for (size_t i = 0; i < entities->group_count; i++)
        add_attached(call, uses, entities->groups[i].attached_policies,
                     entities->groups[i].attached_policy_count);
    for (size_t i = 0; i < entities->role_count; i++)
        add_attached(call, uses, entities->roles[i].attached_policies,
                     entities->roles[i].attached_policy_count);
    if (uses->count > 0)
        qsort(uses->items, uses->count, sizeof(*uses->items), order_uses);
    arena_release(&arena);
}

void iam_policy_write_document(struct buffer *body, const char *element, const char *document)
{
    xml_open(body, element);
    form_encode(body, document, strlen(document), 0);
    xml_close(body, element);
}

void iam_policy_write_inline(struct buffer *body, const char *element,
                             const struct inline_policy *policies, size_t count)
{
    xml_open(body, element);
    for (size_t i = 0; i < count; i++) {
        xml_open(body, "member");
        xml_string(body, "PolicyName", policies[i].name);
        iam_policy_write_document(body, "PolicyDocument", policies[i].document);
        xml_close(body, "member");
    }
    xml_close(body, element);
}

void iam_policy_write_attached(struct buffer *body, const char *const *arns, size_t count)
{
    xml_open(body, "AttachedManagedPolicies");
    for (size_t i = 0; i < count; i++) {
        const char *slash = strrchr(arns[i], '/');
        xml_open(body, "member");
        xml_string(body, "PolicyName", slash ? slash + 1 : arns[i]);
        xml_string(body, "PolicyArn", arns[i]);
        xml_close(body, "member");
    }
    xml_close(body, "AttachedManagedPolicies");
}

static void write_versions(struct buffer *body, const struct managed_policy *policy)
{
    xml_open(body, "PolicyVersionList");
    for (size_t i = 0; i < policy->version_count; i++) {
        const struct policy_version *version = &policy->versions[i];
        xml_open(body, "member");
        iam_policy_write_document(body, "Document", version->document);
        xml_string(body, "VersionId", version->id);
        xml_bool(body, "IsDefaultVersion", strcmp(version->id, policy->default_version) == 0);
        xml_moment(body, "CreateDate", version->created);
        xml_close(body, "member");
    }
    xml_close(body, "PolicyVersionList");
}

void iam_policy_write(struct call *call, const struct managed_policy *policy,
                      const struct policy_uses *uses)
{
    struct buffer *body = &call->http.reply.body;
    const struct policy_use *use = find_use(uses, policy->arn);
    xml_open(body, "member");
    xml_string(body, "PolicyName", policy->name);
    xml_string(body, "PolicyId", policy->id);
    xml_string(body, "Arn", policy->arn);
    xml_string(body, "Path", policy->path);
    xml_string(body, "DefaultVersionId", policy->default_version);
    xml_number(body, "AttachmentCount", use ? (int64_t)use->attachments : 0);
    xml_number(body, "PermissionsBoundaryUsageCount", use ? (int64_t)use->boundaries : 0);
    xml_bool(body, "IsAttachable", true);
    xml_string(body, "Description", policy->description);
    xml_moment(body, "CreateDate", policy->created);
    xml_moment(body, "UpdateDate", policy->updated);
    write_versions(body, policy);
    xml_close(body, "member");
}

void iam_policy_write_of_aws(struct call *call, const struct policy_uses *uses, size_t index)
{
    struct managed_policy policy;
    aws_policy_fill(uses->items[index].arn, &call->http.arena, &policy);
    iam_policy_write(call, &policy, uses);
}
