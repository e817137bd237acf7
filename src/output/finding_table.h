/* SPDX-License-Identifier: MIT */
/*
 * finding_table.h: findings for people: by rule, the worst first, a few resources of each.
 *
 * Memory does not grow with the number of findings: of each rule only the first failures are kept.
 */
#ifndef OUTPUT_FINDING_TABLE_H
#define OUTPUT_FINDING_TABLE_H

#include "base/arena.h"
#include "rules/checker.h"

#define FINDING_TABLE_SHOWN 10 /* resources of a rule */

struct finding_table {
    struct arena arena;
    bool coloured; /* false at first: set before the table is written */
    struct {
        struct view lines[FINDING_TABLE_SHOWN];
        size_t count;
    } rules[RULES_MAX];
};

void finding_table_init(struct finding_table *t);
void finding_table_release(struct finding_table *t);
/* Takes a finding, in the order of findings. */
void finding_table_add(struct finding_table *t, const struct finding *f);
/*
 * Appends the table. 'checker' has counted all findings; 'framework' is FRAMEWORK_COUNT, or the one
 * whose numbers are shown.
 */
void finding_table_write(const struct finding_table *t, const struct checker *checker,
                         enum framework framework, struct buffer *out);

#endif
