/* SPDX-License-Identifier: MIT */
/*
 * making.h: the fixes of a diagnosis while they are found, and what all of them need. Private to
 * the files that make fixes.
 *
 * A fix is made in two steps: its text is written into 'text', then making_add takes it from there.
 */
#ifndef DOCTOR_MAKING_H
#define DOCTOR_MAKING_H

#include "doctor/diagnosis.h"
#include "doctor/fix.h"
#include "doctor/principal.h"

struct making {
    const struct diagnosis *d;
    struct principal caller;
    struct arena *arena;
    struct fixes found;
    struct buffer text;
};

/* Room for 'most' fixes. What is made lives as long as the arena. */
void making_begin(struct making *m, const struct diagnosis *d, struct arena *arena, size_t most);
void making_end(struct making *m);
/* Takes what has been written into the text, which is empty afterwards. */
const char *making_keep(struct making *m);
/* Adds a fix with what has been written into the text. The ids are borrowed. */
struct fix *making_add(struct making *m, enum fix_kind kind, const char *const *ids, size_t count);

#endif
