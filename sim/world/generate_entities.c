/* SPDX-License-Identifier: MIT */
/* The groups, roles and managed policies of a generated account. */
#include "wire/moment.h"
#include "wire/text.h"
#include "world/generate.h"
#include "world/random.h"
#include "world/world.h"

#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof(*(list)))
#define SALT_GROUP  401

#define STATEMENT(inside) "{\"Version\":\"2012-10-17\",\"Statement\":[{" inside "}]}"
#define ALLOW_ALL         STATEMENT("\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"")
#define ALLOW_S3          STATEMENT("\"Effect\":\"Allow\",\"Action\":\"s3:Get*\",\"Resource\":\"*\"")

const char *const generate_group_names[GENERATED_GROUPS] = {
    "Admins",   "Developers", "ReadOnly",     "Billing",
    "Auditors", "Ops+OnCall", "data.science", "Support"};

/*
 * What a group has: a policy of AWS ("aws:NAME") or of the account, in so many accounts of a
 * thousand, and in the others another one.
 */
struct group_row {
    const char *policy;
    unsigned per_mille;
    const char *otherwise;     /* NULL: nothing */
    const char *inline_policy; /* NULL: none */
    const char *inline_content;
};

static const struct group_row group_rows[GENERATED_GROUPS] = {
    {"aws:AdministratorAccess", 800, "aws:PowerUserAccess", NULL, NULL},
    {"aws:PowerUserAccess", 700, "aws:ReadOnlyAccess", "deploy",
     STATEMENT("\"Effect\":\"Allow\",\"Action\":\"codedeploy:*\",\"Resource\":\"*\"")},
    {"aws:ReadOnlyAccess", 1000, NULL, NULL, NULL},
    {"aws:job-function/Billing", 1000, NULL, NULL, NULL},
    {"aws:SecurityAudit", 1000, NULL, NULL, NULL},
    {"ops/on-call", 600, NULL, NULL, NULL},
    {"data-lake", 1000, NULL, NULL, NULL},
    {"aws:IAMFullAccess", 200, "break-glass", NULL, NULL},
};

/* The account's own policies. The oldest document comes first; the last one is in force unless
   'in_force' names another. */
struct policy_row {
    const char *path;
    const char *name;
    const char *documents[3];
    size_t document_count;
    const char *in_force;
};

static const struct policy_row policy_rows[] = {
    {"/boundary/",
     "developers",
     {STATEMENT("\"Effect\":\"Allow\",\"NotAction\":\"iam:*\","
                "\"Resource\":\"*\"")},
     1,
     NULL},
    {"/", "break-glass", {ALLOW_ALL}, 1, NULL},
    /* It allowed everything once, and no longer. */
    {"/", "data-lake", {ALLOW_ALL, ALLOW_S3, ALLOW_S3}, 3, NULL},
    {"/ops/",
     "on-call",
     {STATEMENT("\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\","
                "\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":"
                "\"192.0.2.0/24\"}}")},
     1,
     NULL},
    /* It would allow everything if its newest version were in force. */
    {"/", "never-attached", {ALLOW_S3, ALLOW_ALL}, 2, "v1"},
};

static const char *policy_arn(const struct world *world, const struct account *account,
                              const char *policy, struct arena *arena)
{
    bool of_aws = strncmp(policy, "aws:", 4) == 0;
    return text_format(arena, "arn:%s:iam::%s:policy/%s", world->shape.partition,
                       of_aws ? "aws" : account->id, of_aws ? policy + 4 : policy);
}

static void generate_group(const struct world *world, const struct account *account, size_t number,
                           struct arena *arena, struct group *group)
{
    const struct group_row *row = &group_rows[number];
    uint64_t dice =
        random_mix(random_mix(random_mix(world->shape.seed, account->index), SALT_GROUP), number);
    const char *policy = random_chance(dice, row->per_mille) ? row->policy : row->otherwise;
    *group = (struct group){
        .name = generate_group_names[number], .path = "/", .created = account->joined};
    if (policy) {
        group->attached_policies = arena_alloc(arena, sizeof(char *));
        group->attached_policies[0] = policy_arn(world, account, policy, arena);
        group->attached_policy_count = 1;
    }
    if (row->inline_policy) {
        group->inline_policies = arena_alloc(arena, sizeof(*group->inline_policies));
        group->inline_policies[0] = (struct inline_policy){row->inline_policy, row->inline_content};
        group->inline_policy_count = 1;
    }
}

