/* SPDX-License-Identifier: MIT */
#include "world/generate.h"

#include "wire/moment.h"
#include "wire/text.h"
#include "world/random.h"

#include <stdio.h>
#include <string.h>

#define COUNT(list)      (sizeof(list) / sizeof(*(list)))
#define KEY_ACCOUNT_BITS 20
#define KEY_CHECK_MASK   0xFFFFFFFFFULL
#define USER_TAGS_MAX    50

enum {
    SALT_NAME = 101,
    SALT_CREATED,
    SALT_TAGS,
    SALT_GROUPS,
    SALT_KEYS,
    SALT_KEY_DATES,
    SALT_PASSWORD,
    SALT_MFA,
    SALT_CERTIFICATES,
    SALT_BOUNDARY,
    SALT_POLICIES,
    SALT_AFTER_REPORT,
    SALT_KEY_ID,
    SALT_USER_ID,
};

static const char *const first_names[] = {
    "maria", "wei",   "olga", "james", "amara", "luis", "yuki", "fatima", "noah", "ingrid",
    "kofi",  "priya", "sven", "chloe", "omar",  "elif", "ivan", "zoe",    "tom",  "hana"};
static const char *const last_names[] = {
    "garcia", "zhang", "ivanova", "smith",  "okafor",  "fernandez", "tanaka", "haddad",
    "brown",  "berg",  "mensah",  "sharma", "nilsson", "dubois",    "farouk", "kaya"};
static const char *const jobs[] = {"backup",   "deploy", "terraform", "billing", "grafana",
                                   "ses-smtp", "ci",     "etl",       "vault",   "legacy-app"};
static const char *const paths[] = {"/division/engineering/", "/service/", "/contractors/",
                                    "/a/b/c/"};
static const char *const tag_keys[] = {
    "team", "owner",      "cost-center", "env",        "Department", "e-mail",
    "note", "ticket",     "Project",     "data class", "expires",    "region",
    "lang", "created-by", "Büro",        "rotation",   "manager",    "criticality"};
static const char *const tag_values[] = {"core",
                                         "payments, EMEA",
                                         "the \"old\" one",
                                         "Zoë Müller",
                                         "4711",
                                         "",
                                         "a<b & c>d",
                                         "東京 本社",
                                         "production",
                                         "=SUM(A1:A9)",
                                         "back\\slash",
                                         "two\nlines",
                                         "owner@example.com",
                                         "🔑 rotate",
                                         " padded "};
static const char *const services[] = {"s3", "ec2", "iam", "sts", "dynamodb", "lambda", "ses"};
static const char *const regions[] = {"us-east-1", "eu-central-1", "us-west-2", "ap-northeast-1"};

static uint64_t user_number(const struct world *world, const struct account *account, size_t index,
                            uint64_t salt)
{
    return random_mix(random_mix(random_mix(world->shape.seed, account->index), index), salt);
}

/*
 * The only digits in a name are the user's index, so that the user can be found by name. Some names
 * begin with a character that makes spreadsheets run them as a formula.
 */
static const char *user_name(const struct world *world, const struct account *account, size_t index,
                             struct arena *arena)
{
    uint64_t number = user_number(world, account, index, SALT_NAME);
    const char *first = first_names[random_below(random_mix(number, 1), COUNT(first_names))];
    const char *last = last_names[random_below(random_mix(number, 2), COUNT(last_names))];
    const char *job = jobs[random_below(random_mix(number, 3), COUNT(jobs))];
    uint64_t kind = random_below(number, 100);
    if (kind < 50)
        return text_format(arena, "%s.%s%zu", first, last, index);
    if (kind < 70)
        return text_format(arena, "svc-%s-%zu", job, index);
    if (kind < 82)
        return text_format(arena, "%s+aws%zu@example.com", first, index);
    if (kind < 90)
        return text_format(arena, "%c%s_%s%zu", last[0] & ~0x20, last + 1, first, index);
    switch (kind) {
    case 90:
        return text_format(arena, "=%s%zu", first, index);
    case 91:
        return text_format(arena, "+%s%zu", job, index);
    case 92:
        return text_format(arena, "-%s-%zu-", job, index);
    case 93:
        return text_format(arena, "@%s%zu", last, index);
    case 94:
        return text_format(arena, "%s,%s%zu", last, first, index);
    case 95:
        return text_format(arena, "%zu", index);
    default:
        return text_format(arena, "%s=%zu,%s@%s", job, index, first, last);
    }
}

