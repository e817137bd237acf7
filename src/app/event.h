/* SPDX-License-Identifier: MIT */
/*
 * event.h: checks which fields a Lambda event has, before its settings are read.
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
 * 0 if the event can be read field by field; -1 with ERROR_CONFIG, naming the field, if one is
 * nearly that of a setting or a step ('child_account_id', 'childAccountIds'), names a setting that
 * an event can't have ('dry_run'), or holds settings inside ('detail', 'Payload'). Also -1 if the
 * event is the envelope of a web request or of a queue and has no field of ours beside it. An event
 * that is not an object is left to settings_from_event.
 */
int event_check(const json_t *event, struct error *e) MUST_CHECK;

#endif
