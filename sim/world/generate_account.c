/* SPDX-License-Identifier: MIT */
#include "world/generate.h"

#include "wire/moment.h"
#include "wire/text.h"
#include "world/action.h"
#include "world/random.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ACCOUNT_ID_FIRST  10000000000ULL
#define ACCOUNT_ID_SPAN   980000000000ULL
#define ACCOUNT_USERS_MAX 5000 /* the IAM quota */
#define UNITS_MAX         200
#define REPORT_AGE_MIN    300
#define PASSWORD_DAYS     90
#define REPORT_AGE_MAX    13800 /* less than the four hours for which IAM keeps a report */

/* Each property of an account has its own number, so that adding one does not change the others. */
enum {
    SALT_ID = 1,
    SALT_USERS,
    SALT_USERS_ROUND,
    SALT_STATE,
    SALT_ALIAS,
    SALT_UNIT,
    SALT_REPORT,
    SALT_JOINED,
    SALT_ROOT_MFA,
    SALT_REPORT_ONLY,
    SALT_ORGANIZATION,
    SALT_UNIT_ID,
    SALT_PASSWORD_POLICY,
};

static const char *const divisions[] = {"Payments", "Logistics", "Data",     "Platform",
                                        "Mobile",   "Retail",    "Research", "Security",
                                        "Finance",  "Media",     "Network",  "Legal & Risk"};
static const char *const stages[] = {"Production", "Staging", "Development", "Sandbox", "Shared"};

static uint64_t account_number(const struct world *world, size_t index, uint64_t salt)
{
    return random_mix(random_mix(world->shape.seed, index), salt);
}

static void lower_alphanumeric(uint64_t number, size_t len, char *out)
{
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    for (size_t i = 0; i < len; i++) {
        out[i] = digits[number % 36];
        number = random_mix(number, i);
    }
    out[len] = '\0';
}

void generate_organization(struct world *world)
{
    char random[8];
    uint64_t number = random_mix(world->shape.seed, SALT_ORGANIZATION);
    world->account_count = world->shape.accounts;
    world->unit_count = 2 + world->shape.accounts / 15;
    if (world->unit_count > UNITS_MAX)
        world->unit_count = UNITS_MAX;
    lower_alphanumeric(number, 6, random);
    snprintf(world->organization_id, sizeof(world->organization_id), "o-sim%s1", random);
    lower_alphanumeric(random_mix(number, 1), 4, random);
    snprintf(world->root_id, sizeof(world->root_id), "r-%s", random);
}

static uint64_t account_id_step(const struct world *world)
{
    return ACCOUNT_ID_SPAN / (world->account_count ? world->account_count : 1);
}

static uint64_t account_id(const struct world *world, size_t index)
{
    uint64_t step = account_id_step(world);
    return ACCOUNT_ID_FIRST + index * step +
           random_below(account_number(world, index, SALT_ID), step);
}

size_t generate_account_find(const struct world *world, const char *id)
{
    if (strlen(id) != ACCOUNT_ID_SIZE - 1 || strspn(id, "0123456789") != ACCOUNT_ID_SIZE - 1)
        return WORLD_NOT_FOUND;
    uint64_t number = strtoull(id, NULL, 10);
    if (number < ACCOUNT_ID_FIRST)
        return WORLD_NOT_FOUND;
    size_t index = (size_t)((number - ACCOUNT_ID_FIRST) / account_id_step(world));
    if (index >= world->account_count || account_id(world, index) != number)
        return WORLD_NOT_FOUND;
    return index;
}

/*
 * A fraction that is spread evenly over the indices (a Weyl sequence), so that shares are right in
 * small worlds too.
 */
static double account_place(const struct world *world, size_t index, uint64_t salt)
{
    double place =
        (double)index * 0.6180339887498949 + random_fraction(random_mix(world->shape.seed, salt));
    return place - (double)(uint64_t)place;
}

/*
 * Most accounts are small and a few are large. The large ones are limited to the quota, and the
 * others make up for that.
 */
