/* SPDX-License-Identifier: MIT */
/* GetAccountSummary and GetAccountPasswordPolicy. */
#include "services/call.h"
#include "services/failure.h"
#include "services/iam.h"
#include "services/services.h"
#include "services/sim.h"
#include "wire/xml.h"

#include <string.h>

/* What of an account is counted. */
struct counts {
    size_t users;
    size_t devices;
    size_t devices_in_use;
    size_t policy_versions;
    struct user root;
    struct entities entities;
};

static void count_account(struct call *call, struct counts *counts)
{
    const struct world *world = &call->sim->world;
    struct arena arena = {0};
    *counts = (struct counts){0};
    world_root_user(world, &call->account, &call->http.arena, &counts->root);
    world_entities(world, &call->account, &call->http.arena, &counts->entities);
    counts->devices_in_use = counts->root.mfa_count;
    for (size_t i = 0; i < call->account.user_count; i++) {
        struct user user;
        arena_clear(&arena);
        world_user(world, &call->account, i, &arena, &user);
        if (iam_user_hidden(call, &user))
            continue;
        counts->users++;
        counts->devices_in_use += user.mfa_count;
    }
    counts->devices = counts->devices_in_use + counts->entities.spare_device_count;
    for (size_t i = 0; i < counts->entities.policy_count; i++)
        counts->policy_versions += counts->entities.policies[i].version_count;
    arena_release(&arena);
}

static bool is_left_out(const struct account *account, const char *name)
{
    for (size_t i = 0; i < account->summary_lack_count; i++)
        if (strcmp(account->summary_lacks[i], name) == 0)
            return true;
    return false;
}

struct entry {
    const char *name;
    size_t value;
};

static void write_entries(struct call *call, const struct entry *entries, size_t count)
{
    struct buffer *body = &call->http.reply.body;
    for (size_t i = 0; i < count; i++) {
        if (is_left_out(&call->account, entries[i].name))
            continue;
        xml_open(body, "entry");
        xml_string(body, "key", entries[i].name);
        xml_number(body, "value", (int64_t)entries[i].value);
        xml_close(body, "entry");
    }
}

/* The quotas of an account for which none was raised. */
static const struct entry quotas[] = {
    {"UsersQuota", 5000},
    {"GroupsQuota", 300},
    {"ServerCertificates", 0},
    {"ServerCertificatesQuota", 20},
    {"UserPolicySizeQuota", 2048},
    {"GroupPolicySizeQuota", 5120},
    {"GroupsPerUserQuota", 10},
    {"SigningCertificatesPerUserQuota", 2},
    {"AccessKeysPerUserQuota", 2},
    {"AttachedPoliciesPerGroupQuota", 10},
    {"AttachedPoliciesPerRoleQuota", 10},
    {"AttachedPoliciesPerUserQuota", 10},
    {"PoliciesQuota", 1500},
    {"PolicySizeQuota", 6144},
    {"PolicyVersionsInUseQuota", 10000},
    {"VersionsPerPolicyQuota", 5},
    {"GlobalEndpointTokenVersion", 1},
    {"AssumeRolePolicySizeQuota", 2048},
    {"InstanceProfiles", 0},
    {"InstanceProfilesQuota", 1000},
    {"Providers", 0},
    {"RolePolicySizeQuota", 10240},
    {"RolesQuota", 1000},
};

void iam_get_account_summary(struct call *call)
{
    struct buffer *body = &call->http.reply.body;
    struct counts counts;
    count_account(call, &counts);
    const struct entry entries[] = {
        {"Users", counts.users},
        {"Groups", counts.entities.group_count},
        {"Roles", counts.entities.role_count},
        {"Policies", counts.entities.policy_count},
        {"PolicyVersionsInUse", counts.policy_versions},
        {"MFADevices", counts.devices},
        {"MFADevicesInUse", counts.devices_in_use},
        {"AccountMFAEnabled", counts.root.mfa_count > 0},
        {"AccountAccessKeysPresent", counts.root.key_count > 0},
        {"AccountPasswordPresent", counts.root.has_password},
        {"AccountSigningCertificatesPresent", counts.root.certificate_count > 0},
    };
    iam_begin(call);
    xml_open(body, "SummaryMap");
    write_entries(call, entries, sizeof(entries) / sizeof(*entries));
    write_entries(call, quotas, sizeof(quotas) / sizeof(*quotas));
    xml_close(body, "SummaryMap");
    iam_end(call);
}

/* In the order of AWS's example. What is not set has no element. */
void iam_get_account_password_policy(struct call *call)
{
    const struct password_policy *policy = &call->account.password_policy;
    struct buffer *body = &call->http.reply.body;
    if (!policy->is_set) {
        failure_answer(call, FAILURE_NO_SUCH_ENTITY,
                       "The Password Policy with domain name %s cannot be found.",
                       call->account.id);
        return;
    }
    iam_begin(call);
    xml_open(body, "PasswordPolicy");
    xml_bool(body, "AllowUsersToChangePassword", policy->change_allowed);
    xml_bool(body, "RequireUppercaseCharacters", policy->uppercase);
    xml_bool(body, "RequireSymbols", policy->symbols);
    xml_bool(body, "ExpirePasswords", policy->max_age_days > 0);
    if (policy->reuse_prevention > 0)
        xml_number(body, "PasswordReusePrevention", policy->reuse_prevention);
    xml_bool(body, "RequireLowercaseCharacters", policy->lowercase);
    if (policy->max_age_days > 0)
        xml_number(body, "MaxPasswordAge", policy->max_age_days);
    if (policy->has_hard_expiry)
        xml_bool(body, "HardExpiry", policy->hard_expiry);
    xml_bool(body, "RequireNumbers", policy->numbers);
    xml_number(body, "MinimumPasswordLength", policy->minimum_length);
    xml_close(body, "PasswordPolicy");
    iam_end(call);
}
