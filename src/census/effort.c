/* SPDX-License-Identifier: MIT */
#include "census/effort.h"

/*
 * A user who has everything and one who has nothing, as a credential report shows them. Each needs
 * calls that the other does not: only ListUsers, for example, has the sign-ins of users without a
 * password.
 */
static const struct report_line has_all = {
    .password = SAID_TRUE, .mfa = SAID_TRUE, .has_key = true, .has_certificate = true};
static const struct report_line has_none = {.password = SAID_FALSE, .mfa = SAID_FALSE};

/* For what percentage of users the source is called. */
static uint64_t share_percent(const struct choice *choice, enum source_id id)
{
    static const uint64_t shares[] = {[USERS_WITH_KEYS] = EFFORT_KEYS_PERCENT,
                                      [USERS_WITH_MFA] = EFFORT_DEVICES_PERCENT,
                                      [USERS_WITH_CERTIFICATES] = EFFORT_CERTS_PERCENT};
    if (census_sources[id].scope == SCOPE_KEY)
        return EFFORT_KEYS_PERCENT;
    return choice_shows_none(choice, &has_none, id) ? shares[census_sources[id].asked_of] : 100;
}

static bool is_used(const struct choice *choice, fact_set wanted, enum source_id id)
{
    for (enum fact fact = 0; fact < FACT_COUNT; fact++)
        if ((wanted & FACT_BIT(fact)) && (choice_for_user(choice, &has_all, fact) == id ||
                                          choice_for_user(choice, &has_none, fact) == id))
            return true;
    return false;
}

/*
 * Only lists of an account's users need more than one page. How many groups and policies there are
 * is not assumed: a page holds those of most accounts.
 */
static uint64_t pages_of(const struct source *source, fact_set wanted, uint64_t users)
{
    bool lists_users = (source->facts & FACT_BIT(FACT_USERS)) != 0;
    bool is_wide = source_operation(source, wanted) == source->wide;
    uint64_t page = is_wide ? EFFORT_WIDE_PAGE : EFFORT_PAGE;
    return lists_users && users > page ? (users + page - 1) / page : 1;
}

uint64_t effort_calls(const struct choice *choice, fact_set wanted, uint64_t users)
{
    uint64_t calls = 1; /* AssumeRole */
    for (enum source_id id = SOURCE_NONE + 1; id < SOURCE_COUNT; id++) {
        if (!is_used(choice, wanted, id))
            continue;
        if (census_sources[id].scope == SCOPE_REPORT)
            calls += 2; /* requested, and fetched */
        else if (census_sources[id].scope == SCOPE_ACCOUNT)
            calls += pages_of(&census_sources[id], wanted, users);
        else
            calls += users * share_percent(choice, id) / 100;
    }
    return calls;
}

uint64_t effort_ms(uint64_t calls, size_t connections)
{
    return calls * EFFORT_LATENCY_MS / connections;
}
