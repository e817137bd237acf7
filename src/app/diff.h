/* SPDX-License-Identifier: MIT */
/*
 * diff.h: what has changed between two runs: the work of 'diff'.
 */
#ifndef APP_DIFF_H
#define APP_DIFF_H

#include "app/difference_format.h"

struct diff_work {
    const char *before_db, *after_db; /* paths; the same pointer: one database */
    const char *before, *after;       /* runs, as stored_run_find takes them; NULL: the last */
    const struct difference_format *format; /* NULL: the text for people */
    difference_set only;                    /* the kinds that are reported */
    bool with_use;
    bool exit_code; /* status 1 if anything differs */
    const char *output;
};

/* Does the work; says on stderr what is wrong. Returns the exit status. */
int diff_run(const struct diff_work *w);

#endif
