/* SPDX-License-Identifier: MIT */
#include "aws/pace.h"

/*
 * A round has ROUND_ANSWERS answers; ROUND_SMALL are enough if it has lasted ROUND_LONG_MS, or
 * while the limit is unknown.
 */
#define ROUND_ANSWERS 64
#define ROUND_SMALL   16
/*
 * Except in a trial a round lasts at least this long, since a token bucket of the service that is
 * not empty yet hides the limit.
 */
#define ROUND_LEAST_MS 1000
#define ROUND_LONG_MS  12000
/*
 * A longer pause in which nothing was sent begins a new round: a round that included it would
 * measure a pace that is too low.
 */
#define PAUSE_MS 1000
/* If no more than this share is refused, the pace is not to blame. */
#define TOLERATED 0.015
/* This many refusals are enough to measure the share that is refused in a trial. */
#define REFUSED_ENOUGH 12
/* This many refusals can't be chance if they are most of a round, even if it has only begun. */
#define REFUSED_MOST 8
/* A few answers say little, so a share is computed as if this many more calls had been served. */
#define SERVED_BESIDE 4
/* A larger share is never taken for noise: slowing down is then all that we can do. */
#define NOISE_MOST 0.25F
/* The few refusals of a trial that succeeds may raise the noise by this much. */
#define NOISE_RISE 0.02F
/* The noise fades over about this many rounds, so that it is measured again in time. */
#define NOISE_ROUNDS 64
/* A trial goes this far below what was served, so that its jitter alone causes no refusals. */
#define MARGIN 0.9
/* From this share of the limit on, the pace counts as back at the limit. */
#define NEAR 0.97
/*
 * From there on it grows by 2 %, then by a step that is half as large again each time, and doubles
 * at most.
 */
#define STEP_FIRST  0.02F
#define STEP_GROWTH 1.5F
#define STEP_MOST   1.0F
/* A pace above this is no limit any more. */
#define UNLIMITED 2000.0

void pace_init(struct pace *p, double least)
{
    *p = (struct pace){.least = least, .sent_at_ms = INT64_MIN / 2};
}

static void begin_round(struct pace *p, int64_t from_ms)
{
    p->round_from_ms = from_ms;
    p->sent = p->answered = p->refused = 0;
}

void pace_sent(struct pace *p, int64_t now_ms)
{
    double pause_ms = PAUSE_MS + (p->limited ? 2000 / p->per_second : 0);
    if ((double)(now_ms - p->sent_at_ms) > pause_ms)
        begin_round(p, now_ms - 1);
    p->sent_at_ms = now_ms;
    p->sent++;
}

/*
 * True if chance explains the number of refusals among 'answered' answers: it is not above the
 * expected number by more than two standard deviations (of a Poisson distribution).
 */
static bool is_explained(const struct pace *p, unsigned answered)
{
    double expected = (p->noise + TOLERATED) * answered;
    double excess = p->refused - expected;
    return excess <= 0 || excess * excess <= 4 * expected;
}

static bool round_is_whole(const struct pace *p, int64_t span_ms)
{
    if (p->answered >= ROUND_SMALL && span_ms >= ROUND_LONG_MS)
        return true;
    return p->answered >= (p->searching ? ROUND_SMALL : ROUND_ANSWERS) &&
           (p->trial || span_ms >= ROUND_LEAST_MS);
}

/* True if so much was refused that the rest of the round need not be waited for. */
static bool round_is_refused(const struct pace *p, int64_t span_ms)
{
    if (is_explained(p, p->answered > ROUND_ANSWERS ? p->answered : ROUND_ANSWERS))
        return false;
    bool most = p->refused >= REFUSED_MOST && 2 * p->refused > p->answered;
    if (!p->limited)
        return most || span_ms >= ROUND_LEAST_MS;
    return most || !p->trial || p->refused >= REFUSED_ENOUGH;
}

static float refused_share(const struct pace *p)
{
    return (float)p->refused / (float)(p->answered + SERVED_BESIDE);
}

