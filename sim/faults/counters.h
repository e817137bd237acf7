/* SPDX-License-Identifier: MIT */
/*
 * counters.h: counts the calls and how they ended, for tests that run against the simulator.
 */
#ifndef FAULTS_COUNTERS_H
#define FAULTS_COUNTERS_H

#include "wire/text.h"
#include "world/action.h"

#include <stdbool.h>
#include <stdint.h>

#define COUNTERS_OUTCOMES_MAX 24
#define OUTCOME_SIZE          48

struct action_counters {
    uint64_t calls;
    uint64_t bytes_in;
    uint64_t bytes_out;
    struct {
        char name[OUTCOME_SIZE];
        uint64_t count;
    } outcomes[COUNTERS_OUTCOMES_MAX];
};

struct counters {
    uint64_t requests;
    uint64_t in_flight;
    uint64_t in_flight_most;
    uint64_t connections;
    uint64_t connections_open;
    uint64_t connections_most;
    uint64_t handshakes; /* of TLS, full ones and resumed ones */
    uint64_t handshakes_resumed;
    uint64_t bad_signatures;
    uint64_t bytes_in;
    uint64_t bytes_out;
    int64_t first_us; /* when the first and the last call were answered; 0: no call so far */
    int64_t last_us;
    struct action_counters actions[ACTION_COUNT + 1]; /* the last one is for unknown actions */
};

/* Counts a call that began: one more is in flight. */
void counters_begin(struct counters *counters);

/* Counts a connection that was opened, or one that has ended. */
void counters_connection(struct counters *counters, bool opened);

/* Counts a handshake of TLS. */
void counters_handshake(struct counters *counters, bool resumed);

/* Counts a call that was answered; if 'outcome' is NULL, it is "ok". */
void counters_call(struct counters *counters, enum action action, const char *outcome,
                   uint64_t bytes_in, uint64_t bytes_out);

/* Appends everything as JSON. */
void counters_write(const struct counters *counters, struct buffer *out);

/* Resets the counters; calls and connections that are under way stay counted. */
void counters_reset(struct counters *counters);

#endif
