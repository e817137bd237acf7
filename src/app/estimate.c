/* SPDX-License-Identifier: MIT */
#include "app/estimate.h"

#include "base/json_writer.h"
#include "base/plural.h"

static const uint64_t sizes[] = {10, 100, 1000, 5000};

static const char *strategy_name(enum strategy strategy)
{
    static const char *const names[] = {
        [STRATEGY_AUTO] = "auto", [STRATEGY_BULK] = "bulk", [STRATEGY_PER_USER] = "per-user"};
    return names[strategy];
}

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
    static const uint64_t shares[] = {[USERS_WITH_KEYS] = ESTIMATE_KEYS_PERCENT,
                                      [USERS_WITH_MFA] = ESTIMATE_DEVICES_PERCENT,
                                      [USERS_WITH_CERTIFICATES] = ESTIMATE_CERTS_PERCENT};
    if (census_sources[id].scope == SCOPE_KEY)
        return ESTIMATE_KEYS_PERCENT;
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
    uint64_t page = is_wide ? ESTIMATE_WIDE_PAGE : ESTIMATE_PAGE;
    return lists_users && users > page ? (users + page - 1) / page : 1;
}

struct choice estimate_choice(const struct config *config)
{
    bool report = config->strategy != STRATEGY_PER_USER && config->max_report_age_s > 0;
    return (struct choice){.strategy = config->strategy,
                           .report = report ? REPORT_USED : REPORT_SET_ASIDE};
}

uint64_t estimate_calls(const struct choice *choice, fact_set wanted, uint64_t users)
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

uint64_t estimate_ms(uint64_t calls, size_t connections)
{
    return calls * ESTIMATE_LATENCY_MS / connections;
}

static void write_json(const struct config *c, size_t accounts, struct buffer *out)
{
    const struct choice choice = estimate_choice(c);
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_begin(&w);
    json_key(&w, "accounts");
    json_int(&w, (int64_t)accounts);
    json_key(&w, "strategy");
    json_text(&w, view_of(strategy_name(c->strategy)));
    json_key(&w, "connections");
    json_int(&w, (int64_t)c->max_connections);
    json_key(&w, "estimates");
    json_array_begin(&w);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint64_t calls = accounts * estimate_calls(&choice, c->wanted, sizes[i]);
        json_object_begin(&w);
        json_key(&w, "users_per_account");
        json_int(&w, (int64_t)sizes[i]);
        json_key(&w, "api_calls");
        json_int(&w, (int64_t)calls);
        json_key(&w, "duration_ms");
        json_int(&w, (int64_t)estimate_ms(calls, c->max_connections));
        json_object_end(&w);
    }
    json_array_end(&w);
    json_object_end(&w);
    buffer_add_char(out, '\n');
}

static void write_duration(uint64_t ms, struct buffer *out)
{
    if (ms < 1000) /* the calls that each account makes one after the other take longer */
        buffer_addf(out, "%16s", "< 1 s");
    else if (ms < 120000)
        buffer_addf(out, "%14.1f s", (double)ms / 1000);
    else
        buffer_addf(out, "%12.0f min", (double)ms / 60000);
}

void estimate_write(const struct config *config, size_t accounts, bool as_json, struct buffer *out)
{
    const struct choice choice = estimate_choice(config);
    if (as_json) {
        write_json(config, accounts, out);
        return;
    }
    buffer_addf(
        out,
        "dry run: %zu account%s, strategy %s, %zu connection%s; no role was assumed, no user was "
        "read\n\n",
        accounts, plural_s(accounts), strategy_name(config->strategy), config->max_connections,
        plural_s(config->max_connections));
    buffer_add_text(out, "users per account   calls (about)    time (about)\n");
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint64_t calls = accounts * estimate_calls(&choice, config->wanted, sizes[i]);
        buffer_addf(out, "%16llu%17llu", (unsigned long long)sizes[i], (unsigned long long)calls);
        write_duration(estimate_ms(calls, config->max_connections), out);
        buffer_add_char(out, '\n');
    }
    buffer_addf(out,
                "\nassumed: %d ms a call, %d %% of the users with access keys, nobody throttled. "
                "IAM throttles\neach account by itself; a large one then sets the pace.\n",
                ESTIMATE_LATENCY_MS, ESTIMATE_KEYS_PERCENT);
}
