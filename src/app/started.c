/* SPDX-License-Identifier: MIT */
#include "app/started.h"

#include "base/log.h"

static struct loop *loop_of(const struct started *s)
{
    return aws_client_loop(s->sts->client);
}

void started_init(struct started *s, const struct sts *sts, struct credentials_cache *credentials)
{
    *s = (struct started){.sts = sts, .credentials = credentials};
    s->at_s = clock_wall_ms(loop_clock(loop_of(s))) / 1000;
}

static void started_on_known(void *arg)
{
    struct started *s = arg;
    int64_t ahead_s = aws_client_ahead_s(s->sts->client);
    s->at_s += ahead_s;
    if (ahead_s != 0)
        log_event(LOG_WARN, "this machine's clock is off, times and ages follow AWS's",
                  FIELD_NUMBER("aws_ahead_s", ahead_s));
    s->done(s->arg, NULL);
}

/* The call is made only for the Date header of its response. */
static void started_on_identity(void *arg, const struct sts_identity *identity UNUSED,
                                const struct error *e)
{
    struct started *s = arg;
    s->call = NULL;
    if (e)
        s->done(s->arg, e);
    else
        started_on_known(s);
}

void started_find(struct started *s, void (*done)(void *arg, const struct error *e), void *arg)
{
    s->done = done;
    s->arg = arg;
    if (aws_client_counters(s->sts->client)->requests > 0)
        loop_soon(loop_of(s), &s->timer, started_on_known, s);
    else
        s->call = sts_get_caller_identity(s->sts, s->credentials, started_on_identity, s);
}

void started_cancel(struct started *s)
{
    loop_timer_stop(loop_of(s), &s->timer);
    sts_cancel(s->call);
    s->call = NULL;
}
