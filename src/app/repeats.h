/* SPDX-License-Identifier: MIT */
/*
 * repeats.h: shortens the log for people: of events that say the same about many accounts the first
 * is written, the others are counted, and their number is written at the end.
 *
 * Events are the same if they have the same name, "stage", "operation", "code" and "cause". Reasons
 * are not compared, because they name the account. Only events at 'warn' and above that have an
 * "account_id" are counted.
 */
#ifndef APP_REPEATS_H
#define APP_REPEATS_H

#include "app/account_groups.h"
#include "base/log.h"

#define REPEATS_KINDS 8 /* the first event is written of this many kinds; others are counted */

struct repeats {
    struct account_groups groups;
};

/* True if the event is to be written; false if it was only counted. 'r' must be zeroed at first. */
bool repeats_is_new(struct repeats *r, enum log_level level, const char *event,
                    const struct log_field *fields, size_t count);
/* Logs how many events were not written, and forgets them. */
void repeats_write(struct repeats *r);
void repeats_release(struct repeats *r);

#endif
