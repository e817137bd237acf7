/* SPDX-License-Identifier: MIT */
/*
 * console.h: what stderr shows to a person at a terminal: a line of progress at the bottom, log
 * lines above it, and repeated events only counted.
 */
#ifndef APP_CONSOLE_H
#define APP_CONSOLE_H

#include "app/progress.h"
#include "app/repeats.h"
#include "app/settings.h"

struct console {
    struct progress progress;
    struct repeats repeats;
    struct log_listener listener;
};

/*
 * Takes over the log, which keeps a pointer to 'c' until console_end. 'grouped': repeated events
 * are counted instead of written; false for programs that read the log and want every event.
 */
void console_begin(struct console *c, bool grouped);
/*
 * Sets the log up as the settings say, and takes it over: repeated events are counted, but all are
 * logged if the log is JSON or shows more than warnings.
 */
void console_configure(struct console *c, const struct settings *settings);
/* Writes a line of the program itself: "iam-census: TEXT". */
void console_say(struct console *c, const char *text);
/* Removes the line of progress, logs what was counted, and stops using the log. */
void console_end(struct console *c);

#endif
