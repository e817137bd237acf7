/*
 * signals.h: the signals that ask the program to end, as events of the loop.
 *
 * Handlers, not blocked signals read from a signalfd: a write that waits for a reader who does not
 * read (of standard error, say) is then interrupted, and a program that cannot come back to its
 * loop at all can still be ended.
 */
#ifndef APP_SIGNALS_H
#define APP_SIGNALS_H

#include "net/loop.h"

#include <signal.h>

#define SIGNALS_CAUGHT 4

struct signals {
    struct loop *loop;
    struct loop_watch watch;
    void (*caught)(void *arg, int signal);
    void *arg;
    struct sigaction before[SIGNALS_CAUGHT]; /* what they did before */
};

/*
 * Calls caught(arg, signal) from the loop for each SIGINT, SIGTERM, SIGHUP and SIGXCPU; a SIGHUP
 * that was ignored (nohup) stays ignored. If the loop takes up none of three signals, the third
 * ends the process. SIGPIPE and SIGXFSZ are ignored from here on: a reader who
 * has gone and a file that may not grow are errors of the write. One at a time in a process.
 * -1 and 'e' if the system refuses.
 */
int signals_start(struct signals *s, struct loop *loop, void (*caught)(void *arg, int signal),
                  void *arg, struct error *e) MUST_CHECK;
/*
 * Gives the signals back: they do what they did before. Those that came and were not taken up are
 * forgotten. Harmless if it was not started.
 */
void signals_stop(struct signals *s);

#endif
