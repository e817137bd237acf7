#include "app/signals.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void on_ready(void *arg, unsigned events)
{
    struct signals *s = arg;
    struct signalfd_siginfo info;
    (void)events;
    if (read(s->watch.fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
        s->caught(s->arg, (int)info.ssi_signo);
}

int signals_start(struct signals *s, struct loop *loop, void (*caught)(void *arg, int signal),
                  void *arg, struct error *e)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    *s = (struct signals){.loop = loop, .caught = caught, .arg = arg};
    signal(SIGPIPE, SIG_IGN);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0)
        return error_set_errno(e, "can't watch for signals");
    s->watch = (struct loop_watch){on_ready, s, fd};
    return loop_watch_start(loop, &s->watch, EPOLLIN, e);
}

void signals_stop(struct signals *s)
{
    if (!s->loop)
        return;
    loop_watch_stop(s->loop, &s->watch);
    close(s->watch.fd);
    *s = (struct signals){0};
}