bool generate_group_find(const struct world *world, const struct account *account, const char *name,
                         struct arena *arena, struct group *group)
{
    for (size_t i = 0; i < GENERATED_GROUPS; i++) {
        if (strcmp(generate_group_names[i], name) != 0)
            continue;
        generate_group(world, account, i, arena, group);
        return true;
    }
    return false;
}

static void generate_policy(const struct world *world, const struct account *account,
                            const struct policy_row *row, struct arena *arena,
                            struct managed_policy *policy)
{
    *policy = (struct managed_policy){.name = row->name,
                                      .path = row->path,
                                      .id = unique_id(arena, "ANPA", account->id, row->name),
                                      .arn = text_format(arena, "arn:%s:iam::%s:policy%s%s",
                                                         world->shape.partition, account->id,
                                                         row->path, row->name),
                                      .created = account->joined,
                                      .version_count = row->document_count};
    policy->versions = arena_alloc(arena, row->document_count * sizeof(*policy->versions));
    for (size_t i = 0; i < row->document_count; i++) {
        size_t age = row->document_count - 1 - i;
        policy->versions[i] =
            (struct policy_version){text_format(arena, "v%zu", age + 1), row->documents[age],
                                    account->joined + (int64_t)age * SECONDS_A_DAY};
    }
    policy->updated = policy->versions[0].created;
    policy->default_version = row->in_force ? row->in_force : policy->versions[0].id;
}

/* The role that Organizations makes in an account, and the one that its own work needs. */
static void generate_roles(const struct world *world, const struct account *account,
                           struct arena *arena, struct entities *entities)
{
    struct account management;
    world_account(world, world->management, arena, &management);
    entities->role_count = 2;
    entities->roles = arena_alloc(arena, 2 * sizeof(*entities->roles));
    const char **attached = arena_alloc(arena, 2 * sizeof(char *));
    attached[0] = policy_arn(world, account, "aws:AdministratorAccess", arena);
    attached[1] = policy_arn(world, account,
                             "aws:aws-service-role/AWSOrganizationsServiceTrustPolicy", arena);
    entities->roles[0] = (struct role){
        .name = "OrganizationAccountAccessRole",
        .path = "/",
        .id = unique_id(arena, "AROA", account->id, "OrganizationAccountAccessRole"),
        .created = account->joined,
        .trust = text_format(arena,
                             STATEMENT("\"Effect\":\"Allow\",\"Principal\":{\"AWS\":"
                                       "\"arn:%s:iam::%s:root\"},\"Action\":\"sts:AssumeRole\""),
                             world->shape.partition, management.id),
        .attached_policies = attached,
        .attached_policy_count = 1};
    entities->roles[1] = (struct role){
        .name = "AWSServiceRoleForOrganizations",
        .path = "/aws-service-role/organizations.amazonaws.com/",
        .id = unique_id(arena, "AROA", account->id, "AWSServiceRoleForOrganizations"),
        .created = account->joined,
        .trust = STATEMENT("\"Effect\":\"Allow\",\"Principal\":{\"Service\":"
                           "\"organizations.amazonaws.com\"},\"Action\":\"sts:AssumeRole\""),
        .attached_policies = attached + 1,
        .attached_policy_count = 1};
}

void generate_entities(const struct world *world, const struct account *account,
                       struct arena *arena, struct entities *entities)
{
    *entities =
        (struct entities){.group_count = GENERATED_GROUPS, .policy_count = COUNT(policy_rows)};
    entities->groups = arena_alloc(arena, GENERATED_GROUPS * sizeof(*entities->groups));
    for (size_t i = 0; i < GENERATED_GROUPS; i++)
        generate_group(world, account, i, arena, &entities->groups[i]);
    entities->policies = arena_alloc(arena, COUNT(policy_rows) * sizeof(*entities->policies));
    for (size_t i = 0; i < COUNT(policy_rows); i++)
        generate_policy(world, account, &policy_rows[i], arena, &entities->policies[i]);
    generate_roles(world, account, arena, entities);
    if (!account->root_has_mfa)
        return;
    entities->spare_devices = arena_alloc(arena, sizeof(char *));
    entities->spare_devices[0] = text_format(arena, "arn:%s:iam::%s:mfa/never-assigned",
                                             world->shape.partition, account->id);
    entities->spare_device_count = 1;
}
