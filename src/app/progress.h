/* SPDX-License-Identifier: MIT */
/*
 * progress.h: the line at the bottom of a terminal that shows how far a run is.
 *
 * While it is shown, everything else for stderr must go through progress_write, which removes the
 * line and draws it again below, so that the two never mix.
 */
#ifndef APP_PROGRESS_H
#define APP_PROGRESS_H

#include "base/view.h"

#define PROGRESS_SIZE 80

struct progress {
    char text[PROGRESS_SIZE];
    bool drawn; /* the line is on the terminal, and the cursor at its end */
};

/* True if stderr is a terminal that can erase a line. */
bool progress_is_possible(void);
/*
 * Shows 'text' (ASCII) in place of the previous line, cut to the width of the terminal. Shows
 * nothing while the program is in the background. A zeroed progress shows no line.
 */
void progress_show(struct progress *p, const char *text);
/* Writes whole lines to stderr, above the line if there is one. */
void progress_write(struct progress *p, struct view lines);
/*
 * To be called after the terminal itself has written into the line, as the "^C" of an interrupt. If
 * lines can be erased, that is removed with the line; otherwise it gets a line of its own.
 */
void progress_echoed(struct progress *p);
/* Removes the line. */
void progress_hide(struct progress *p);

#endif
