/*
 * console.h: stderr as a person at a terminal sees it: a line of progress below, log lines above
 * it, and what repeats itself counted instead of written.
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
 * Takes over the log, which keeps a pointer to it until console_end. 'grouped': events that repeat
 * themselves are counted; programs that read the log want each.
 */
void console_begin(struct console *c, bool grouped);
/* Says a line of the program's own: "iam-census: TEXT". */
void console_say(struct console *c, const char *text);
/* Takes the progress away, logs what was counted, and leaves the log to itself. */
void console_end(struct console *c);

#endif
