/* SPDX-License-Identifier: MIT */
/*
 * estimate.h: estimates, before any user is read, how many calls a census makes and how long it
 * takes.
 *
 * The estimate is made from the table of facts and sources and the rules that choose among them,
 * for accounts of a few assumed sizes.
 */
#ifndef APP_ESTIMATE_H
#define APP_ESTIMATE_H

#include "app/config.h"
#include "census/choice.h"

/* Assumptions about users who have not been read yet. */
#define ESTIMATE_LATENCY_MS      50 /* of a call */
#define ESTIMATE_KEYS_PERCENT    60 /* users with an access key */
#define ESTIMATE_CERTS_PERCENT   2  /* with a signing certificate */
#define ESTIMATE_DEVICES_PERCENT 50 /* with an MFA device */
#define ESTIMATE_PAGE            1000
#define ESTIMATE_WIDE_PAGE       250 /* with groups and the text of policies */

/* How the run will choose its sources if no call is denied. */
struct choice estimate_choice(const struct config *config);
/* The number of API calls for one account with 'users' users, including AssumeRole. */
uint64_t estimate_calls(const struct choice *choice, fact_set wanted, uint64_t users);
/* How many milliseconds 'calls' calls take over 'connections' connections, without throttling. */
uint64_t estimate_ms(uint64_t calls, size_t connections);
/* Appends what --dry-run prints: text for a person, or (as_json) a JSON object. */
void estimate_write(const struct config *config, size_t accounts, bool as_json, struct buffer *out);

#endif
