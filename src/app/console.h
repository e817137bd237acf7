/* SPDX-License-Identifier: MIT */
/*
 * console.h: what a person at a terminal sees of stderr: a line of progress at the bottom, log
 * lines above it, and events that repeat themselves counted instead of written.
 */
#ifndef APP_CONSOLE_H
#define APP_CONSOLE_H

#include "app/progress.h"
#include "app/repeats.h"

struct console {
    struct progress progress;
    struct repeats repeats;
    struct log_listener listener;
};

/*
 * Takes over the log, which keeps a pointer to 'c' until console_end. 'grouped': events that repeat
 * themselves are counted; false for programs that read the log, which want every event.
 */
void console_begin(struct console *c, bool grouped);
/* Writes a line of the program itself: "iam-census: TEXT". */
void console_say(struct console *c, const char *text);
/* Removes the line of progress, logs what was counted, and gives the log back. */
void console_end(struct console *c);

#endif
