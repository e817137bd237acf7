/* SPDX-License-Identifier: MIT */
/*
 * effort.h: estimates, before any user is read, how many calls a census makes and how long it
 * takes.
 *
 * The estimate is made from the table of facts and sources and the rules that choose among them.
 * Makes no calls.
 */
#ifndef CENSUS_EFFORT_H
#define CENSUS_EFFORT_H

#include "census/choice.h"

/* Assumptions about users who have not been read yet. */
#define EFFORT_LATENCY_MS      50 /* of a call */
#define EFFORT_KEYS_PERCENT    60 /* users with an access key */
#define EFFORT_CERTS_PERCENT   2  /* with a signing certificate */
#define EFFORT_DEVICES_PERCENT 50 /* with an MFA device */
#define EFFORT_PAGE            1000
#define EFFORT_WIDE_PAGE       250 /* with groups and the text of policies */

/* The number of API calls for one account with 'users' users, including AssumeRole. */
uint64_t effort_calls(const struct choice *choice, fact_set wanted, uint64_t users);
/* How many milliseconds 'calls' calls take over 'connections' connections, without throttling. */
uint64_t effort_ms(uint64_t calls, size_t connections);

#endif
