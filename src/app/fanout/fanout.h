/* SPDX-License-Identifier: MIT */
/*
 * fanout.h: a census in several invocations: plan, collect each batch, combine.
 *
 * The event's 'action' names the step. 'plan' finds the accounts and writes the batches to S3;
 * 'collect_batch' reads the accounts of one batch and writes its rows and its result; 'combine'
 * puts the rows, in order, into the one output, and accounts for every account. All of it is kept
 * under "PREFIXwork/RUN_ID/" in the bucket until it is combined. A step that is run again writes
 * the same bytes. The accounts of a batch without a result count as failed, so that no account goes
 * missing silently (docs/architecture.md).
 */
#ifndef APP_FANOUT_FANOUT_H
#define APP_FANOUT_FANOUT_H

#include "app/fanout/step.h"

/*
 * Finds the kind of step that the event's 'action' names; '*kind' is NULL for a census in one
 * invocation, which is also what an event without an action asks for. -1 with ERROR_CONFIG if
 * there is no such action.
 */
int fanout_find(const json_t *event, const struct step_kind **kind, struct error *e) MUST_CHECK;

#endif