static void user_key_id(const struct world *world, const struct account *account, size_t index,
                        size_t slot, char *out)
{
    uint64_t high = (uint64_t)account->index << KEY_ACCOUNT_BITS | index;
    uint64_t low =
        (uint64_t)slot << 36 |
        (random_mix(user_number(world, account, index, SALT_KEY_ID), slot) & KEY_CHECK_MASK);
    random_scramble(world->shape.seed, &high, &low);
    memcpy(out, "AKIA", 4);
    random_base32(high, low, out + 4);
}

static void user_tags(uint64_t number, struct arena *arena, struct user *user)
{
    uint64_t kind = random_below(number, 1000);
    uint64_t pick = random_mix(number, 7);
    size_t count = kind < 300   ? 0
                   : kind < 800 ? 1 + (size_t)random_below(pick, 4)
                   : kind < 990 ? 5 + (size_t)random_below(pick, 6)
                                : 11 + (size_t)random_below(pick, USER_TAGS_MAX - 10);
    bool describe_key = user->key_count > 0 && random_chance(random_mix(number, 8), 150);
    if (describe_key && count < USER_TAGS_MAX)
        count++;
    user->tags = arena_alloc(arena, count * sizeof(*user->tags) + 1);
    user->tag_count = count;
    size_t first = (size_t)random_below(random_mix(number, 9), COUNT(tag_keys));
    for (size_t i = 0; i < count; i++) {
        size_t place = (first + 7 * i) % COUNT(tag_keys);
        uint64_t value = random_below(random_mix(number, 20 + i), COUNT(tag_values));
        user->tags[i].value = tag_values[value];
        user->tags[i].key = i < COUNT(tag_keys) ? tag_keys[place]
                                                : text_format(arena, "%s/%zu", tag_keys[place], i);
    }
    if (describe_key)
        user->tags[count - 1] = (struct tag){user->keys[0].id, "laptop, until the migration"};
}

static size_t user_key_count(uint64_t number, unsigned keys_percent)
{
    if (random_below(number, 100) >= keys_percent)
        return 0;
    uint64_t kind = random_below(random_mix(number, 1), 1000);
    return kind < 640 ? 1 : kind < 996 ? 2 : 3;
}

static void user_keys(const struct world *world, const struct account *account, size_t index,
                      struct arena *arena, struct user *user)
{
    uint64_t number = user_number(world, account, index, SALT_KEYS);
    int64_t fresh = world->shape.now - SECONDS_A_DAY;
    user->key_count = user_key_count(number, world->shape.keys_percent);
    user->keys = arena_alloc(arena, user->key_count * sizeof(*user->keys) + 1);
    bool same_second = random_chance(random_mix(number, 2), 50);
    for (size_t slot = 0; slot < user->key_count; slot++) {
        uint64_t dates = random_mix(user_number(world, account, index, SALT_KEY_DATES), slot);
        struct access_key *key = &user->keys[slot];
        char *id = arena_alloc(arena, 21);
        user_key_id(world, account, index, slot, id);
        *key = (struct access_key){.id = id, .last_used = MOMENT_NEVER};
        key->status =
            random_chance(random_mix(dates, 1), slot == 0 ? 850 : 450) ? "Active" : "Inactive";
        key->created = slot > 0 && same_second
                           ? user->keys[0].created
                           : random_between(random_mix(dates, 2), user->created, fresh);
        if (!user->created_after_report && random_chance(random_mix(dates, 3), 750)) {
            key->last_used = random_between(random_mix(dates, 4), key->created, fresh + 3600);
            key->last_used_service = services[random_below(random_mix(dates, 5), COUNT(services))];
            key->last_used_region = regions[random_below(random_mix(dates, 6), COUNT(regions))];
        }
    }
}

