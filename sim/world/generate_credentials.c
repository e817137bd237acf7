/* SPDX-License-Identifier: MIT */
/*
 * Further facts of generated users and accounts. Their numbers are separate from all others, so
 * that the worlds of older seeds stay the same.
 */
#include "wire/moment.h"
#include "wire/text.h"
#include "world/generate.h"
#include "world/random.h"

#include <stdio.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof(*(list)))
#define YEAR        (365 * (int64_t)SECONDS_A_DAY)

enum {
    SALT_INLINE = 301,
    SALT_SERVICE,
    SALT_SSH,
    SALT_ROOT_PASSWORD,
    SALT_ROOT_KEYS,
    SALT_ROOT_DEVICES,
    SALT_ROOT_CERTIFICATES,
    SALT_POLICY,
};

#define STATEMENT(inside) "{\"Version\":\"2012-10-17\",\"Statement\":[{" inside "}]}"

static const struct inline_policy harmless = {
    "inline", STATEMENT("\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"")};

/* Some make their user an administrator, some perhaps, some not. */
static const struct inline_policy powerful[] = {
    {"break-glass", STATEMENT("\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"")},
    {"everything", STATEMENT("\"Effect\":\"Allow\",\"Action\":[\"s3:*\",\"*:*\"],"
                             "\"Resource\":[\"*\"]")},
    {"with-mfa", STATEMENT("\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":"
                           "{\"Bool\":{\"aws:MultiFactorAuthPresent\":\"true\"}}")},
    {"all-but-iam", STATEMENT("\"Effect\":\"Allow\",\"NotAction\":\"iam:*\",\"Resource\":\"*\"")},
    {"one-bucket", STATEMENT("\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":"
                             "\"arn:aws:s3:::one/*\"")},
    {"none", STATEMENT("\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"")},
};

static uint64_t numbers(const struct world *world, const struct account *account, size_t index,
                        uint64_t salt)
{
    return random_mix(random_mix(random_mix(world->shape.seed, account->index), index), salt);
}

static const char *made_id(struct arena *arena, const char *letters, uint64_t number)
{
    char random[17];
    random_base32(number >> 24, random_mix(number, 1) >> 24, random);
    return text_format(arena, "%sQ%s", letters, random);
}

static void inline_policies(uint64_t number, struct arena *arena, struct user *user)
{
    user->inline_policies = arena_alloc(arena, 2 * sizeof(*user->inline_policies));
    if (random_of_bytes(5, user->id, strlen(user->id)) % 40 == 0)
        user->inline_policies[user->inline_policy_count++] = harmless;
    if (random_chance(number, 30))
        user->inline_policies[user->inline_policy_count++] =
            powerful[random_below(random_mix(number, 1), COUNT(powerful))];
}

/* Whether it has a name to sign in with, an alias, or neither, depends on the service. */
static void service_credential(const struct world *world, const struct account *account,
                               uint64_t number, struct arena *arena, const struct user *user,
                               struct service_credential *made)
{
    static const char *const services[] = {"bedrock", "bedrock", "logs", "codecommit", "cassandra"};
    int64_t now = world->shape.now;
    size_t service = random_below(number, COUNT(services));
    bool is_api_key = service < 3;
    *made = (struct service_credential){
        .id = made_id(arena, "ACCA", random_mix(number, 2)),
        .service = text_format(arena, "%s.amazonaws.com", services[service]),
        .status = random_chance(random_mix(number, 3), 800) ? "Active" : "Inactive",
        .created = random_between(random_mix(number, 4), user->created, now),
        .expires = MOMENT_NEVER};
    if (!is_api_key) {
        made->user_name = text_format(arena, "%s-at-%s", user->name, account->id);
        return;
    }
    made->alias = text_format(arena, "%s-at-%s-key", user->name, account->id);
    if (random_chance(random_mix(number, 5), 500)) {
        made->expires = made->created + YEAR;
        if (made->expires <= now)
            made->status = "Expired";
    }
}

static void service_credentials(const struct world *world, const struct account *account,
                                uint64_t number, struct arena *arena, struct user *user)
{
    if (!random_chance(number, 40))
        return;
    size_t count = random_chance(random_mix(number, 1), 200) ? 2 : 1;
    user->service_credentials = arena_alloc(arena, count * sizeof(*user->service_credentials));
    user->service_credential_count = count;
    for (size_t i = 0; i < count; i++)
        service_credential(world, account, random_mix(number, 10 + i), arena, user,
                           &user->service_credentials[i]);
}

static void ssh_keys(const struct world *world, uint64_t number, struct arena *arena,
                     struct user *user)
{
    if (!random_chance(number, 40))
        return;
    size_t count = random_chance(random_mix(number, 1), 200) ? 2 : 1;
    user->ssh_keys = arena_alloc(arena, count * sizeof(*user->ssh_keys));
    user->ssh_key_count = count;
    for (size_t i = 0; i < count; i++)
        user->ssh_keys[i] = (struct certificate){
            .id = made_id(arena, "APKA", random_mix(number, 10 + i)),
            .status = random_chance(random_mix(number, 20 + i), 800) ? "Active" : "Inactive",
            .uploaded =
                random_between(random_mix(number, 30 + i), user->created, world->shape.now)};
}

void generate_credentials(const struct world *world, const struct account *account, size_t index,
                          struct arena *arena, struct user *user)
{
    inline_policies(numbers(world, account, index, SALT_INLINE), arena, user);
    service_credentials(world, account, numbers(world, account, index, SALT_SERVICE), arena, user);
    ssh_keys(world, numbers(world, account, index, SALT_SSH), arena, user);
}

/* A member account that was created in the organization has no password unless one was set. */
static void root_password(const struct world *world, const struct account *account, uint64_t number,
                          struct user *root)
{
    root->password_last_used = MOMENT_NEVER;
    root->has_password =
        account->index == world->management || random_chance(random_mix(number, 1), 250);
    root->password_created = account->joined;
    root->password_last_changed = account->joined;
    if (root->has_password && random_chance(random_mix(number, 2), 600))
        root->password_last_used =
            random_between(random_mix(number, 3), account->joined, world->shape.now);
}

static void root_keys(const struct world *world, uint64_t number, struct arena *arena,
                      struct user *root)
{
    if (!random_chance(number, 60))
        return;
    root->keys = arena_alloc(arena, sizeof(*root->keys));
    root->key_count = 1;
    char random[17];
    random_base32(number >> 24, random_mix(number, 1) >> 24, random);
    *root->keys = (struct access_key){
        .id = text_format(arena, "AKIA%s", random),
        .status = random_chance(random_mix(number, 2), 800) ? "Active" : "Inactive",
        .created = random_between(random_mix(number, 3), root->created, world->shape.now),
        .last_used = MOMENT_NEVER};
    if (random_chance(random_mix(number, 4), 600)) {
        root->keys->last_used =
            random_between(random_mix(number, 5), root->keys->created, world->shape.now);
        root->keys->last_used_service = "s3";
        root->keys->last_used_region = "us-east-1";
    }
}

static void root_devices(const struct world *world, const struct account *account, uint64_t number,
                         struct arena *arena, struct user *root)
{
    const char *partition = world->shape.partition;
    uint64_t kind = random_below(number, 10);
    if (!account->root_has_mfa)
        return;
    root->mfa = arena_alloc(arena, 2 * sizeof(*root->mfa));
    if (kind < 8)
        root->mfa[root->mfa_count++] =
            (struct mfa_device){text_format(arena, "arn:%s:iam::%s:mfa/root-account-mfa-device",
                                            partition, account->id),
                                account->joined, true};
    if (kind >= 7)
        root->mfa[root->mfa_count++] =
            (struct mfa_device){text_format(arena, "arn:%s:iam::%s:u2f/root-account/passkey-%u",
                                            partition, account->id, (unsigned)(number % 1000)),
                                account->joined, false};
}

static void root_certificates(const struct world *world, uint64_t number, struct arena *arena,
                              struct user *root)
{
    if (!random_chance(number, 30))
        return;
    root->certificates = arena_alloc(arena, sizeof(*root->certificates));
    root->certificate_count = 1;
    *root->certificates = (struct certificate){
        .id = text_format(arena, "%.12s%.12s", made_id(arena, "ROOT", number),
                          made_id(arena, "CERT", random_mix(number, 1))),
        .status = random_chance(random_mix(number, 2), 600) ? "Active" : "Inactive",
        .uploaded = random_between(random_mix(number, 3), root->created, world->shape.now)};
}

void generate_root_user(const struct world *world, const struct account *account,
                        struct arena *arena, struct user *root)
{
    size_t none = WORLD_ACCOUNT_USERS_MAX; /* no user has this index */
    *root = (struct user){.created = account->joined};
    root_password(world, account, numbers(world, account, none, SALT_ROOT_PASSWORD), root);
    root_keys(world, numbers(world, account, none, SALT_ROOT_KEYS), arena, root);
    root_devices(world, account, numbers(world, account, none, SALT_ROOT_DEVICES), arena, root);
    root_certificates(world, numbers(world, account, none, SALT_ROOT_CERTIFICATES), arena, root);
}

void generate_password_policy(const struct world *world, size_t index,
                              struct password_policy *policy)
{
    static const unsigned lengths[] = {6, 8, 12, 14, 14, 16};
    static const unsigned reuses[] = {0, 5, 24, 24};
    uint64_t number = random_mix(random_mix(world->shape.seed, index), SALT_POLICY);
    policy->is_set = policy->max_age_days > 0 || random_chance(number, 450);
    if (!policy->is_set)
        return;
    policy->minimum_length = lengths[random_below(random_mix(number, 1), COUNT(lengths))];
    policy->symbols = random_chance(random_mix(number, 2), 600);
    policy->numbers = random_chance(random_mix(number, 3), 700);
    policy->uppercase = random_chance(random_mix(number, 4), 700);
    policy->lowercase = random_chance(random_mix(number, 5), 700);
    policy->change_allowed = random_chance(random_mix(number, 6), 800);
    policy->reuse_prevention = reuses[random_below(random_mix(number, 7), COUNT(reuses))];
    policy->has_hard_expiry = policy->max_age_days > 0;
    policy->hard_expiry = policy->max_age_days > 0 && random_chance(random_mix(number, 8), 200);
}
