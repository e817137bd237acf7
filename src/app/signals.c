/* SPDX-License-Identifier: MIT */
#include "app/signals.h"

#include "base/leftover.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

/* If this many signals came and none was passed on, the loop is stuck. */
#define UNHEARD_MAX 3

static const int caught_signals[SIGNALS_CAUGHT] = {SIGINT, SIGTERM, SIGHUP, SIGXCPU};

/* The handler's state, which has to be global. */
static int pipe_in = -1;
static volatile sig_atomic_t unheard;
static volatile sig_atomic_t latest; /* the signal that came last */

/* Nobody can be told of the signal, so it has its usual effect when the handler returns. */
static void end_at_once(int number)
{
    leftovers_remove();
    signal(number, SIG_DFL);
    raise(number);
}

/* False: the loop will not hear of it. A full pipe already holds enough signals. */
static bool pass_on(int number)
{
    unsigned char byte = (unsigned char)number;
    ssize_t put = write(pipe_in, &byte, 1);
    if (put < 0 && errno == EINTR)
        put = write(pipe_in, &byte, 1);
    return put == 1 || errno == EAGAIN;
}

static void signals_on_delivery(int number)
{
    int kept = errno;
    unheard = unheard + 1;
    latest = number;
    if (unheard >= UNHEARD_MAX || !pass_on(number))
        end_at_once(number);
    errno = kept;
}

static void signals_on_readable(void *arg, unsigned events UNUSED)
{
    struct signals *s = arg;
    unsigned char byte;
    ssize_t got = read(s->watch.fd, &byte, 1);
    unheard = 0;
    if (got == 1) {
        s->caught(s->arg, byte);
    } else if (got < 0 && errno != EAGAIN && errno != EINTR) {
        /* A pipe that can't be read would be ready for ever. Further signals end the process. */
        loop_watch_stop(s->loop, &s->watch);
        s->caught(s->arg, latest);
    }
}

/* Sets no SA_RESTART, so that a signal interrupts a write that blocks, and the loop runs again. */
static void catch_all(struct signals *s)
{
    struct sigaction action = {.sa_handler = signals_on_delivery};
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < SIGNALS_CAUGHT; i++) {
        sigaction(caught_signals[i], NULL, &s->before[i]);
        if (caught_signals[i] != SIGHUP || s->before[i].sa_handler != SIG_IGN)
            sigaction(caught_signals[i], &action, NULL);
    }
}

int signals_start(struct signals *s, struct loop *loop, void (*caught)(void *arg, int signal),
                  void *arg, struct error *e)
{
    int ends[2];
    *s = (struct signals){.caught = caught, .arg = arg};
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return error_set_errno(e, "can't watch for signals");
    s->watch = (struct loop_watch){signals_on_readable, s, ends[0]};
    if (loop_watch_start(loop, &s->watch, EPOLLIN, e) != 0) {
        close(ends[0]);
        close(ends[1]);
        return -1;
    }
    s->loop = loop;
    pipe_in = ends[1];
    unheard = 0;
    catch_all(s);
    return 0;
}

void signals_stop(struct signals *s)
{
    if (!s->loop)
        return;
    for (int i = 0; i < SIGNALS_CAUGHT; i++)
        sigaction(caught_signals[i], &s->before[i], NULL);
    loop_watch_stop(s->loop, &s->watch);
    close(s->watch.fd);
    close(pipe_in);
    pipe_in = -1;
    s->loop = NULL;
}