static void user_password(uint64_t number, int64_t fresh, struct user *user)
{
    user->password_last_used = MOMENT_NEVER;
    if (user->created_after_report)
        return;
    user->has_password = random_chance(number, 550);
    if (user->has_password) {
        user->password_created = random_between(random_mix(number, 1), user->created,
                                                user->created + (fresh - user->created) / 2);
        user->password_last_changed =
            random_chance(random_mix(number, 2), 400)
                ? user->password_created
                : random_between(random_mix(number, 3), user->password_created, fresh);
    }
    /* The last sign-in is still known after its password was removed. */
    if (random_chance(random_mix(number, 4), user->has_password ? 700 : 60))
        user->password_last_used =
            random_between(random_mix(number, 5),
                           user->has_password ? user->password_created : user->created, fresh);
}

static void user_mfa(const struct world *world, const struct account *account, uint64_t number,
                     struct arena *arena, struct user *user)
{
    const char *partition = world->shape.partition;
    if (user->created_after_report || !random_chance(number, user->has_password ? 600 : 30))
        return;
    size_t count = random_chance(random_mix(number, 1), 60) ? 2 : 1;
    user->mfa = arena_alloc(arena, count * sizeof(*user->mfa));
    user->mfa_count = count;
    for (size_t i = 0; i < count; i++) {
        uint64_t kind = random_below(random_mix(number, 2 + i), 100);
        struct mfa_device *device = &user->mfa[i];
        device->enabled = random_between(random_mix(number, 5 + i), user->created,
                                         world->shape.now - SECONDS_A_DAY);
        device->is_virtual = kind < 80;
        if (kind < 80)
            device->serial = text_format(arena, "arn:%s:iam::%s:mfa/%s%s", partition, account->id,
                                         user->name, i ? "-spare" : "");
        else if (kind < 92)
            device->serial = text_format(arena, "arn:%s:iam::%s:u2f/user/%s/key-%zu", partition,
                                         account->id, user->name, i);
        else
            device->serial =
                text_format(arena, "GAHT%08u", (unsigned)random_mix(number, 9 + i) % 100000000U);
    }
}

static void user_certificates(uint64_t number, int64_t fresh, struct arena *arena,
                              struct user *user)
{
    if (user->created_after_report || !random_chance(number, 25))
        return;
    size_t count = random_chance(random_mix(number, 1), 300) ? 2 : 1;
    if (random_chance(random_mix(number, 2), 30))
        count = 3;
    user->certificates = arena_alloc(arena, count * sizeof(*user->certificates));
    user->certificate_count = count;
    for (size_t i = 0; i < count; i++) {
        char id[17];
        uint64_t mixed = random_mix(number, 10 + i);
        random_base32(mixed >> 24, random_mix(mixed, 1) >> 24, id);
        user->certificates[i].id = text_format(arena, "%s%.8s", id, id);
        user->certificates[i].status =
            random_chance(random_mix(number, 20 + i), 700) ? "Active" : "Inactive";
        user->certificates[i].uploaded =
            random_between(random_mix(number, 30 + i), user->created, fresh);
    }
}

static void user_groups(uint64_t number, struct arena *arena, struct user *user)
{
    uint64_t kind = random_below(number, 100);
    user->group_count = kind < 35 ? 0 : kind < 75 ? 1 : kind < 90 ? 2 : 3;
    user->groups = arena_alloc(arena, user->group_count * sizeof(*user->groups) + 1);
    size_t first = (size_t)random_below(random_mix(number, 1), GENERATED_GROUPS);
    for (size_t i = 0; i < user->group_count; i++)
        user->groups[i] = generate_group_names[(first + 3 * i) % GENERATED_GROUPS];
}

