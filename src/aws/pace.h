/* SPDX-License-Identifier: MIT */
/*
 * pace.h: how many calls a second a service takes, learned from what it refuses.
 *
 * AWS refuses a call for two reasons that look the same. Either our calls alone are too many: then
 * the pace is at fault, and at a slower one nothing is refused. Or others use the same limit, or
 * the service refuses calls at random: then the same share is refused at a slower pace, and nothing
 * is gained by it. The pace is therefore changed in rounds, and what a round teaches is whether the
 * change before it helped (decision 0060 has the model and what a simulation shows of it).
 *
 * - A round is 64 answers, or less if it takes long. Answers to calls sent before it do not count.
 * - Unlimited until a round is refused more than chance and noise explain.
 * - Then slower, in proportion to the share refused. That begins a trial.
 * - If the trial is refused as much as before, that share is noise: it is remembered, and the pace
 *   goes back to what it was. If the trial is not refused, the limit is found.
 * - From there the pace returns halfway to the limit each round, then passes it in growing steps.
 *
 * Knows neither loop nor clock: the same calls at the same times give the same pace.
 */
#ifndef AWS_PACE_H
#define AWS_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
    bool limited;          /* false: calls go as fast as the callers make them */
    bool trial;            /* slowed down; this round will show whether that helps */
    bool searching;        /* most calls were refused, so the limit is unknown */
    double per_second;     /* the pace, if limited */
    double least;          /* it is never below this */
    double aim;            /* in a trial, the pace before it (0: unlimited); else the limit found */
    int64_t sent_at_ms;    /* when the last call was sent */
    int64_t round_from_ms; /* only calls sent after this count */
    unsigned sent;         /* calls sent since then */
    unsigned answered;     /* answers to those, refusals included */
    unsigned refused;
    float noise;          /* share that is refused at whatever pace, 0 to 1 */
    float refused_before; /* share refused in the trial's round before this one; 0: none yet */
    float step;           /* by how much the next round may pass the limit found, as a share */
};

/* Unlimited. The pace never falls below 'least' calls a second (more than 0). */
void pace_init(struct pace *p, double least);
/* A call is sent at 'now_ms', a steady time in milliseconds. */
void pace_sent(struct pace *p, int64_t now_ms);
/*
 * At 'now_ms' an answer came to a call that was sent at 'sent_at_ms'; 'refused' if it asks to slow
 * down. May change 'limited' and 'per_second'.
 */
void pace_answered(struct pace *p, int64_t now_ms, int64_t sent_at_ms, bool refused);

#endif
