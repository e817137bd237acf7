/* SPDX-License-Identifier: MIT */
/*
 * event.h: checks the names of a Lambda event's fields, before its settings are read.
 *
 * Unknown fields are ignored, since schedules, Step Functions and tests add their own. But an event
 * that names accounts in a field with a slightly different name, or inside another field, asks for
 * these accounts: ignoring that would read the whole organization.
 */
#ifndef APP_EVENT_H
#define APP_EVENT_H

#include "base/error.h"

#include <jansson.h>

/*
 * Returns 0 if the event can be read field by field. -1 with ERROR_CONFIG that names the field if
 * its name is nearly that of a setting or a step's field ('child_account_id', 'childAccountIds') or
 * that of a setting which an event can't have ('dry_run'), or if there are settings inside it
 * ('detail', 'Payload'). Also -1 if the event is the envelope of a web request or a queue and has
 * none of our fields besides. settings_from_event deals with an event that is not an object.
 */
int event_check(const json_t *event, struct error *e) MUST_CHECK;

#endif
