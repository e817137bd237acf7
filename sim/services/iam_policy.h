/* SPDX-License-Identifier: MIT */
/* iam_policy.h: policies as GetAccountAuthorizationDetails shows them, and how often each is used.
 */
#ifndef SERVICES_IAM_POLICY_H
#define SERVICES_IAM_POLICY_H

#include "wire/text.h"
#include "world/world.h"

#include <stddef.h>

struct call;

/* Who uses a managed policy. */
struct policy_use {
    const char *arn;
    size_t attachments; /* users, groups and roles that it is attached to */
    size_t boundaries;  /* users whose permissions boundary it is */
};

/* The managed policies in use; those of AWS come first. In the call's arena. */
struct policy_uses {
    struct policy_use *items;
    size_t count;
    size_t of_aws;
    size_t room;
};

/* Counts the uses of all managed policies of the account. */
void policy_uses_count(struct call *call, const struct entities *entities,
                       struct policy_uses *uses);

/* Writes a document URL-encoded (RFC 3986), as IAM returns all documents. */
void iam_policy_write_document(struct buffer *body, const char *element, const char *document);

/* Writes a list of inline policies: UserPolicyList, GroupPolicyList, RolePolicyList. */
void iam_policy_write_inline(struct buffer *body, const char *element,
                             const struct inline_policy *policies, size_t count);

/* Writes AttachedManagedPolicies. */
void iam_policy_write_attached(struct buffer *body, const char *const *arns, size_t count);

/* Writes a member of Policies: a policy, or the one of AWS at this place among those in use. */
void iam_policy_write(struct call *call, const struct managed_policy *policy,
                      const struct policy_uses *uses);
void iam_policy_write_of_aws(struct call *call, const struct policy_uses *uses, size_t index);

#endif
