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

struct choice estimate_choice(const struct config *config)
{
    bool report = config->strategy != STRATEGY_PER_USER && config->max_report_age_s > 0;
    return (struct choice){.strategy = config->strategy,
                           .report = report ? REPORT_USED : REPORT_SET_ASIDE};
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
        uint64_t calls = accounts * effort_calls(&choice, c->wanted, sizes[i]);
        json_object_begin(&w);
        json_key(&w, "users_per_account");
        json_int(&w, (int64_t)sizes[i]);
        json_key(&w, "api_calls");
        json_int(&w, (int64_t)calls);
        json_key(&w, "duration_ms");
        json_int(&w, (int64_t)effort_ms(calls, c->max_connections));
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
        uint64_t calls = accounts * effort_calls(&choice, config->wanted, sizes[i]);
        buffer_addf(out, "%16llu%17llu", (unsigned long long)sizes[i], (unsigned long long)calls);
        write_duration(effort_ms(calls, config->max_connections), out);
        buffer_add_char(out, '\n');
    }
    buffer_addf(out,
                "\nassumed: %d ms a call, %d %% of the users with access keys, nobody throttled. "
                "IAM throttles\neach account by itself; a large one then sets the pace.\n",
                EFFORT_LATENCY_MS, EFFORT_KEYS_PERCENT);
}
