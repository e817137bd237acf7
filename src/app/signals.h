/* SPDX-License-Identifier: MIT */
/*
 * signals.h: turns the signals that ask the program to end into events of the loop.
 *
 * It installs handlers; it does not block the signals to read them from a signalfd. So a signal
 * interrupts a write that nobody reads (to standard error, say), and can still end a program that
 * never returns to its loop.
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
    struct sigaction before[SIGNALS_CAUGHT]; /* the handlers to restore */
};

/*
 * Calls caught(arg, signal) from the loop for each SIGINT, SIGTERM, SIGHUP and SIGXCPU; a SIGHUP
 * that was ignored (nohup) stays ignored. If three signals come before the loop runs, the third
 * ends the process, and so does one that the loop can't be told of; files that are not complete are
 * removed then (base/leftover.h). SIGPIPE and SIGXFSZ are ignored from here on, so that a write
 * returns an error if its reader is gone, or its file may not grow. Only one 'struct signals' may
 * be started at a time. -1 and 'e' if the system refuses.
 */
int signals_start(struct signals *s, struct loop *loop, void (*caught)(void *arg, int signal),
                  void *arg, struct error *e) MUST_CHECK;
/*
 * Restores the previous handlers. Signals not passed on yet are dropped. Does nothing if 's' was
 * not started.
 */
void signals_stop(struct signals *s);

#endif
