/* SPDX-License-Identifier: MIT */
/*
 * findings_tally.h: how many findings a run has, for the result document, the summary and the
 * metrics.
 */
#ifndef APP_FINDINGS_TALLY_H
#define APP_FINDINGS_TALLY_H

#include "base/arena.h"
#include "base/json_writer.h"
#include "rules/checker.h"

#include <jansson.h>

struct findings_tally {
    bool judged; /* false: no findings were asked for, and the rest is zero */
    uint64_t by[SEVERITY_COUNT][STATUS_COUNT];
    /* Lines of the suppression file that covered nothing: their numbers, ascending; in an arena. */
    size_t *unmatched;
    size_t unmatched_count;
};

/*
 * Adds the counts of a checker that has judged everything, to those of the parts that were merged
 * before, if any. Lines go into 'arena'.
 */
void findings_tally_take(struct findings_tally *t, const struct checker *checker,
                         struct arena *arena);
/* Appends the tally as a JSON value: an object. */
void findings_tally_write(const struct findings_tally *t, struct json_writer *w);
/*
 * Adds a tally that findings_tally_write has written; NULL if the document has none. All parts have
 * used the same suppressions, so a line is unmatched if no part has matched it.
 */
void findings_tally_merge(struct findings_tally *t, const json_t *part, struct arena *arena);
/* True if --fail-on, with --fail-on-unknown, is met. */
bool findings_tally_fails(const struct findings_tally *t, const struct check_options *options);
/* Failures of a severity that no suppression covers. */
uint64_t findings_tally_failed(const struct findings_tally *t, enum severity severity);
/* Appends lines for people: how many failures of each severity, and what is unknown. */
void findings_tally_write_text(const struct findings_tally *t, struct buffer *out);
/* All that are unknown. */
uint64_t findings_tally_unknown(const struct findings_tally *t);

#endif
