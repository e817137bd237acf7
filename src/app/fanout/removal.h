/* SPDX-License-Identifier: MIT */
/*
 * removal.h: the end of a 'combine': deletes what the plan and its batches left in the bucket.
 */
#ifndef APP_FANOUT_REMOVAL_H
#define APP_FANOUT_REMOVAL_H

#include "app/fanout/step.h"

struct removal {
    struct step *step;
    const json_t *batches;
    size_t removed; /* how many objects we have tried to delete */
};

/*
 * Deletes the objects one after the other, then finishes the step. An object that can't be deleted
 * is logged and left. 'step' and 'batches' (as batches_read returned them) are borrowed until then.
 */
void removal_start(struct removal *r, struct step *step, const json_t *batches);
/*
 * Writes the key of the nth object, counted from 0; false if there are no more. The plan comes
 * last: as long as it exists, the objects not deleted yet can still be found.
 */
bool removal_key(const struct removal *r, size_t nth, struct buffer *key);

#endif
