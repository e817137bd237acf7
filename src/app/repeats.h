/*
 * repeats.h: log events that say the same of one account after the other, for people: the first is
 * written, the others are counted, and the count comes at the end.
 *
 * Events are the same if they have one name and agree in "stage", "operation", "code" and "cause":
 * never in reasons, which name the account. Only what is logged at 'warn' and above and has an
 * "account_id" is looked at.
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

/* True if the event is to be written, else it was counted. Zeroed repeats have seen nothing. */
bool repeats_is_new(struct repeats *r, enum log_level level, const char *event,
                    const struct log_field *fields, size_t count);
/* Logs how many were not written, and forgets them. */
void repeats_write(struct repeats *r);
void repeats_release(struct repeats *r);

#endif
