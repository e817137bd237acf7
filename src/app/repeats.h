/* SPDX-License-Identifier: MIT */
/*
 * repeats.h: for people, log events that say the same about many accounts: the first one is
 * written, the others are counted, and their number is written at the end.
 *
 * Events are the same if they have one name and agree in "stage", "operation", "code" and "cause":
 * reasons are not compared, because they name the account. Only events at 'warn' and above that
 * have an "account_id" are counted.
 */
#ifndef APP_REPEATS_H
#define APP_REPEATS_H

#include "app/account_groups.h"
#include "base/log.h"

#define REPEATS_KINDS                                                                              \
    8 /* of events of which the first one is written, and the count at the end                     \
       */

struct repeats {
    struct account_groups groups;
};

/* True if the event is new and is to be written; false if it was counted. Starts out zeroed. */
bool repeats_is_new(struct repeats *r, enum log_level level, const char *event,
                    const struct log_field *fields, size_t count);
/* Logs how many events were not written, and forgets them. */
void repeats_write(struct repeats *r);
void repeats_release(struct repeats *r);

#endif
