/* SPDX-License-Identifier: MIT */
/*
 * throttle.h: token buckets, one for each account and action.
 *
 * They follow the generic cell rate algorithm (GCRA): a bucket is one number, the time at which it
 * would be full again.
 */
#ifndef FAULTS_THROTTLE_H
#define FAULTS_THROTTLE_H

#include "world/action.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct throttle {
    int64_t *full_at_us; /* accounts x actions; untouched pages cost nothing */
    size_t accounts;
    double rate; /* calls a second; 0: no limit */
    double burst;
};

/* Prepares full buckets. A burst below 1 counts as 1. */
void throttle_open(struct throttle *throttle, size_t accounts, double rate, double burst);

/*
 * Takes one token out of a bucket at now_us. Returns false if it is empty: the call is throttled.
 */
bool throttle_take(struct throttle *throttle, size_t account, enum action action, int64_t now_us);

/* Frees the buckets. */
void throttle_release(struct throttle *throttle);

#endif
