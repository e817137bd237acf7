/* SPDX-License-Identifier: MIT */
/*
 * clocks.h: how far the services' clocks are from ours, by the Date of their answers (RFC 9110
 * section 6.6.1).
 *
 * A request whose time is off is refused, and the Date of the refusal is the right time. One answer
 * is not trusted for more than its own call: the call is sent again with that time, and only if the
 * service accepts it is the correction kept, for all calls to the same host.
 */
#ifndef AWS_CLOCKS_H
#define AWS_CLOCKS_H

#include "net/http.h"

/* With less difference between the clocks, they are not why a service refused a request. */
#define CLOCK_SKEW_LEAST_S 240
/* No correction is larger, whatever an answer's Date says: a week. */
#define CLOCK_SKEW_MOST_S 604800
/* From this difference on it is worth a warning and a correction, even if no service complains. */
#define CLOCK_AHEAD_LEAST_S 60

/* The clock of one host. */
struct service_clock {
    struct service_clock *next;
    char *host;
    int64_t skew_s; /* what to add to our wall clock */
};

/* All clocks that were seen; zeroed, it is empty. */
struct service_clocks {
    struct service_clock *first;
    int64_t ahead_s; /* see clocks_ahead_s; 'dated' says whether it is known */
    bool dated;
};

/* The clock of 'host', which is copied; lives as long as 'c'. Never NULL. */
struct service_clock *clocks_find(struct service_clocks *c, const char *host);
void clocks_release(struct service_clocks *c);

/* When a request was sent and its answer came, by our wall clock, in seconds; and the correction
 * that it was signed with. */
struct clock_reading {
    int64_t sent_s, received_s, signed_skew_s;
};

/*
 * The correction that the Date of 'response' asks for. Returns false if it asks for none: it has no
 * Date, or one that agrees with the time that the request was signed with, or one that is further
 * off than CLOCK_SKEW_MOST_S.
 */
bool clock_skew_of(const struct http_response *response, const struct clock_reading *reading,
                   int64_t *skew_s);
/*
 * The service has accepted a request that was signed as 'reading' says. Keeps that correction for
 * 'clock' if the answer's Date agrees with it, and notes the Date of the first such answer.
 */
void clock_accepted(struct service_clocks *c, struct service_clock *clock,
                    const struct http_response *response, const struct clock_reading *reading);
/*
 * How many seconds the services' clock is ahead of ours (below 0: behind it), by the first answer
 * that was accepted. 0 if there was none yet, or if it is less than CLOCK_AHEAD_LEAST_S.
 */
int64_t clocks_ahead_s(const struct service_clocks *c);

#endif
