/* SPDX-License-Identifier: MIT */
/*
 * progress.h: the line at the bottom of a terminal that says how far a run is, and what is written
 * above it.
 *
 * While a line is shown, all else that goes to stderr goes through progress_write, which takes the
 * line away and draws it again below: the two never share a line.
 */
#ifndef APP_PROGRESS_H
#define APP_PROGRESS_H

#include "base/view.h"

#define PROGRESS_SIZE 80

struct progress {
    char text[PROGRESS_SIZE];
    bool drawn; /* the line is on the terminal, and the cursor at its end */
};

/* True if stderr is a terminal that can take a line away again. */
bool progress_is_possible(void);
/*
 * Shows 'text' (ASCII) in place of the line before. As much of it as the terminal is wide, and
 * nothing while the program is in the background. A zeroed progress shows no line.
 */
void progress_show(struct progress *p, const char *text);
/* Writes whole lines to stderr, above the line if there is one. */
void progress_write(struct progress *p, struct view lines);
/*
 * Says that the terminal itself has written something into the line, the "^C" of an interrupt: it
 * is taken away, or left alone on its line.
 */
void progress_echoed(struct progress *p);
/* Takes the line away. */
void progress_hide(struct progress *p);

#endif
