/*
 * fanout.h: a census in several invocations: plan, collect each batch, combine.
 *
 * The event's 'action' says which. 'plan' finds the accounts and writes the batches to S3;
 * 'collect_batch' reads one batch and writes its rows and how it went; 'combine' puts the rows, in
 * order, into the one output, and tells of every account. All lies under "PREFIXwork/RUN_ID/" in
 * the bucket until it is combined. A step that is run again gives the same bytes; a batch that left
 * no result makes its accounts failed, never a silent gap (docs/architecture.md).
 */
#ifndef APP_FANOUT_H
#define APP_FANOUT_H

#include "app/run.h"

enum fanout_action { ACTION_CENSUS, ACTION_PLAN, ACTION_COLLECT_BATCH, ACTION_COMBINE };

/*
 * The action that the event asks for; ACTION_CENSUS where it names none. -1 with ERROR_CONFIG
 * where it names one that is not known.
 */
int fanout_action(const json_t *event, enum fanout_action *action, struct error *e) MUST_CHECK;

struct fanout; /* one step */

/*
 * Starts a step (not ACTION_CENSUS). 'platform' and 'config' are borrowed, 'event' is kept by
 * reference, until it is freed. 'delay_ms' is the time to the deadline, 0: none. done(arg) is
 * called once, from the loop.
 */
struct fanout *fanout_start(enum fanout_action action, struct platform *platform,
                            const struct config *config, json_t *event, int64_t delay_ms,
                            void (*done)(void *arg), void *arg);
/*
 * Gives it up, whatever it is doing: what was begun of the output is taken away, for which S3 may
 * have to be asked. 'done' is called then, with an error.
 */
void fanout_abandon(struct fanout *f);
/* True once it has ended: 'done' has been called, or will be at once. */
bool fanout_finished(const struct fanout *f);
/* As run_unsettled, of the step's output. */
bool fanout_unsettled(const struct fanout *f, struct error *e);
/* After 'done': NULL where it went well, else why not. */
const struct error *fanout_error(const struct fanout *f);
/* After 'done': the answer, a JSON text. */
const struct buffer *fanout_answer(const struct fanout *f);
/* After a 'combine' that went well: of the whole census; NULL otherwise. */
const struct result *fanout_result(const struct fanout *f);
/* Cancels what is under way. NULL is fine. */
void fanout_free(struct fanout *f);

#endif
