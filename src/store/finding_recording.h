/* SPDX-License-Identifier: MIT */
/*
 * finding_recording.h: the part of a recording that writes findings, by the table of their fields
 * (output/finding_fields.h): the table 'finding' has a column for each.
 */
#ifndef STORE_FINDING_RECORDING_H
#define STORE_FINDING_RECORDING_H

#include "output/finding_fields.h"
#include "store/statement.h"

struct finding_recording {
    struct statement statement;
    struct finding_run run;
    struct buffer json;
};

/* Prepares it. 'run_id' is borrowed. Released by finding_recording_release in any case. */
int finding_recording_init(struct finding_recording *f, struct database *d, const char *run_id,
                           int64_t started_s, struct error *e) MUST_CHECK;
void finding_recording_release(struct finding_recording *f);
int finding_recording_add(struct finding_recording *f, const struct finding *finding,
                          struct error *e) MUST_CHECK;

#endif
