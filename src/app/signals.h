/*
 * signals.h: SIGINT and SIGTERM as events of the loop.
 */
#ifndef APP_SIGNALS_H
#define APP_SIGNALS_H

#include "net/loop.h"

struct signals {
    struct loop *loop;
    struct loop_watch watch;
    void (*caught)(void *arg, int signal);
    void *arg;
};

/*
 * Blocks SIGINT and SIGTERM, and calls caught(arg, signal) from the loop for each. Also ignores
 * SIGPIPE. Must outlive the loop's last run. -1 and 'e' where the system refuses.
 */
int signals_start(struct signals *s, struct loop *loop, void (*caught)(void *arg, int signal),
                  void *arg, struct error *e);
/* Stops watching; the signals stay blocked. */
void signals_stop(struct signals *s);

#endif