static size_t account_user_count(const struct world *world, size_t index)
{
    double mean = (double)world->shape.users;
    if (world->shape.users_exact || world->shape.users == 0)
        return world->shape.users;
    double large_high = 25 * mean < ACCOUNT_USERS_MAX ? 25 * mean : ACCOUNT_USERS_MAX;
    double large_low = 8 * mean < 0.6 * large_high ? 8 * mean : 0.6 * large_high;
    double rest = (mean - 0.02 * (large_low + large_high) / 2) / (0.67 * mean);
    double place = account_place(world, index, SALT_USERS);
    double within = random_fraction(account_number(world, index, SALT_USERS));
    double count;
    if (place < 0.60)
        count = rest * mean * 0.5 * within;
    else if (place < 0.90)
        count = rest * mean * (0.5 + within);
    else if (place < 0.98)
        count = rest * mean * (1.5 + 2.5 * within);
    else
        count = large_low + (large_high - large_low) * within;
    size_t whole = (size_t)count;
    double left = count - (double)whole;
    if (random_fraction(account_number(world, index, SALT_USERS_ROUND)) < left)
        whole++;
    return whole < ACCOUNT_USERS_MAX ? whole : ACCOUNT_USERS_MAX;
}

static const char *account_state(const struct world *world, size_t index)
{
    double place = account_place(world, index, SALT_STATE);
    if (index == 0 || world->shape.all_active || place >= 0.046)
        return "ACTIVE";
    if (place < 0.035)
        return "SUSPENDED";
    return place < 0.039 ? "PENDING_CLOSURE" : place < 0.042 ? "CLOSED" : "PENDING_ACTIVATION";
}

static void account_names(const struct world *world, size_t index, struct arena *arena,
                          struct account *account)
{
    uint64_t number = account_number(world, index, SALT_ALIAS);
    size_t division = (size_t)random_below(number, sizeof(divisions) / sizeof(*divisions));
    size_t stage = (size_t)random_below(random_mix(number, 1), sizeof(stages) / sizeof(*stages));
    account->name =
        index == 0 ? "Management"
                   : text_format(arena, "%s %s %zu", divisions[division], stages[stage], index);
    account->email = text_format(arena, "aws+%zu@simulated.example", index);
    if (random_below(random_mix(number, 2), 100) < 85) {
        char word[16] = {0};
        for (size_t i = 0; i < sizeof(word) - 1 && divisions[division][i] > ' '; i++)
            word[i] = (char)(divisions[division][i] | 0x20);
        account->alias = text_format(arena, "sim-%s-%zu", word, index);
    }
}

void generate_account(const struct world *world, size_t index, struct arena *arena,
                      struct account *account)
{
    int64_t now = world->shape.now;
    uint64_t unit = random_below(account_number(world, index, SALT_UNIT), world->unit_count + 1);
    *account = (struct account){.index = index, .allowed = world->shape.allowed};
    /*
     * Callers may assume other roles through one in the management account, so only IAM actions are
     * limited there.
     */
    if (index == world->management)
        account->allowed |= action_all() & ~action_match("iam:*");
    snprintf(account->id, sizeof(account->id), "%012" PRIu64, account_id(world, index));
    account_names(world, index, arena, account);
    account->state = account_state(world, index);
    account->joined =
        now - SECONDS_A_DAY *
                  (int64_t)(30 + random_below(account_number(world, index, SALT_JOINED), 3000));
    account->unit = index == 0 || unit == world->unit_count ? WORLD_ROOT : (size_t)unit;
    account->user_count = account_user_count(world, index);
    if (account->user_count >= 20)
        account->report_only_count =
            (size_t)random_below(account_number(world, index, SALT_REPORT_ONLY), 3);
    account->report_time = now - REPORT_AGE_MIN -
                           (int64_t)random_below(account_number(world, index, SALT_REPORT),
                                                 REPORT_AGE_MAX - REPORT_AGE_MIN);
    if (account_number(world, index, SALT_PASSWORD_POLICY) % 4 == 0)
        account->password_policy.max_age_days = PASSWORD_DAYS;
    generate_password_policy(world, index, &account->password_policy);
    account->root_has_mfa = account_number(world, index, SALT_ROOT_MFA) % 3 != 0;
}

void generate_unit(const struct world *world, size_t index, struct arena *arena, struct unit *unit)
{
    char random[9];
    lower_alphanumeric(random_mix(random_mix(world->shape.seed, SALT_UNIT_ID), index), 8, random);
    unit->id = text_format(arena, "ou-%s-%s", world->root_id + 2, random);
    unit->name = text_format(arena, "%s %zu", divisions[index % 12], index);
    /* Three children for each unit: 200 units stay within the five levels that AWS allows. */
    unit->parent = index < 4 ? WORLD_ROOT : (index - 1) / 3 - 1;
}
