/* SPDX-License-Identifier: MIT */
/*
 * estimate.h: what --dry-run prints: how many calls a census makes and how long it takes, for
 * accounts of a few assumed sizes (census/effort.h).
 */
#ifndef APP_ESTIMATE_H
#define APP_ESTIMATE_H

#include "app/config.h"
#include "census/effort.h"

/* How the run will choose its sources if no call is denied. */
struct choice estimate_choice(const struct config *config);
/* Appends what --dry-run prints: text for a person, or (as_json) a JSON object. */
void estimate_write(const struct config *config, size_t accounts, bool as_json, struct buffer *out);

#endif
