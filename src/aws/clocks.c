/* SPDX-License-Identifier: MIT */
#include "aws/clocks.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/timestamp.h"

#include <stdlib.h>

/*
 * No service accepts a request whose time is further off, so a Date by which it would be is wrong.
 * S3 is the most tolerant (Amazon S3 API Reference, RequestTimeTooSkewed).
 */
#define ACCEPTED_MOST_S 900

struct service_clock *clocks_find(struct service_clocks *c, const char *host)
{
    struct service_clock *clock = c->first;
    while (clock && strcmp(clock->host, host) != 0)
        clock = clock->next;
    if (clock)
        return clock;
    clock = xcalloc(1, sizeof(*clock));
    clock->host = xstrdup(host);
    clock->next = c->first;
    c->first = clock;
    return clock;
}

void clocks_release(struct service_clocks *c)
{
    while (c->first) {
        struct service_clock *next = c->first->next;
        free(c->first->host);
        free(c->first);
        c->first = next;
    }
    *c = (struct service_clocks){0};
}

/*
 * The answer was made some time between sending and receiving, so a Date within that span counts as
 * no difference, however long the answer took.
 */
static bool read_difference(const struct http_response *response,
                            const struct clock_reading *reading, int64_t *off_s)
{
    int64_t theirs_s;
    struct view date = http_response_header(response, "Date");
    if (!date.ptr || timestamp_parse_http(date, &theirs_s) != 0)
        return false;
    *off_s = theirs_s < reading->sent_s       ? theirs_s - reading->sent_s
             : theirs_s > reading->received_s ? theirs_s - reading->received_s
                                              : 0;
    return true;
}

static bool is_within(int64_t a, int64_t b, int64_t bound)
{
    return a - b < bound && b - a < bound;
}

bool clock_skew_of(const struct http_response *response, const struct clock_reading *reading,
                   int64_t *skew_s)
{
    return read_difference(response, reading, skew_s) &&
           !is_within(*skew_s, reading->signed_skew_s, CLOCK_SKEW_LEAST_S) &&
           is_within(*skew_s, 0, CLOCK_SKEW_MOST_S + 1);
}

static bool any_corrected(const struct service_clocks *c)
{
    for (const struct service_clock *clock = c->first; clock; clock = clock->next)
        if (clock->skew_s != 0)
            return true;
    return false;
}

void clock_accepted(struct service_clocks *c, struct service_clock *clock,
                    const struct http_response *response, const struct clock_reading *reading)
{
    int64_t off_s;
    if ((c->dated && reading->signed_skew_s == clock->skew_s) ||
        !read_difference(response, reading, &off_s))
        return;
    if (!c->dated && is_within(off_s, reading->signed_skew_s, ACCEPTED_MOST_S)) {
        c->dated = true;
        c->ahead_s = off_s;
    }
    if (!is_within(off_s, reading->signed_skew_s, CLOCK_SKEW_LEAST_S) ||
        is_within(reading->signed_skew_s, clock->skew_s, CLOCK_SKEW_LEAST_S))
        return;
    /* A warning for the first host; the others only repeat it. */
    log_event(any_corrected(c) ? LOG_INFO : LOG_WARN, "clock is off, signing by the service's time",
              FIELD_NUMBER("seconds", reading->signed_skew_s), FIELD("host", clock->host));
    clock->skew_s = reading->signed_skew_s;
}

int64_t clocks_ahead_s(const struct service_clocks *c)
{
    return is_within(c->ahead_s, 0, CLOCK_AHEAD_LEAST_S) ? 0 : c->ahead_s;
}
