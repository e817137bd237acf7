/* SPDX-License-Identifier: MIT */
#include "faults/counters.h"

#include "wire/json_text.h"
#include "wire/timer.h"

#include <stdio.h>
#include <string.h>

void counters_begin(struct counters *counters)
{
    counters->requests++;
    counters->in_flight++;
    if (counters->in_flight > counters->in_flight_most)
        counters->in_flight_most = counters->in_flight;
}

void counters_connection(struct counters *counters, bool opened)
{
    if (!opened) {
        counters->connections_open--;
        return;
    }
    counters->connections++;
    counters->connections_open++;
    if (counters->connections_open > counters->connections_most)
        counters->connections_most = counters->connections_open;
}

void counters_handshake(struct counters *counters, bool resumed)
{
    counters->handshakes++;
    counters->handshakes_resumed += resumed;
}

void counters_call(struct counters *counters, enum action action, const char *outcome,
                   uint64_t bytes_in, uint64_t bytes_out)
{
    struct action_counters *row = &counters->actions[action];
    row->calls++;
    row->bytes_in += bytes_in;
    row->bytes_out += bytes_out;
    counters->bytes_in += bytes_in;
    counters->bytes_out += bytes_out;
    counters->last_us = timer_now_us();
    if (counters->first_us == 0)
        counters->first_us = counters->last_us;
    if (!outcome)
        outcome = "ok";
    for (size_t i = 0; i < COUNTERS_OUTCOMES_MAX; i++) {
        if (row->outcomes[i].count == 0)
            snprintf(row->outcomes[i].name, OUTCOME_SIZE, "%s", outcome);
        /* The last place counts all outcomes for which there was no place left. */
        if (strncmp(row->outcomes[i].name, outcome, OUTCOME_SIZE - 1) == 0 ||
            i == COUNTERS_OUTCOMES_MAX - 1) {
            row->outcomes[i].count++;
            return;
        }
    }
}

static void counters_write_action(const struct action_counters *row, struct buffer *out)
{
    buffer_add_char(out, '{');
    json_put_number(out, "calls", (int64_t)row->calls);
    json_put_number(out, "bytes_in", (int64_t)row->bytes_in);
    json_put_number(out, "bytes_out", (int64_t)row->bytes_out);
    json_put_name(out, "outcomes");
    buffer_add_char(out, '{');
    for (size_t i = 0; i < COUNTERS_OUTCOMES_MAX && row->outcomes[i].count > 0; i++)
        json_put_number(out, row->outcomes[i].name, (int64_t)row->outcomes[i].count);
    buffer_add_text(out, "}}");
}

void counters_write(const struct counters *counters, struct buffer *out)
{
    buffer_add_char(out, '{');
    json_put_number(out, "requests", (int64_t)counters->requests);
    json_put_number(out, "in_flight", (int64_t)counters->in_flight);
    json_put_number(out, "in_flight_most", (int64_t)counters->in_flight_most);
    json_put_number(out, "connections", (int64_t)counters->connections);
    json_put_number(out, "connections_open", (int64_t)counters->connections_open);
    json_put_number(out, "connections_most", (int64_t)counters->connections_most);
    json_put_number(out, "handshakes", (int64_t)counters->handshakes);
    json_put_number(out, "handshakes_resumed", (int64_t)counters->handshakes_resumed);
    json_put_number(out, "bad_signatures", (int64_t)counters->bad_signatures);
    json_put_number(out, "bytes_in", (int64_t)counters->bytes_in);
    json_put_number(out, "bytes_out", (int64_t)counters->bytes_out);
    json_put_number(out, "span_ms", (counters->last_us - counters->first_us) / 1000);
    json_put_name(out, "actions");
    buffer_add_char(out, '{');
    for (int i = 0; i <= ACTION_COUNT; i++) {
        if (counters->actions[i].calls == 0)
            continue;
        char name[96] = "unknown";
        if (i < ACTION_COUNT)
            snprintf(name, sizeof(name), "%s:%s", service_name(action_row((enum action)i)->service),
                     action_row((enum action)i)->name);
        json_put_name(out, name);
        counters_write_action(&counters->actions[i], out);
    }
    buffer_add_text(out, "}}\n");
}

void counters_reset(struct counters *counters)
{
    uint64_t in_flight = counters->in_flight;
    uint64_t open = counters->connections_open;
    *counters = (struct counters){.in_flight = in_flight,
                                  .in_flight_most = in_flight,
                                  .connections = open,
                                  .connections_open = open,
                                  .connections_most = open};
}