static void user_policies(const struct world *world, const struct account *account, uint64_t number,
                          struct arena *arena, struct user *user)
{
    static const char *const managed[] = {"ReadOnlyAccess", "PowerUserAccess",
                                          "job-function/Billing"};
    const char *partition = world->shape.partition;
    uint64_t kind = random_below(number, 100);
    user->attached_policy_count = kind < 60 ? 0 : kind < 88 ? 1 : kind < 97 ? 2 : 3;
    user->attached_policies =
        arena_alloc(arena, user->attached_policy_count * sizeof(*user->attached_policies) + 1);
    size_t first = (size_t)random_below(random_mix(number, 1), 3);
    for (size_t i = 0; i < user->attached_policy_count; i++)
        user->attached_policies[i] =
            text_format(arena, "arn:%s:iam::aws:policy/%s", partition, managed[(first + i) % 3]);
    if (random_chance(random_mix(number, 2), 60))
        user->permissions_boundary =
            text_format(arena, "arn:%s:iam::%s:policy/boundary/developers", partition, account->id);
}

static void user_created(const struct world *world, const struct account *account, size_t index,
                         struct user *user)
{
    uint64_t number = user_number(world, account, index, SALT_CREATED);
    uint64_t after = user_number(world, account, index, SALT_AFTER_REPORT);
    int64_t now = world->shape.now;
    user->deleted_after_report = index >= account->user_count;
    user->created_after_report = !user->deleted_after_report && random_chance(after, 4);
    if (user->created_after_report) {
        user->created = random_between(number, account->report_time + 60, now);
        return;
    }
    /* The square makes new users more frequent than old ones. */
    double share = random_fraction(number);
    int64_t age = (int64_t)(share * share * 3000.0 * SECONDS_A_DAY) + 2 * SECONDS_A_DAY;
    user->created = now - age;
}

void generate_user(const struct world *world, const struct account *account, size_t index,
                   struct arena *arena, struct user *user)
{
    int64_t fresh = world->shape.now - SECONDS_A_DAY;
    uint64_t identity = user_number(world, account, index, SALT_USER_ID);
    *user = (struct user){.name = user_name(world, account, index, arena)};
    char *id = arena_alloc(arena, 22);
    memcpy(id, "AIDA", 4);
    random_base32(identity >> 24, random_mix(identity, 1) >> 24, id + 5);
    id[4] = id[5] == 'Q' ? 'Z' : 'Q';
    user->id = id;
    uint64_t path = random_below(random_mix(identity, 2), 100);
    user->path = path < 80 ? "/" : paths[path % COUNT(paths)];
    user_created(world, account, index, user);
    if (user->created_after_report)
        fresh = user->created;
    user_keys(world, account, index, arena, user);
    user_password(user_number(world, account, index, SALT_PASSWORD), fresh, user);
    user_mfa(world, account, user_number(world, account, index, SALT_MFA), arena, user);
    user_certificates(user_number(world, account, index, SALT_CERTIFICATES), fresh, arena, user);
    user_groups(user_number(world, account, index, SALT_GROUPS), arena, user);
    user_tags(user_number(world, account, index, SALT_TAGS), arena, user);
    user_policies(world, account, user_number(world, account, index, SALT_POLICIES), arena, user);
    generate_credentials(world, account, index, arena, user);
}

bool generate_user_find(const struct world *world, const struct account *account, const char *name,
                        struct arena *arena, struct user *user)
{
    const char *digits = strpbrk(name, "0123456789");
    if (!digits)
        return false;
    size_t index = 0;
    for (; *digits >= '0' && *digits <= '9' && index < WORLD_ACCOUNT_USERS_MAX; digits++)
        index = index * 10 + (size_t)(*digits - '0');
    if (index >= account->user_count)
        return false;
    generate_user(world, account, index, arena, user);
    return strcmp(user->name, name) == 0;
}

bool generate_key_find(const struct world *world, const struct account *account, const char *key_id,
                       struct arena *arena, struct user *user, size_t *slot)
{
    uint64_t high;
    uint64_t low;
    if (strlen(key_id) != 20 || random_from_base32(key_id + 4, &high, &low) != 0)
        return false;
    random_unscramble(world->shape.seed, &high, &low);
    size_t index = (size_t)(high & (((uint64_t)1 << KEY_ACCOUNT_BITS) - 1));
    *slot = (size_t)(low >> 36);
    if (high >> KEY_ACCOUNT_BITS != account->index || index >= account->user_count)
        return false;
    generate_user(world, account, index, arena, user);
    return *slot < user->key_count && strcmp(user->keys[*slot].id, key_id) == 0;
}