static void set_pace(struct pace *p, double per_second)
{
    p->limited = true;
    p->per_second = per_second > p->least ? per_second : p->least;
}

/* True if about the same share was refused at two different paces: the pace is not the cause. */
static bool is_noise(const struct pace *p)
{
    float share = refused_share(p);
    return p->trial && p->refused_before > 0 && p->refused_before < NOISE_MOST &&
           share >= p->refused_before / 2 && share < NOISE_MOST && p->per_second > p->least;
}

static void accept_noise(struct pace *p)
{
    p->noise = (p->refused_before + refused_share(p)) / 2;
    p->trial = p->searching = false;
    if (p->aim > 0)
        set_pace(p, p->aim);
    else
        p->limited = false;
}

/*
 * Calls a second in this round. While unlimited, answers are counted, since a call that was sent
 * may still wait for a connection. If limited, it is the pace, or less if the callers have not used
 * it.
 */
static double measured(const struct pace *p, int64_t span_ms)
{
    if (!p->limited)
        return 1000.0 * p->answered / (double)(span_ms > 1000 ? span_ms : 1000);
    double sent = 1000.0 * (p->sent > 0 ? p->sent : 1) / (double)(span_ms > 0 ? span_ms : 1);
    return sent < p->per_second ? sent : p->per_second;
}

/* Lowers the pace by the share that was refused beyond the noise. */
static void slow_down(struct pace *p, int64_t span_ms)
{
    float share = refused_share(p);
    if (p->trial) {
        p->refused_before = share;
    } else {
        p->aim = p->limited ? p->per_second : 0;
        p->refused_before = 0; /* the pace changed during that round */
        p->searching = !p->limited && span_ms < ROUND_LEAST_MS;
    }
    p->trial = true;
    if (share > 0.5F)
        p->searching = true;
    set_pace(p, measured(p, span_ms) * (1 - share) / (1 - p->noise) * MARGIN);
}

/* Doubles the pace each round until it comes near the one at which the trouble began. */
static void search(struct pace *p)
{
    if (p->aim <= 0 || p->per_second * 2 < p->aim) {
        p->per_second *= 2;
        return;
    }
    p->searching = false;
    set_pace(p, p->aim * MARGIN);
}

static void grow(struct pace *p)
{
    if (p->searching) {
        search(p);
    } else if (p->per_second < NEAR * p->aim) {
        p->per_second = (p->per_second + p->aim) / 2;
    } else {
        p->per_second *= 1 + p->step;
        p->step = p->step * STEP_GROWTH < STEP_MOST ? p->step * STEP_GROWTH : STEP_MOST;
    }
    if (p->per_second > UNLIMITED)
        p->limited = p->searching = false;
}

/* The trial was not refused, so the limit is taken to be its pace without the margin. */
static void find_limit(struct pace *p)
{
    float change = (refused_share(p) - p->noise) / 2;
    p->trial = false;
    p->noise += change < NOISE_RISE ? change : NOISE_RISE;
    p->step = STEP_FIRST;
    if (!p->searching)
        p->aim = p->per_second / MARGIN;
}

static void go_on(struct pace *p)
{
    if (p->trial)
        find_limit(p);
    else
        p->noise -= p->noise / NOISE_ROUNDS;
    if (p->limited)
        grow(p);
}

void pace_answered(struct pace *p, int64_t now_ms, int64_t sent_at_ms, bool refused)
{
    if (sent_at_ms <= p->round_from_ms)
        return;
    p->answered++;
    p->refused += refused;
    int64_t span_ms = now_ms - p->round_from_ms;
    bool whole = round_is_whole(p, span_ms);
    if (!whole && !round_is_refused(p, span_ms))
        return;
    if (whole && is_explained(p, p->answered))
        go_on(p);
    else if (is_noise(p))
        accept_noise(p);
    else
        slow_down(p, span_ms);
    begin_round(p, now_ms);
}
